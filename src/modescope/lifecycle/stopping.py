"""Ctrl-C, SIGTERM and a closed terminal end a script like an exception: it cleans up, says one line, has a code."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

GRACE_S = 1.5  # for cleaning up; a process that takes longer is ended by `end_if_overdue`
NAMES = {"SIGINT": "Ctrl-C", "SIGTERM": "SIGTERM", "SIGHUP": "its terminal, which was closed"}  # Windows lacks SIGHUP


class Stopped(BaseException):
    """Asked to end. Like KeyboardInterrupt it is no Exception, so that nothing takes it for a fault and goes on."""

    def __init__(self, code: int, line: str) -> None:
        super().__init__(line)
        self.code = code  # 128 + the number of the signal, as shells have it
        self.said = False


_reason, _more = "", ""  # why this process sends itself the signal, and what its line says besides
_asked: tuple[float, Stopped] | None = None  # since when it should end (time.monotonic)
_active = False


@contextmanager
def raised(more: str = "") -> Iterator[None]:
    """Within the block the first signal raises Stopped in the main thread; later ones do not disturb its cleaning up.

    Its line ends with `more`. A signal that the caller ignores, as `nohup` does, stays ignored. A block within the
    block changes nothing.
    """
    global _active, _asked, _reason, _more
    if _active or threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    before = {n: signal.getsignal(n) for n in numbers if signal.getsignal(n) not in (signal.SIG_IGN, None)}
    _active, _asked, _reason, _more = True, None, "", more
    for number in before:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        _active = False
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    global _asked
    if _asked is None:
        reason = _reason or f"by {NAMES[signal.Signals(number).name]}"
        _asked = time.monotonic(), Stopped(128 + number, f"stopped {reason}{_more}")
        raise _asked[1]


def stop(reason: str) -> None:
    """From any thread: end this process as SIGTERM does, but with this reason in its line."""
    global _reason
    _reason = reason
    os.kill(os.getpid(), signal.SIGTERM)


def end_if_overdue() -> None:
    """End this process at once if it was asked to and has not cleaned up in time. Called now and then by a thread."""
    if _asked is not None and time.monotonic() - _asked[0] > GRACE_S:
        os._exit(say(_asked[1]))


def ended() -> int | None:
    """The exit code of a process that was asked to end, whose line has then been said; None for any other."""
    return None if _asked is None else say(_asked[1])


def say(stopped: Stopped) -> int:
    """Print the line, once; returns the exit code."""
    with suppress(OSError):  # the terminal may be gone
        if not stopped.said:
            stopped.said = True
            print(f"modescope: {stopped}", file=sys.stderr, flush=True)
    return stopped.code
