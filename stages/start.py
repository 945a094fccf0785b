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

from modescope.lifecycle import starter, stopping

MORE = "; nothing half-written is left, and the next call goes on from what is saved"


def main(what: str, *arguments: str) -> None:
    """Run `stages/NAME.py ARGUMENT...` or `-m MODULE ARGUMENT...`; where it is stopped, this process ends here."""
    try:
        with stopping.raised(MORE):
            starter.mind()
            if what == "-m":
                sys.argv = list(arguments)
                runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
            else:
                sys.argv = [what, *arguments]
                runpy.run_path(what, run_name="__main__")
    except BaseException:  # its own, or the end of a script that has said it
        code = stopping.ended()
        if code is None:
            raise
        atexit._run_exitfuncs()  # of multiprocessing: it gives back what workers shared
        os._exit(code)  # at once: Python takes a second to take PyTorch apart, and nothing would limit that
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # no traceback of a Ctrl-C while Python ends


if __name__ == "__main__":
    main(*sys.argv[1:])
