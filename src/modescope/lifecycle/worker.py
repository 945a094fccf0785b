"""Imported first by the server that forks workers: it and they end with the process that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress

DRIVER = "MODESCOPE_DRIVER"  # set for the server: the process that starts it
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Let the system kill this process as soon as its parent ends, whatever it is doing then. Linux alone can do it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_server() -> None:
    """In the driver: end the server, and with it workers that are still starting.

    They would not find what the driver shares with them and gives back when it ends, and complain at length.
    """
    server = getattr(sys.modules.get("multiprocessing.forkserver"), "_forkserver", None)
    pid = getattr(server, "_forkserver_pid", None)
    if pid is not None:
        with suppress(OSError):  # it has ended
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _serve() -> None:
    # Ctrl-C reaches every process of a terminal; the driver ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = os.getpid()
    _follow(int(os.environ.pop(DRIVER)))
    os.register_at_fork(after_in_child=lambda: _follow(server))


def _follow(parent: int) -> None:
    """End with the parent, also if it ended meanwhile."""
    end_with_parent()
    if os.getppid() != parent:
        os._exit(1)


if DRIVER in os.environ:
    _serve()
