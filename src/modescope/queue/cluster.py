"""The queue on a Dask cluster: finds its workers, and refuses it if one is unlike this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from modescope.params import environment
from modescope.params.config import ConfigError
from modescope.queue import likeness
from modescope.queue.dealing import Cluster

VARIABLE = environment.SCHEDULER
ANSWER_S, WORKERS_S = 30.0, 60.0  # how long to wait for the scheduler, and then for a worker


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
