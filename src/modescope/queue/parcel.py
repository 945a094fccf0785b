"""A task on its way to a Dask worker: packed here, without its large arrays, and run there."""

from __future__ import annotations

import ctypes
import hashlib
import io
import pickle
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from modescope.executors import WORKER_ENVIRONMENT
from modescope.params.config import ConfigError
from modescope.queue.likeness import Facts, difference, facts

LARGE = 10_000  # bytes from which an array travels once to each worker instead of with every task
SAY_EVERY_S = 1.0  # between two messages of a task about its progress
MALLOPT = {"MALLOC_TRIM_THRESHOLD_": -1, "MALLOC_TOP_PAD_": -2, "MALLOC_MMAP_THRESHOLD_": -3}  # as in malloc.h
Arrays = dict[str, NDArray[Any]]


class LeftError(RuntimeError):
    """Nobody wants the result of the task any more."""


class Packer:
    """Pickles tasks without their large arrays, and names these by a digest of what they hold."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[NDArray[Any], str]] = {}  # by `id`, which an array keeps as long as it is kept

    def pack(self, content: object) -> tuple[bytes, Arrays]:
        """The content pickled, and the arrays that are left out of it, by name."""
        file, large = io.BytesIO(), Arrays()
        _Pickler(file, self._name, large).dump(content)
        return file.getvalue(), large

    def _name(self, array: NDArray[Any]) -> str:
        if id(array) not in self._known:  # to read hundreds of megabytes for each of many tasks would take minutes
            digest = hashlib.blake2b(f"{array.dtype.str} {array.shape} {array.strides}".encode(), digest_size=16)
            digest.update(np.ascontiguousarray(array).data)
            self._known[id(array)] = array, digest.hexdigest()
        return self._known[id(array)][1]


def same(array: NDArray[Any]) -> NDArray[Any]:
    """The array itself: as the result of a task it stays on the cluster."""
    return array


def run(packed: bytes, arrays: Arrays, here: Facts, topic: str, slot: int) -> Any:
    """On a worker: the result of the packed `function(task, report)`.

    Its progress goes to the topic: the slot, and the units of work done since it began. Raises ConfigError on a worker
    that is unlike the driver, whose facts are `here`: its files have changed since the check.
    """
    from distributed import get_worker

    worker = get_worker()
    if (unlike := difference(facts(), here)) is not None:
        raise ConfigError(f"{worker.address}: {unlike}")
    _keep_freed_memory()
    function, task = _Unpickler(io.BytesIO(packed), arrays).load()
    key, done, said = worker.get_current_task(), 0, time.monotonic()

    def report(n: int) -> None:
        nonlocal done, said
        done += n
        if time.monotonic() - said >= SAY_EVERY_S:
            said = time.monotonic()
            worker.log_event(topic, (slot, done))
            # A thread cannot be stopped from outside: without this it would train to the end for nobody.
            if worker.state.tasks[key].state == "cancelled":
                raise LeftError(key)

    worker.log_event(topic, (slot, 0))
    with threadpool_limits(1):
        result = function(task, report)
    worker.log_event(topic, (slot, done))
    return result


@cache
def _keep_freed_memory() -> None:
    """Set the allocator of this process as `WORKER_ENVIRONMENT` sets it for local workers; Dask sets it otherwise.

    A step of a GAN on pictures takes 42 instead of 55 ms of processor time. Only glibc has these options.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        for name, option in MALLOPT.items():
            library.mallopt(option, int(WORKER_ENVIRONMENT[name]))


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, name: Callable[[NDArray[Any]], str], large: Arrays) -> None:
        super().__init__(file, protocol=5)
        self.name, self.large = name, large

    def persistent_id(self, thing: Any) -> str | None:
        """The name of a large array, which is then left out; None for all else."""
        if type(thing) is not np.ndarray or thing.nbytes < LARGE or thing.dtype.hasobject:
            return None
        name = self.name(thing)
        self.large[name] = thing
        return name


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, arrays: Mapping[str, NDArray[Any]]) -> None:
        super().__init__(file)
        self.arrays = arrays

    def persistent_load(self, name: Any) -> NDArray[Any]:
        return self.arrays[name]
