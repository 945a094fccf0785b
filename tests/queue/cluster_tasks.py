"""Tasks that the workers of the tests import by name."""

import os
import signal
import time


def loop(task, report):
    """`n` units, a pause each; returns the process that ran it."""
    n, pause = task
    for _ in range(n):
        time.sleep(pause)
        report(1)
    return os.getpid()


def slow_work(job, report):
    """`work` with a pause after each report, so that it lasts long enough to be interrupted."""
    from modescope.engine.experiments import work  # the other tasks need no PyTorch

    def slow(n):
        report(n)
        time.sleep(0.2)

    return work(job, slow)


def total(array, report):
    """The sum of an array, and whether PyTorch may take it as it is."""
    return float(array.sum()), array.flags.writeable


def fail(task, report):
    raise KeyError(task)


def die(task, report):
    os.kill(os.getpid(), signal.SIGKILL)
