"""Start a script or a module as stages/python.sh is asked to, so that it stops on a signal or with its starter.

From its first moment: to import PyTorch takes seconds in which DVC may be killed.
"""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback of a Ctrl-C that comes during the imports below

import atexit
import os
import runpy
import sys
import threading
from contextlib import suppress
from pathlib import Path

from modescope.lifecycle import starter, stopping, temporary, worker

MORE = "; nothing half-written is left, and the next call goes on from what is saved"


def main(what: str, *arguments: str) -> None:
    """Run `stages/NAME.py ARGUMENT...` or `-m MODULE ARGUMENT...`, then end this process, if not with a traceback."""
    try:
        with stopping.raised(MORE):
            starter.mind()
            temporary.own(Path())
            if what == "-m":
                sys.argv = list(arguments)
                runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
            else:
                sys.argv = [what, *arguments]
                runpy.run_path(what, run_name="__main__")
    except BaseException as error:  # the end of a script, or what stopped it
        code = stopping.ended()
        if code is None and isinstance(error, SystemExit) and isinstance(error.code, int | None):
            code = error.code or 0
        if code is None:
            raise
        end(code)
    end(0)


def end(code: int) -> None:
    """End at once. Python takes half a second to take PyTorch apart, in every stage, and a signal would disturb it."""
    for name in stopping.NAMES:  # all is written, there is nothing to stop
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if code:
        worker.end_server()
    else:
        threading._shutdown()  # waits for threads, as Python does
    atexit._run_exitfuncs()  # workers give back what they shared, temporary files go
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
