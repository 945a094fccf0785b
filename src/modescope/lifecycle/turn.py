"""One stage of a project at a time: a lock that ends with its process, and what a killed one left is swept up."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NAME = ".turn"  # in the folder that the lock is for; holds who has it, and is gone after an orderly end
LOOK_EVERY_S = 0.2
PATIENCE_S = 2.0  # an orphan ends in that time, so only what takes longer is worth a line
# Where stages write, below the root of a project or an extra. The rest may be large, or not ours.
PLACES = ("data", "runs", "history", "scores", "media", "plan", "digests", "docs", "reports", ".checkpoints")
LEFTOVERS = (".*.part", ".*.old", ".compare.*", ".pdf.*")


@contextmanager
def taken(root: Path) -> Iterator[None]:
    """Wait until no other process writes the outputs of this root, then keep others waiting.

    Where the one before was killed, its temporary files are removed. The system gives up the lock of a process that
    ends, however it ends. Where it has no such locks (Windows, some network drives), nobody waits.
    """
    handle = _wait(root / NAME)
    if handle is None:
        yield
        return
    try:
        if os.read(handle, 1):  # nobody has it and nobody gave it back
            sweep(root)
        with suppress(OSError):  # a full disk has no room for it; the lock holds, and what is to be written says more
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()}: {' '.join(sys.argv)}".encode(), 0)
        yield
    finally:
        (root / NAME).unlink(missing_ok=True)  # before the lock ends, so that it is never another's file
        os.close(handle)


def sweep(root: Path) -> list[Path]:
    """Remove the temporary files and folders of processes that were killed; returns what it removed."""
    found = [path for place in PLACES for pattern in LEFTOVERS for path in (root / place).rglob(pattern)]
    found += [path for pattern in LEFTOVERS for path in root.glob(pattern)]
    for path in found:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return found


def _wait(file: Path) -> int | None:
    """The open and locked file; None where the system cannot lock."""
    try:
        import fcntl
    except ImportError:
        return None
    begun, said = time.monotonic(), False
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not said and time.monotonic() - begun > PATIENCE_S:
                said = True
                who = os.read(handle, 300).decode(errors="replace") or "another process"
                print(f"modescope: waits for {who}, which writes here", file=sys.stderr, flush=True)
            os.close(handle)
            time.sleep(LOOK_EVERY_S)
            continue
        except OSError:
            os.close(handle)
            return None
        with suppress(FileNotFoundError):  # the one before has removed the file between our two calls
            if os.path.samestat(os.fstat(handle), file.stat()):
                return handle
        os.close(handle)
