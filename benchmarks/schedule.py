"""How long the trainings of a run would take on other numbers of workers, from what each task took."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from benchmarks.row import Row
from modescope.queue.trainings import TIMINGS

WORKERS = (1, 2, 4, 8, 16, 64)


def read(root: Path) -> pd.DataFrame:
    """The tasks of a run in the order of the queue: experiment, arm, first_seed, seeds, steps, seconds."""
    return pd.read_csv(root / TIMINGS)


def makespan(seconds: Sequence[float], workers: int) -> float:
    """When the last task ends, if each goes to the worker that is free first, in the given order."""
    free = [0.0] * workers
    for task in seconds:
        heapq.heappush(free, heapq.heappop(free) + task)
    return max(free)


def rows(tasks: pd.DataFrame, others: float) -> Iterator[Row]:
    """A row a number of workers: the trainings against the same work on one; then the task that bounds them all.

    `others` are the seconds of everything but training in the same run.
    """
    seconds = tasks["seconds"].tolist()
    for n in WORKERS:
        span = makespan(seconds, n)
        yield Row(f"trainings, {n} worker(s), simulated", span, sum(seconds), sum(seconds) / span, "s")
        yield Row(f"the whole, {n} worker(s) for trainings, simulated", span + others, others, others / span, "s")
    longest = tasks.loc[tasks["seconds"].idxmax()]
    who = f"{longest['experiment']}, arm {longest['arm']}, {longest['seeds']} seed(s)"
    took = float(longest["seconds"])
    yield Row(
        f"the longest task, which no number of workers shortens: {who}", took, sum(seconds), took / sum(seconds), "s"
    )
