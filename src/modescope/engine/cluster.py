"""The queue's tasks on a Dask cluster: each goes to a worker that is free and like this process."""

from __future__ import annotations

import logging
import sys
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from modescope.engine import likeness, parcel
from modescope.executors import CrashError, Report
from modescope.params.config import ConfigError

VARIABLE = "DASK_SCHEDULER_ADDRESS"
ANSWER_S, WORKERS_S = 30.0, 60.0  # how long to wait for the scheduler, and then for a worker
COUNT_EVERY_S = 1.0  # between two counts of the workers
Result = TypeVar("Result")


@contextmanager
def connect(address: str, n_slots: int) -> Iterator[Cluster]:
    """A `Pool` of the workers of the Dask scheduler at `address`, for tasks 0 ... n_slots-1.

    Raises ConfigError, before a task is sent, where the scheduler or a worker is missing or unlike this process.
    What still runs at the end of the block is cancelled.
    """
    where = f"{VARIABLE}={address}"
    try:
        import dask
        import distributed
    except ImportError:
        raise ConfigError(f"{where}: needs the package distributed: pip install 'modescope[cluster]'") from None
    # Dask warns of large tasks; a train set is one, but travels once.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TiB"}):
        try:
            connection: Any = distributed.Client  # its arguments have no types
            client = connection(address, timeout=ANSWER_S, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:  # nobody answers; not an address
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ConfigError(f"{where}: no scheduler answers ({reason}); start one: dask scheduler") from None
        with client:
            pool = Cluster(client, where, _checked(client, where), n_slots)
            try:
                yield pool
            finally:
                pool.end()


def _checked(client: Any, where: str) -> list[str]:
    """The addresses of the workers. Raises ConfigError without any, and where one or the scheduler is unlike us."""
    if not client.nthreads():
        print(f"modescope: {where}: waits for a worker", file=sys.stderr, flush=True)
        try:
            client.wait_for_workers(1, timeout=WORKERS_S)
        except TimeoutError:
            mend = likeness.start_command(client)
            raise ConfigError(f"{where}: no worker came in {WORKERS_S:.0f} s; start some: {mend}") from None
    workers = list(client.nthreads())
    for who, what in (likeness.of_scheduler(client) | likeness.of_workers(client, workers)).items():
        raise ConfigError(f"{where}: {who}: {what}")
    return workers


class Cluster:
    """A `Pool` of Dask workers. A lost worker costs its task alone, which Dask runs again on another.

    A task is sent when a worker is free for it. So tasks start in the order in which they come, the scheduler
    holds few of them, and a lost worker takes none with it that has not begun.
    """

    def __init__(self, client: Any, where: str, workers: Iterable[str], n_slots: int) -> None:
        self._client, self._where = client, where
        self._executor = client.get_executor(pure=False)
        self._topic = f"modescope-{uuid.uuid4()}"
        self._units = [0] * n_slots
        self._workers, self._unlike = set(workers), set[str]()  # addresses; the others get no task
        self._packer = parcel.Packer()
        self._waiting: deque[tuple[Future[Any], bytes, parcel.Arrays, int]] = deque()
        self._running: dict[int, str] = {}  # slot -> the address of its worker
        self._needed: Counter[str] = Counter()  # name of a large array -> how many tasks still need it
        self._inputs: dict[str, Any] = {}  # those that are on the cluster
        self._changed, self._ended, self._lost = threading.Condition(), False, False
        client.subscribe_topic(self._topic, self._hear)
        self._dealer = threading.Thread(target=self._deal, daemon=True)
        self._dealer.start()

    def submit(self, function: Callable[[Any, Report], Result], task: Any, slot: int) -> Future[Result]:
        """As `Pool`.

        The future raises CrashError if workers were lost again and again while they ran the task, and ConfigError
        if the scheduler is lost. What cannot be pickled raises at once.
        """
        future: Future[Result] = Future()
        packed, large = self._packer.pack((function, task))
        with self._changed:
            self._needed.update(large.keys())
            self._waiting.append((future, packed, large, slot))
            self._changed.notify()
        if self._lost:
            self._give_up()
        return future

    def done(self) -> Sequence[int]:
        """As `Pool`."""
        return list(self._units)

    def size(self) -> int:
        """As `Pool`, counted every second."""
        return len(self._workers)

    def end(self) -> None:
        """Cancel every task. A worker that is busy with one leaves it at its next message about its progress."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._dealer.join()
        for future, *_ in self._waiting:
            future.cancel()
        if not self._lost:
            self._executor.shutdown(wait=False)

    def _deal(self) -> None:
        """Send tasks to free workers, until the end or until the scheduler is lost."""
        counted = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or self._free(), COUNT_EVERY_S)
                if self._ended:
                    return
                ready = [(self._waiting.popleft(), worker) for worker in self._free()]
                self._running |= {slot: worker for (*_, slot), worker in ready}
            for (future, packed, large, slot), worker in ready:
                self._send(future, packed, large, slot, worker)
            if time.monotonic() - counted >= COUNT_EVERY_S:
                counted = time.monotonic()
                self._count()

    def _free(self) -> list[str]:
        """As many free workers as there are tasks for them."""
        free = sorted(self._workers - set(self._running.values()))
        # A task whose worker was lost runs on one of the others, and no message has said yet on which.
        return free[: max(0, min(len(self._waiting), len(self._workers) - len(self._running)))]

    def _count(self) -> None:
        """Take stock of the workers. One that came later and is unlike this process gets no task."""
        if self._client.status != "running":  # a question would be answered with an error, after half a minute
            self._give_up()
            return
        try:
            found = set(self._client.nthreads()) - self._unlike
            for worker, what in likeness.of_workers(self._client, sorted(found - self._workers)).items():
                print(f"modescope: {self._where}: {worker} gets no task: {what}", file=sys.stderr, flush=True)
                self._unlike.add(worker)
        except Exception:  # of many types, where a worker or the scheduler ends meanwhile: the next count tells which
            return
        self._workers = found - self._unlike

    def _send(self, future: Future[Any], packed: bytes, large: parcel.Arrays, slot: int, worker: str) -> None:
        if not future.set_running_or_notify_cancel():
            self._leave(slot, large)
            return
        # Dask would rather wait for a busy worker that has the arrays than copy them to a free one.
        place = {"workers": [worker], "allow_other_workers": True}
        try:
            for name, array in large.items():
                if name not in self._inputs:  # the result of a task: Dask makes it again where its worker is lost
                    key = f"input-{name}-{uuid.uuid4()}"
                    self._inputs[name] = self._client.submit(parcel.same, array, key=key, priority=1, **place)
            inputs = {name: self._inputs[name] for name in large}
            key, facts = f"training-{slot}-{uuid.uuid4()}", likeness.facts()
            sent = self._executor.submit(parcel.run, packed, inputs, facts, self._topic, slot, key=key, **place)
        except Exception:  # of many types, where the scheduler is lost at this moment
            self._leave(slot, large)
            future.set_exception(self._gone())
            self._give_up()
            return
        sent.add_done_callback(partial(self._finish, future, large, slot))

    def _finish(self, future: Future[Any], large: parcel.Arrays, slot: int, sent: Future[Any]) -> None:
        """Pass on the outcome of a task."""
        self._leave(slot, large)
        if sent.cancelled():
            future.set_exception(self._gone())
            if not self._ended:
                self._give_up()
        elif (error := sent.exception()) is None:
            future.set_result(sent.result())
        else:
            self._units[slot] = 0
            future.set_exception(_plain(error))

    def _leave(self, slot: int, large: parcel.Arrays) -> None:
        """A task is over: its worker is free, and arrays that no other task needs leave the cluster."""
        with self._changed:
            del self._running[slot]
            self._needed.subtract(large.keys())
            for name in large:
                if not self._needed[name]:
                    self._inputs.pop(name, None)
            self._changed.notify()

    def _give_up(self) -> None:
        """The scheduler is lost, and with it all tasks."""
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # one line says it
        with self._changed:
            self._ended = self._lost = True
            self._changed.notify()
            waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        for future, *_ in waiting:
            if future.set_running_or_notify_cancel():
                future.set_exception(self._gone())

    def _gone(self) -> ConfigError:
        return ConfigError(f"{self._where}: the scheduler was lost; start it and its workers, and run this again")

    def _hear(self, event: tuple[float, tuple[int, int, str]]) -> None:
        slot, units, worker = event[1]
        self._units[slot] = units
        with self._changed:
            if slot in self._running:
                self._running[slot] = worker


def _plain(error: BaseException) -> BaseException:
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        times, last = error.allowed_failures + 1, error.last_worker.address
        return CrashError(f"{times} workers that ran it were lost, the last at {last}; out of memory, or killed")
    return error
