"""Imported by every Python that has this folder on its path: notes what the stages of a copy of the project use.

Written to MODESCOPE_RECORD, one line each with stage and process: every file below MODESCOPE_ROOT that runs or is
read, every package that is imported, every fork. Audit events see an import whichever way it is made, and a worker
inherits them through its fork.
"""

import os
import sys
from pathlib import Path

ROOT, LOG = os.environ.get("MODESCOPE_ROOT", ""), os.environ.get("MODESCOPE_RECORD", "")
STAGE = os.environ.get("DVC_STAGE", "")
seen: set[tuple[str, str]] = set()


def note(kind: str, what: str) -> None:
    """Write a line, whole and once a process."""
    if (kind, what) not in seen:
        seen.add((kind, what))
        file = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, f"{STAGE}\t{os.getpid()}\t{kind}\t{what}\n".encode())
        os.close(file)


def below(path: str) -> str | None:
    """The path relative to the copy, or None outside it."""
    path = os.path.realpath(path)
    return path[len(ROOT) + 1 :] if path.startswith(ROOT + os.sep) else None


def hook(event: str, arguments: tuple) -> None:
    """Called by the interpreter for everything that can be audited."""
    if event == "exec":  # of a module's code: its import, or its start as a script
        file = getattr(arguments[0], "co_filename", "<")
        if not file.startswith("<") and arguments[0].co_name == "<module>":
            folder = Path(file).parent
            if path := below(file):
                note("run", path)
            elif file.endswith("__init__.py") and str(folder.parent) in sys.path:
                note("package", folder.name)
    elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        path, mode, flags = arguments
        reads = mode[:1] == "r" if isinstance(mode, str) else flags & os.O_ACCMODE == os.O_RDONLY
        # A bare name without a mode is a folder that `rmtree` empties, relative to a folder that is not told.
        bare = mode is None and os.sep not in os.fsdecode(path)
        if reads and not bare and (path := below(os.fsdecode(path))):
            note("read", path)


def forked() -> None:
    """A worker begins with nothing noted."""
    seen.clear()
    note("fork", sys.argv[0])


if STAGE and ROOT and LOG:
    sys.addaudithook(hook)
    os.register_at_fork(after_in_child=forked)
