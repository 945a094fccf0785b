"""Deals out tasks to the free workers of a Dask cluster, and deals them out anew where workers are lost."""

from __future__ import annotations

import logging
import sys
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from modescope.executors import CrashError, Report
from modescope.params.config import ConfigError
from modescope.queue import likeness, parcel

COUNT_EVERY_S = 1.0  # between two counts of the workers
MOST_LOSSES = 3  # of workers under a task, before it counts as what ends them; Dask's own number
Result = TypeVar("Result")


@dataclass(eq=False)
class _Entry:
    """A task in the pool."""

    future: Future[Any]
    packed: bytes
    large: parcel.Arrays
    slot: int
    worker: str = ""  # its address, once the task is sent
    sent: Future[Any] | None = None
    losses: int = 0  # workers that were lost while they ran it


class Cluster:
    """A `Pool` of Dask workers. A lost worker costs its task alone, which runs again on another.

    A task is sent to a worker that is free. So tasks start in the order in which they come, the scheduler holds few
    of them, and a lost worker takes none with it that has not begun. Dask would choose otherwise: it rather waits
    for a busy worker that has the arrays of a task than copies them to a free one.
    """

    def __init__(self, client: Any, where: str, workers: Iterable[str], n_slots: int) -> None:
        self._client, self._where = client, where
        self._executor = client.get_executor(pure=False)
        self._topic = f"modescope-{uuid.uuid4()}"
        self._units = [0] * n_slots
        self._workers, self._unlike = set(workers), set[str]()  # addresses; the others get no task
        self._packer = parcel.Packer()
        self._waiting: deque[_Entry] = deque()
        self._running: set[_Entry] = set()
        self._needed: Counter[str] = Counter()  # name of a large array -> how many tasks still need it
        self._inputs: dict[str, Any] = {}  # those that are on the cluster
        self._losses = 0  # of workers under a task
        self._changed, self._ended, self._lost = threading.Condition(), False, False
        client.subscribe_topic(self._topic, self._hear)
        self._dealer = threading.Thread(target=self._deal, daemon=True)
        self._dealer.start()

    def submit(self, function: Callable[[Any, Report], Result], task: Any, slot: int) -> Future[Result]:
        """As `Pool`.

        The future raises CrashError if one worker after the other was lost while it ran the task, and ConfigError
        if the scheduler is lost. What cannot be pickled raises at once.
        """
        entry = _Entry(Future(), *self._packer.pack((function, task)), slot)
        with self._changed:
            self._needed.update(entry.large.keys())
            self._waiting.append(entry)
            self._changed.notify()
        if self._lost:
            self._give_up()
        return entry.future

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
        for entry in self._waiting:
            entry.future.cancel()
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
                ready = [self._take(worker) for worker in self._free()]
            for entry in ready:
                self._send(entry)
            if time.monotonic() - counted >= COUNT_EVERY_S:
                counted = time.monotonic()
                self._count()

    def _free(self) -> list[str]:
        """As many free workers as there are tasks for them."""
        return sorted(self._workers - {entry.worker for entry in self._running})[: len(self._waiting)]

    def _take(self, worker: str) -> _Entry:
        entry = self._waiting.popleft()
        entry.worker = worker
        self._running.add(entry)
        return entry

    def _count(self) -> None:
        """Take stock of the workers. One that came later and is unlike this process gets no task."""
        if self._client.status != "running":  # a question would be answered with an error, after half a minute
            self._give_up()
            return
        before = self._losses
        try:
            found = set(self._client.nthreads()) - self._unlike
            for worker, what in likeness.of_workers(self._client, sorted(found - self._workers)).items():
                print(f"modescope: {self._where}: {worker} gets no task: {what}", file=sys.stderr, flush=True)
                self._unlike.add(worker)
        except Exception:  # of many types, where a worker or the scheduler ends meanwhile: the next count tells which
            return
        with self._changed:
            if self._losses != before:  # the answer may be older than the loss
                return
            self._workers = found - self._unlike
            lost = [entry for entry in self._running if entry.worker not in found]
        if lost:
            self._inputs.clear()  # what was there alone would be made again on a busy worker, as late as that is free
        for entry in lost:
            self._again(entry, entry.sent)

    def _send(self, entry: _Entry) -> None:
        if not entry.future.running() and not entry.future.set_running_or_notify_cancel():
            self._leave(entry)
            return
        try:
            for name, array in entry.large.items():
                if name not in self._inputs:  # the result of a task, before all trainings
                    key = f"input-{name}-{uuid.uuid4()}"
                    self._inputs[name] = self._client.submit(parcel.same, array, key=key, priority=1)
            inputs = {name: self._inputs[name] for name in entry.large}
            key, to = f"training-{entry.slot}-{uuid.uuid4()}", [entry.worker]
            what = parcel.run, entry.packed, inputs, likeness.facts(), self._topic, entry.slot
            entry.sent = sent = self._executor.submit(*what, key=key, workers=to)
        except Exception:  # of many types, where the scheduler is lost at this moment
            self._leave(entry)
            entry.future.set_exception(self._gone())
            self._give_up()
            return
        sent.add_done_callback(partial(self._finish, entry))

    def _finish(self, entry: _Entry, sent: Future[Any]) -> None:
        """Pass on the outcome of a task."""
        from distributed import KilledWorker

        error = None if sent.cancelled() else sent.exception()
        if isinstance(error, KilledWorker):  # the scheduler is set to give up earlier than we do
            self._again(entry, sent)
        elif self._leave(entry, sent):
            if sent.cancelled():
                entry.future.set_exception(self._gone())
                if not self._ended:
                    self._give_up()
            elif error is not None:
                entry.future.set_exception(error)
            else:
                entry.future.set_result(sent.result())

    def _again(self, entry: _Entry, sent: Future[Any] | None) -> None:
        """The worker was lost: run its task on another one, or give it up after too many losses."""
        with self._changed:  # first, so that no task is sent there
            self._workers.discard(entry.worker)
            self._losses += 1
        if not self._leave(entry, sent):
            return
        if sent is not None:
            sent.cancel()
        self._units[entry.slot] = 0
        entry.losses += 1
        if entry.losses > MOST_LOSSES:
            found = f"workers lost while running it: {entry.losses}, the last at {entry.worker}"
            entry.future.set_exception(CrashError(f"{found}; out of memory, or killed"))
            return
        with self._changed:
            self._needed.update(entry.large.keys())
            self._waiting.appendleft(entry)
            self._changed.notify()

    def _leave(self, entry: _Entry, sent: Future[Any] | None = None) -> bool:
        """A task leaves its worker, and arrays that no other needs leave the cluster. False if it had left already."""
        with self._changed:
            if entry not in self._running or entry.sent is not sent:
                return False
            self._running.remove(entry)
            entry.sent = None
            self._needed.subtract(entry.large.keys())
            for name in entry.large:
                if not self._needed[name]:
                    self._inputs.pop(name, None)
            self._changed.notify()
            return True

    def _give_up(self) -> None:
        """The scheduler is lost, and with it all tasks."""
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # one line says it
        with self._changed:
            self._ended = self._lost = True
            self._changed.notify()
            waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        for entry in waiting:
            if entry.future.running() or entry.future.set_running_or_notify_cancel():
                entry.future.set_exception(self._gone())

    def _gone(self) -> ConfigError:
        return ConfigError(f"{self._where}: the scheduler was lost; start it and its workers, and run this again")

    def _hear(self, event: tuple[float, tuple[int, int]]) -> None:
        slot, units = event[1]
        self._units[slot] = units
