"""How speed is measured: at once on every core, in a process of its own, by wall or by processor time."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import torch

from modescope import executors, machine
from modescope.engine.draws import CHUNK
from modescope.engine.experiments import prepare_worker
from modescope.engine.tasks import Task
from modescope.engine.training import train
from modescope.params.config import Experiment
from modescope.params.settings import Snapshots

Clock = Callable[[], float]
PRELOAD = "benchmarks.preload"
PEAK_SIZE = 1024  # of the square matrices whose product is taken for the peak
STEPS = 100 * CHUNK  # of a training at most: losses are written down once a chunk, as in a training of the articles
POINTS, PICTURES = 50_000, 2_000  # in the train set


def everywhere(measure: Callable[..., float], *arguments: Any) -> float:
    """The sum of `measure` over one single-threaded process a core, all at once, set up like the engine's workers."""
    n = machine.cores()
    with executors.process_pool(n, PRELOAD) as pool:
        return sum(future.result() for future in [pool.submit(measure, *arguments) for _ in range(n)])


@contextmanager
def plain_process() -> Iterator[Callable[..., Any]]:
    """A way to call functions in one process of its own, which has PyTorch's defaults and none of our settings."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield lambda function, *arguments: pool.submit(function, *arguments).result()


class _EnoughError(Exception):
    """Ends a training whose speed is known."""


def engine(
    settings: Experiment, shape: tuple[int, ...], replicas: int, seconds: float, clock: Clock = time.perf_counter
) -> float:
    """Model-steps a second of one task in this process, after its first chunk of steps."""
    prepare_worker()
    n = POINTS if len(shape) == 1 else PICTURES
    data = np.random.default_rng(0).standard_normal((n, *shape), dtype=np.float32)
    settings = settings.model_copy(update={"ema": None, "snapshots": Snapshots(points=1, rest=1)})
    ends: list[float] = []
    done: list[int] = []

    def report(model_steps: int) -> None:
        ends.append(clock())
        done.append(model_steps)
        if len(ends) > 1 and ends[-1] - ends[0] >= seconds:
            raise _EnoughError

    with suppress(_EnoughError):
        train(Task("bench", "base", settings, list(range(replicas)), STEPS, 1), data, report=report)
    return sum(done[1:]) / (ends[-1] - ends[0])


def rate(work: Callable[[], object], seconds: float, clock: Clock = time.perf_counter) -> float:
    """Calls a second, after a warm-up of a third of the time."""
    for limit in (seconds / 3, seconds):
        start, done = clock(), 0
        while (elapsed := clock() - start) < limit or done == 0:
            work()
            done += 1
    return done / elapsed


def peak(seconds: float, clock: Clock = time.perf_counter) -> float:
    """GFLOP/s of one thread's matrix product."""
    torch.set_num_threads(1)
    a, b = torch.randn(2, PEAK_SIZE, PEAK_SIZE)
    return rate(lambda: a @ b, seconds, clock) * 2 * PEAK_SIZE**3 / 1e9
