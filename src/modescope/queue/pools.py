"""Which workers the trainings get: a Dask cluster, the GPU of this process, or the cores of this machine."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import torch

from modescope import executors, machine
from modescope.engine.experiments import Job, device
from modescope.params import environment
from modescope.params.config import ConfigError
from modescope.queue import cluster

WORKER_BYTES = 600 << 20  # PyTorch, its memory for a step, and what SciPy and pandas take
COPIES = 6  # of the samples of a task at once: network layers, views, averaged weights, the message to the driver


def remote() -> str:
    """The address of a Dask scheduler, or nothing. Where the trainings run changes no result, so params do not say."""
    return environment.value(cluster.VARIABLE)


@contextmanager
def opened(jobs: Sequence[Job]) -> Iterator[executors.Pool]:
    """Workers for the jobs, whose slots are their places in the list."""
    if remote():
        with cluster.connect(remote(), len(jobs)) as pool:
            yield pool
    elif (chosen := device()).type == "cuda":
        if (chosen.index or 0) >= torch.cuda.device_count():
            raise ConfigError(
                f"{environment.DEVICE}={chosen}: PyTorch finds {torch.cuda.device_count()} GPUs here, counted from 0; "
                "allowed: cpu, or unset"
            )
        yield Here(len(jobs))
    else:
        with executors.local(workers(jobs), len(jobs), executors.TRAINING) as processes:
            yield processes


def workers(jobs: Sequence[Job]) -> int:
    """How many processes to start on this machine: one a core, but no more than there are jobs or than memory holds."""
    free, most = machine.memory(), min(machine.cores(), len(jobs))
    return most if free is None else max(1, min(most, free // max(footprint(job) for job in jobs)))


def footprint(job: Job) -> int:
    """About how many bytes a process takes for a job: PyTorch, both sets twice, its samples and their way to them."""
    samples = len(job.task.seeds) * job.task.n_samples * job.train_set[0].nbytes
    return int(WORKER_BYTES + 2 * (job.train_set.nbytes + job.held_out.nbytes) + COPIES * samples + _layers(job))


def _layers(job: Job) -> int:
    """Bytes of two layers at all samples at once: for 4,000 replicas of 16 units and 5,000 points it took 2.2 GB."""
    networks = job.task.settings.networks
    widths = [width for name in networks.given for width in getattr(getattr(networks, name), "hidden", [])]
    return 2 * len(job.task.seeds) * job.task.n_samples * max(widths, default=0) * job.train_set.itemsize


class Here:
    """A `Pool` of this process alone, for a GPU: one task after the other, in a thread."""

    def __init__(self, n_slots: int) -> None:
        self._units = [0] * n_slots
        self._waiting: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()  # ends with the process, so Ctrl-C is not held up

    def submit(self, function: Callable[[Any, executors.Report], Any], task: Any, slot: int) -> Future[Any]:
        """As `Pool`."""

        def report(n: int) -> None:
            self._units[slot] += n

        future: Future[Any] = Future()
        self._waiting.put((future, lambda: function(task, report)))
        return future

    def done(self) -> Sequence[int]:
        """As `Pool`."""
        return list(self._units)

    def size(self) -> int:
        """As `Pool`."""
        return 1

    def _work(self) -> None:
        while True:
            future, call = self._waiting.get()
            try:
                future.set_result(call())
            except Exception as error:
                future.set_exception(error)
