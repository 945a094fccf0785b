"""What the system says of a file that cannot be read or written, in one line: which one, why, and what to do."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

AGAIN = "and run this again: nothing is half-written, and it continues with what is missing"
NAMELESS = "standard output or a temporary file"  # all that this program writes without giving it a name
READ_ONLY = f"the file system is read-only; make it writable or work in a copy elsewhere, {AGAIN}"
FORBIDDEN = f"no permission; `ls -ld` says who has it; change that, {AGAIN}"
BROKEN = f"the disk reports an error; look what is wrong with it, {AGAIN}"
REASONS = {
    errno.EDQUOT: f"your quota on this disk is used up; make room or ask for more, {AGAIN}",
    errno.EFBIG: f"larger than a file may be here (`ulimit -f`, or the file system's limit); raise the limit, {AGAIN}",
    errno.EROFS: READ_ONLY,
    errno.EACCES: FORBIDDEN,
    errno.EPERM: FORBIDDEN,
    errno.EIO: BROKEN,
    errno.ESTALE: BROKEN,
    errno.EISDIR: f"a folder, where a file belongs; move it away, {AGAIN}",
    errno.EEXIST: f"a file, where a folder belongs; move it away, {AGAIN}",
    errno.ENOTDIR: f"a file, where a folder belongs; move it away, {AGAIN}",
    errno.ELOOP: f"links that lead in a circle; remove one of them, {AGAIN}",
    errno.ENAMETOOLONG: "the name is too long for this file system; choose a shorter one",
    errno.EMFILE: f"too many open files; raise the limit (`ulimit -n`), {AGAIN}",
    errno.ENFILE: f"too many open files on this machine; end what holds them, {AGAIN}",
}


def line(error: OSError) -> str | None:
    """The line about an error of the system; None for one that points to a fault of this program instead."""
    name = error.filename if error.filename2 is None else error.filename2  # the second is where something was put
    path = os.fsdecode(name) if isinstance(name, str | bytes | os.PathLike) else None
    if error.errno == errno.ENOSPC:
        found = f"too little space on the disk{_free(path)}; make room, {AGAIN}"
    elif error.errno in REASONS:
        found = REASONS[error.errno]
    else:
        return None
    return f"{NAMELESS if path is None else _culprit(path, error.errno)}: {found}"


def _culprit(path: str, number: int) -> str:
    """The part of the path that is at fault: a file in the place of a folder may stand at any level."""
    if number != errno.ENOTDIR:
        return path
    return next((str(part) for part in Path(path).parents if part.exists() and not part.is_dir()), path)


def _free(path: str | None) -> str:
    """How much is free where the file would lie: bytes, or files where the disk can hold no more of them."""
    if path is None:
        return ""
    file = Path(path)
    folder = next((part for part in (file, *file.parents) if part.is_dir()), Path())
    free, names = shutil.disk_usage(folder).free, getattr(os, "statvfs", None)
    where = folder.resolve()
    if names is not None and (found := names(folder)).f_files and not found.f_favail:
        return f": {where} can hold no more files, however small"
    unit, size = next((pair for pair in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)) if free >= pair[1]), ("bytes", 1))
    return f": {free / size:.{0 if size == 1 else 1}f} {unit} free in {where}"
