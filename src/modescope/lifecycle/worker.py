"""Imported first by the server that forks workers: it and they end with the process that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

DRIVER = "MODESCOPE_DRIVER"  # set for the server: the process that starts it
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Let the system kill this process as soon as its parent ends, whatever it is doing then. Linux alone can do it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if DRIVER in os.environ:
    # Ctrl-C reaches every process of a terminal; the driver ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    if os.environ.pop(DRIVER) != str(os.getppid()):  # it ended meanwhile
        os._exit(1)
