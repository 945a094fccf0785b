"""Small disks: a file system in memory, mounted at a folder, with a little room or none to write at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WIDE = 256 << 20
PAGE = os.sysconf("SC_PAGE_SIZE")


class Disk:
    """What is mounted at `folder`, with what the folder had before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def leave(self, room: int) -> None:
        """Make all but `room` bytes of it taken."""
        there = os.statvfs(self.folder)
        used = (there.f_blocks - there.f_bfree) * there.f_frsize
        self._again(f"size={used + room // PAGE * PAGE}")

    def widen(self) -> None:
        """Make room."""
        self._again(f"rw,size={WIDE}")

    def protect(self) -> None:
        """Let nothing be written."""
        self._again("ro")

    def _again(self, options: str) -> None:
        _call("mount", "-o", f"remount,{options}", str(self.folder))


def allowed() -> str:
    """Empty where this process may mount, else why not."""
    if not shutil.which("mount"):
        return "there is no `mount` here"
    with tempfile.TemporaryDirectory() as folder:
        try:
            with mounted(Path(folder)):
                return ""
        except subprocess.CalledProcessError as error:
            return f"not allowed to mount: {' '.join(error.stderr.split())}"


@contextmanager
def mounted(folder: Path) -> Iterator[Disk]:
    """A disk of its own at a folder, which is made if need be and keeps its content; gone when the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as beside:
        shutil.copytree(folder, beside, symlinks=True, dirs_exist_ok=True)
        _call("mount", "-t", "tmpfs", "-o", f"size={WIDE}", "tmpfs", str(folder))
        try:
            shutil.copytree(beside, folder, symlinks=True, dirs_exist_ok=True)
            yield Disk(folder)
        finally:
            _call("umount", "--lazy", str(folder))


def _call(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
