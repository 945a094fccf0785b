"""A stage ends with the DVC or make that started it: an orphan would write over the results of the next call."""

from __future__ import annotations

import os
import threading
import time
from itertools import pairwise
from pathlib import Path

from modescope.lifecycle import stopping

VARIABLE = "MODESCOPE_STARTER"  # set by stages/python.sh: its parent, before anything takes time
LOOK_EVERY_S = 0.25
SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "fish"}  # DVC and make call a command through one, which may outlive them
PROC = Path("/proc")


def mind() -> None:
    """Start a thread that stops this process when its starter has ended, and ends it if it does not stop in time."""
    started = os.environ.pop(VARIABLE, "")  # not for processes that this one starts
    line = ancestors(int(started)) if started.isdigit() else [os.getpid()]
    threading.Thread(target=_look, args=(line,), daemon=True).start()


def ancestors(parent: int) -> list[int]:
    """This process, its parent as it was at the beginning, and on through shells up to what started them."""
    line = [os.getpid(), parent]
    while _about(line[-1])[0] in SHELLS and (above := _about(line[-1])[1]):
        line.append(above)
    return line


def orphaned(line: list[int]) -> bool:
    """Whether one of a line of processes is no longer the child of the next: the system gave it another parent."""
    return any((os.getppid() if own == os.getpid() else _about(own)[1]) != above for own, above in pairwise(line))


def running(pid: int) -> bool:
    """Whether a process still does something: one that has ended and that nobody asked about does not.

    Such a one may stay for long in a container, whose first process asks about none. Without /proc: whether it exists.
    """
    if fields := _stat(pid)[1]:
        return fields[0] not in "ZX"
    if PROC.is_dir():
        return False
    if os.name != "posix":
        return True  # Windows has no harmless way to ask
    try:
        os.kill(pid, 0)
    except OSError as error:
        return not isinstance(error, ProcessLookupError)  # another user's
    return True


def _about(pid: int) -> tuple[str, int]:
    """Name and parent of a process; ("", 0) where it has ended, or without /proc."""
    name, fields = _stat(pid)
    return (name, int(fields[1])) if fields else ("", 0)


def _stat(pid: int) -> tuple[str, list[str]]:
    """Name of a process, then its state, its parent and so on as in proc(5); nothing where it is gone, or no /proc."""
    try:
        name, _, rest = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
    except OSError:
        return "", []
    return name.partition("(")[2], rest.split()


def _look(line: list[int]) -> None:
    told = False
    while True:
        if not told and orphaned(line):
            told = True
            stopping.stop("since the process that started it has ended")
        stopping.end_if_overdue()
        time.sleep(LOOK_EVERY_S)
