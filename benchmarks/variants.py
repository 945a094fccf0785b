"""Steps of every variant by the number of replicas that step together, and what they cost beside the plain GAN's."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from tqdm import tqdm

from benchmarks import timing
from benchmarks.row import ROOT, Row, Scale
from modescope import executors
from modescope.engine.work import multiply_adds
from modescope.params import config, reading
from modescope.params.config import Experiment

DATASET, PLAIN, SHAPE = "grid25", "gan", (2,)
STACKS = (1, 3, 6, 12)
UNIT = "model-steps/s of a core"
ROUNDS, SECONDS = 2, 1.0  # of processor time
FEW = (PLAIN, "wgan_gp", "flow_matching")  # at the tiny scale: with D, with several updates of D, without D


def chosen() -> dict[str, Experiment]:
    """Variant -> its settings: of its first experiment on DATASET, or of its first one in the plane."""
    params = config.Params.model_validate(reading.read(ROOT / "params.yaml"))
    ordered = sorted(params.experiments.values(), key=lambda entry: entry.dataset != DATASET)
    found: dict[str, Experiment] = {}
    for entry in ordered:
        if entry.study == "modes":
            found.setdefault(entry.variant, next(iter(entry.arms()))[1])
    return {PLAIN: found.pop(PLAIN)} | found


def rows(scale: Scale) -> Iterator[Row]:
    """A row a variant and number of replicas that step together, against one alone; then three on the largest number.

    These are a step's processor time and multiply-adds, as multiples of the plain GAN's, and the share of the matrix
    peak. The multiply-adds are those of the loss as it is written: what replays leave out, being there already, counts.
    """
    settings = {name: entry for name, entry in chosen().items() if not scale.tiny or name in FEW}
    seconds, rounds, stacks = scale.pick(SECONDS, 0.01), scale.pick(ROUNDS, 1), scale.pick(STACKS, STACKS[:2])
    speeds: dict[tuple[str, int], list[float]] = {(name, n): [] for name in settings for n in stacks}
    peaks = []
    bar = tqdm(total=rounds * (len(speeds) + 1), desc="variants", leave=False)
    with executors.process_pool(1, timing.PRELOAD) as pool, bar:
        for _ in range(rounds):
            peaks.append(pool.submit(timing.peak, seconds, time.process_time).result())
            bar.update()
            for (name, n), found in speeds.items():
                measure = pool.submit(timing.engine, settings[name], SHAPE, n, seconds, time.process_time)
                found.append(measure.result())
                bar.update()
    speed = {key: statistics.median(found) for key, found in speeds.items()}
    work = {name: multiply_adds(entry, SHAPE) / 1e6 for name, entry in settings.items()}
    limit, most = statistics.median(peaks), max(stacks)
    for name in settings:
        alone, best, plain = speed[name, 1], speed[name, most], speed[PLAIN, most]
        for n in stacks:
            yield Row(f"{name}, {n} together", speed[name, n], alone, speed[name, n] / alone, UNIT)
        yield Row(f"{name}, processor time of a step", best, plain, plain / best, UNIT)
        yield Row(f"{name}, arithmetic of a step", work[name], work[PLAIN], work[name] / work[PLAIN], "M multiply-adds")
        reached = best * work[name] * 2 / 1e3
        yield Row(f"{name}, share of the matrix peak", reached, limit, reached / limit, "GFLOP/s of a core")
