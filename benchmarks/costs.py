"""What a training step of every variant costs, in that of the plain GAN: same networks, batch and machine.

The leaderboard shows the result, so it is committed: benchmarks/costs.csv.
"""

from __future__ import annotations

import csv
import io
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.row import Row
from modescope import executors
from modescope.engine import tasks
from modescope.engine.draws import CHUNK
from modescope.engine.experiments import prepare_worker
from modescope.engine.tasks import Task
from modescope.engine.training import train
from modescope.params import config
from modescope.params.config import Experiment
from modescope.params.settings import Snapshots
from modescope.store import artifacts

ROOT = Path(__file__).parents[1]
DATASET, PLAIN, ROUNDS = "grid25", "gan", 2
CHUNKS = 6


def rows() -> Iterator[Row]:
    """A row a variant with its settings in params.yaml on one dataset; processor time of one core."""
    params = config.Params.model_validate(config.read(ROOT / "params.yaml"))
    settings: dict[str, Experiment] = {}
    for entry in params.experiments.values():
        if entry.study == "modes" and (entry.dataset == DATASET or entry.variant not in settings):
            settings[entry.variant] = next(iter(entry.arms()))[1]
    speeds: dict[str, list[float]] = {variant: [] for variant in settings}
    with executors.process_pool(1, "benchmarks.costs") as (pool, _):
        for _ in range(ROUNDS):
            for variant, entry in settings.items():
                speeds[variant].append(pool.submit(_speed, entry).result())
    plain = statistics.median(speeds[PLAIN])
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["variant", "relative_cost", "model_steps_per_second_of_a_core"])
    for variant, found in speeds.items():
        speed = statistics.median(found)
        writer.writerow([variant, f"{plain / speed:.2f}", f"{speed:.0f}"])
        yield Row(f"{variant}, a step against that of {PLAIN}", speed, plain, plain / speed, "model-steps/s of a core")
    artifacts.write_bytes(ROOT / "benchmarks" / "costs.csv", file.getvalue().encode())


def _speed(settings: Experiment) -> float:
    """Model-steps a second of processor time, replicas stacked as the study stacks them."""
    prepare_worker()
    seeds = list(range(tasks.replicas_per_task(settings, (2,))))
    data = np.random.default_rng(0).standard_normal((50_000, 2), dtype=np.float32)
    settings = settings.model_copy(update={"ema": None, "snapshots": Snapshots(points=1, rest=1)})
    ends: list[float] = []  # of every CHUNK steps; the first ones also write down the losses
    train(
        Task("bench", "base", settings, seeds, CHUNKS * CHUNK, 1),
        data,
        report=lambda _: ends.append(time.process_time()),
    )
    return len(seeds) * CHUNK / statistics.median(np.diff(ends))
