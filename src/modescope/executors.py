"""Runs tasks on the cores of this machine, in one single-threaded process each, or in this process for a GPU."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import forkserver
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits
from tqdm import tqdm

Item = TypeVar("Item")
Result = TypeVar("Result")
Report = Callable[[int], None]

# Read by a process when it starts. One thread each, as there is a process for every core. The C library
# keeps freed memory instead of returning it to the system: a step of five stacked replicas (2x128 units,
# batch 256) takes 8.2 instead of 10.0 ms.
WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "MALLOC_TOP_PAD_": str(1 << 26),
}
POLL_S = 0.2

_progress: Any = None  # in a worker: the shared array of units done, one slot a task


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def warm(preload: str) -> None:
    """Start the fork server of the workers, so that it imports `preload` while this process does other work."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        multiprocessing.get_context("forkserver").set_forkserver_preload([preload])
        with _environment(WORKER_ENVIRONMENT):
            forkserver.ensure_running()


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


@contextmanager
def process_pool(n_tasks: int, preload: str) -> Iterator[tuple[Executor, Any]]:
    """A pool with a single-threaded process for each core, and the shared array of units done by each task.

    The workers are forked from a server that has imported the module `preload`.
    """
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        context.set_forkserver_preload([preload])
    progress = context.Array("q", n_tasks)
    with (
        _environment(WORKER_ENVIRONMENT),
        ProcessPoolExecutor(min(cores(), n_tasks), context, _start_worker, (progress,)) as pool,
    ):
        try:
            yield pool, progress
        except BaseException:
            processes = list(getattr(pool, "_processes", {}).values())  # the pool forgets them in its shutdown
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()
            raise


def run(
    function: Callable[[Item, Report], Result],
    tasks: Sequence[Item],
    *,
    units: int,
    unit: str,
    describe: str,
    preload: str,
    in_process: bool = False,
) -> list[Result]:
    """The results of `function(task, report)` in the order of the tasks; shows a progress bar.

    `function` must be importable by name and call `report(n)` after every n units of work; `units` is the
    total. Raises the first exception of a task and terminates the others.
    """
    if not tasks:
        return []
    with tqdm(total=units, desc=describe, unit=f" {unit}", file=sys.stderr, mininterval=0.5, smoothing=0.05) as bar:
        if in_process:
            return [function(task, _advance(bar)) for task in tasks]
        with process_pool(len(tasks), preload) as (pool, progress):
            futures = [pool.submit(_run_one, function, task, slot) for slot, task in enumerate(tasks)]
            pending: set[Future[Result]] = set(futures)
            while pending:
                done, pending = wait(pending, timeout=POLL_S)
                bar.update(sum(progress) - bar.n)
                for future in done:
                    future.result()
            return [future.result() for future in futures]


def _advance(bar: tqdm[Any]) -> Report:
    def report(n: int) -> None:
        bar.update(n)

    return report


def _start_worker(progress: Any) -> None:
    global _progress
    _progress = progress
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
