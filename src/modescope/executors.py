"""Runs tasks on the cores of this machine, in one single-threaded process each."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import forkserver
from typing import Any, Protocol, TypeVar

from threadpoolctl import threadpool_limits
from tqdm import tqdm

from modescope.lifecycle import worker
from modescope.machine import cores

Item = TypeVar("Item")
Result = TypeVar("Result")
Report = Callable[[int], None]

# Read by a process when it starts. One thread each, as there is a process for every core. The C library
# keeps freed memory instead of returning it to the system: a step of five stacked replicas (2x128 units,
# batch 256) takes 8.2 instead of 10.0 ms. NumPy leaves out AVX-512: with it, sorting takes four times as long on AMD's
# Zen 4 (0.28 instead of 0.07 ms for 10,000 numbers), and the last bit of exponentials is another than with AVX2.
WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "MALLOC_TOP_PAD_": str(1 << 26),
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}
POLL_S = 0.2
PACKS = 50  # for each worker: thousands of short tasks travel in packs, since a message costs as much as a short task
TRAINING = "modescope.engine.worker"  # what the workers of trainings import

_progress: Any = None  # in a worker: the shared array of units done, one slot a task


class CrashError(RuntimeError):
    """A worker process ended in the middle of its task: killed, out of memory, or a fault of a library."""


class Pool(Protocol):
    """Workers that take tasks, wherever they are."""

    def submit(self, function: Callable[[Any, Report], Result], task: Any, slot: int) -> Future[Result]:
        """Run `function(task, report)` on a worker; `report(n)` adds n units of work to those of `slot`."""

    def done(self) -> Sequence[int]:
        """Units of work done, by slot; a task that runs again counts from zero."""

    def size(self) -> int:
        """How many workers there are now."""


def warm(preload: str) -> None:
    """Start the fork server of the workers, so that it imports `preload` while this process does other work.

    Call it from the main thread: the server ends with the thread that starts it.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        multiprocessing.get_context("forkserver").set_forkserver_preload([worker.__name__, preload])
        with _environment(WORKER_ENVIRONMENT | {worker.DRIVER: str(os.getpid())}), _without_interrupts():
            forkserver.ensure_running()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes started within the block never see Ctrl-C; this one sees it at its end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    """Sets environment variables for processes started within the block."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _context(preload: str) -> Any:
    """How workers start: forked from a server that has imported the module `preload`, where the system can do it."""
    warm(preload)
    return multiprocessing.get_context(
        "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    )


@contextmanager
def process_pool(n_workers: int, preload: str) -> Iterator[Executor]:
    """A plain pool of single-threaded processes, set up like those of a `Pool`; they end with the block."""
    with _environment(WORKER_ENVIRONMENT):
        pool = ProcessPoolExecutor(n_workers, _context(preload), _start_worker, (None,))
        try:
            yield pool
        finally:
            _end(pool)


def _end(pool: ProcessPoolExecutor) -> None:
    """End the workers of a pool, whatever they do."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()


class Processes:
    """A `Pool` of single-threaded processes of this machine, each an executor of its own.

    So a crash of one costs the task that it happened in and no other.
    """

    def __init__(self, n_workers: int, n_slots: int, preload: str) -> None:
        self._n_workers, self._start = n_workers, _context(preload)
        self._progress = self._start.Array("q", max(1, n_slots))
        self._threads = ThreadPoolExecutor(n_workers)
        self._idle: queue.SimpleQueue[ProcessPoolExecutor] = queue.SimpleQueue()
        self._all: list[ProcessPoolExecutor] = []
        for _ in range(n_workers):
            self._idle.put(self._worker())

    def submit(self, function: Callable[[Any, Report], Result], task: Any, slot: int) -> Future[Result]:
        """As `Pool`; tasks start in the order in which they come. The future raises CrashError if the worker ends."""
        return self._threads.submit(self._run, function, task, slot)

    def done(self) -> Sequence[int]:
        """As `Pool`."""
        return list(self._progress)

    def size(self) -> int:
        """As `Pool`."""
        return self._n_workers

    def end(self) -> None:
        """End every worker, whatever it does."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for executor in self._all:
            _end(executor)

    def _run(self, function: Callable[[Any, Report], Result], task: Any, slot: int) -> Result:
        executor = self._idle.get()
        try:
            return executor.submit(_run_one, function, task, slot).result()
        except BrokenProcessPool:
            self._progress[slot] = 0
            self._all.remove(executor)
            executor = self._worker()
            raise CrashError("the process that ran it has ended; out of memory, or killed") from None
        finally:
            self._idle.put(executor)

    def _worker(self) -> ProcessPoolExecutor:
        self._all.append(ProcessPoolExecutor(1, self._start, _start_worker, (self._progress,)))
        return self._all[-1]


@contextmanager
def local(n_workers: int, n_slots: int, preload: str) -> Iterator[Processes]:
    """A `Pool` on this machine for tasks 0 ... n_slots-1; all its processes end with the block."""
    with _environment(WORKER_ENVIRONMENT):
        pool = Processes(n_workers, n_slots, preload)
        try:
            yield pool
        finally:
            pool.end()


def run(
    function: Callable[[Item, Report], Result],
    tasks: Sequence[Item],
    *,
    units: int,
    unit: str,
    describe: str,
    preload: str,
) -> list[Result]:
    """The results of `function(task, report)` in the order of the tasks; shows a progress bar.

    `function` must be importable by name and call `report(n)` after every n units of work; `units` is the
    total. Raises the first exception of a task and terminates the others.
    """
    if not tasks:
        return []
    workers = min(cores(), len(tasks))
    size = max(1, len(tasks) // (workers * PACKS))
    packs = [tasks[start : start + size] for start in range(0, len(tasks), size)]
    with (
        tqdm(total=units, desc=describe, unit=f" {unit}", file=sys.stderr, mininterval=0.5, smoothing=0.05) as bar,
        local(workers, len(packs), preload) as pool,
    ):
        futures = [pool.submit(partial(_each, function), pack, slot) for slot, pack in enumerate(packs)]
        pending = set(futures)
        while pending:
            done, pending = wait(pending, timeout=POLL_S)
            bar.update(sum(pool.done()) - bar.n)
            for future in done:
                future.result()
        return [result for future in futures for result in future.result()]


def _each(function: Callable[[Item, Report], Result], pack: Sequence[Item], report: Report) -> list[Result]:
    return [function(task, report) for task in pack]


def _start_worker(progress: Any) -> None:
    global _progress
    _progress = progress
    worker.end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver ends its workers
    threadpool_limits(1)
    threading.Thread(target=_end_with_driver, daemon=True).start()


def _end_with_driver() -> None:
    """End this worker when the process that started the pool has ended, for example if it was killed."""
    driver = multiprocessing.parent_process()
    if driver is not None:
        driver.join()
        os._exit(1)


def _run_one(function: Callable[[Item, Report], Result], task: Item, slot: int) -> Result:
    def report(n: int) -> None:
        _progress[slot] += n

    return function(task, report)
