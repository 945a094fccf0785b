"""What a training step of every variant costs, in that of the plain GAN: processor time, multiply-adds, matrix peak."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from tqdm import tqdm

from benchmarks import timing
from benchmarks.row import ROOT, Row, Scale
from modescope import executors
from modescope.engine.tasks import replicas_per_task
from modescope.engine.work import multiply_adds
from modescope.params import config
from modescope.params.config import Experiment

DATASET, PLAIN, SHAPE = "grid25", "gan", (2,)
ROUNDS, SECONDS = 2, 1.5  # of processor time
FEW = (PLAIN, "wgan_gp", "flow_matching")  # at the tiny scale: with D, with several updates of D, without D


def chosen() -> dict[str, Experiment]:
    """Variant -> its settings: of its first experiment on DATASET, or of its first one in the plane."""
    params = config.Params.model_validate(config.read(ROOT / "params.yaml"))
    ordered = sorted(params.experiments.values(), key=lambda entry: entry.dataset != DATASET)
    found: dict[str, Experiment] = {}
    for entry in ordered:
        if entry.study == "modes":
            found.setdefault(entry.variant, next(iter(entry.arms()))[1])
    return {PLAIN: found.pop(PLAIN)} | found


def rows(scale: Scale) -> Iterator[Row]:
    """Three rows a variant, its replicas stacked as in a training: speed, multiply-adds, share of the matrix peak.

    Ratios of the first two say how many times what the plain GAN takes.
    """
    settings = {name: entry for name, entry in chosen().items() if not scale.tiny or name in FEW}
    seconds, rounds = scale.pick(SECONDS, 0.01), scale.pick(ROUNDS, 1)
    speeds: dict[str, list[float]] = {name: [] for name in settings}
    peaks = []
    bar = tqdm(total=rounds * (len(settings) + 1), desc="variants", leave=False)
    with executors.process_pool(1, timing.PRELOAD) as pool, bar:
        for _ in range(rounds):
            peaks.append(pool.submit(timing.peak, seconds, time.process_time).result())
            bar.update()
            for name, entry in settings.items():
                n = replicas_per_task(entry, SHAPE)
                speeds[name].append(pool.submit(timing.engine, entry, SHAPE, n, seconds, time.process_time).result())
                bar.update()
    speed = {name: statistics.median(found) for name, found in speeds.items()}
    work = {name: multiply_adds(entry, SHAPE) / 1e6 for name, entry in settings.items()}
    limit = statistics.median(peaks)
    for name in settings:
        took = speed[PLAIN] / speed[name]
        yield Row(f"{name}, processor time of a step", speed[name], speed[PLAIN], took, "model-steps/s of a core")
        yield Row(f"{name}, arithmetic of a step", work[name], work[PLAIN], work[name] / work[PLAIN], "M multiply-adds")
        reached = speed[name] * work[name] * 2 / 1e3
        yield Row(f"{name}, share of the matrix peak", reached, limit, reached / limit, "GFLOP/s of a core")
