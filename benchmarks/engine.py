"""Training speed: the engine on all cores against a plain PyTorch loop, and against the machine's matrix product.

The networks stand here and not in params.yaml, so that figures of different commits can be compared.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from benchmarks import plain, timing
from benchmarks.row import Row, Scale
from modescope.engine.work import multiply_adds
from modescope.params.config import Experiment

ROUNDS, SECONDS = 3, 3.0  # of every measurement

WIDE: dict[str, Any] = {
    "study": "bench",
    "dataset": "bench",
    "variant": "gan",
    "steps": 1,
    "seeds": 6,
    "latent_dim": 2,
    "discriminator_batch": 256,
    "generator_batch": 512,
    "networks": {
        "generator": {"hidden": [256] * 3, "activation": "relu"},
        "discriminator": {"hidden": [128] * 5, "activation": "leaky_relu", "negative_slope": 0.01},
    },
    "optimizers": {
        "generator": {"learning_rate": 2e-4, "betas": [0.5, 0.999]},
        "discriminator": {"learning_rate": 1e-3, "betas": [0.5, 0.999]},
    },
}
TALL = WIDE | {
    "discriminator_batch": 64,
    "generator_batch": 64,
    "networks": {name: {"hidden": [64, 64], "activation": "relu"} for name in ("generator", "discriminator")},
}
PICTURES = WIDE | {
    "latent_dim": 64,
    "discriminator_batch": 32,
    "generator_batch": 32,
    "networks": {name: {"kind": "conv", "channels": 16} for name in ("generator", "discriminator")},
}


@dataclass(frozen=True)
class Case:
    """A GAN, and how many replicas of it step together."""

    name: str
    keys: dict[str, Any]
    shape: tuple[int, ...]
    replicas: tuple[int, ...]  # in each process, one number after the other

    def settings(self, scale: Scale) -> Experiment:
        """The typed settings; small batches at the tiny scale."""
        small = {"discriminator_batch": 2, "generator_batch": 2}
        return Experiment.model_validate(self.keys | scale.pick({}, small))


CASES = (
    Case("G and D 2x64, batch 64", TALL, (2,), (1, 3, 6, 12)),
    Case("G 3x256, D 5x128, batch 512", WIDE, (2,), (1, 3)),
    Case("16 channels, 32x32 pictures, batch 32", PICTURES, (3, 32, 32), (1,)),
)


def rows(scale: Scale) -> Iterator[Row]:
    """Two rows a number of replicas: against the plain loop, and the share of the matrix peak."""
    with timing.plain_process() as alone:
        for case in CASES:
            yield from _case(case, scale, alone)


def _case(case: Case, scale: Scale, alone: Any) -> Iterator[Row]:
    """All ways in turn, round by round, so that what else the machine does meets each of them."""
    settings, seconds = case.settings(scale), scale.pick(SECONDS, 0.01)
    usual: list[float] = []
    peaks: list[float] = []
    ours: dict[int, list[float]] = {n: [] for n in scale.pick(case.replicas, case.replicas[:1])}
    with tqdm(total=scale.pick(ROUNDS, 1) * (2 + len(ours)), desc=case.name, leave=False) as bar:
        for _ in range(scale.pick(ROUNDS, 1)):
            usual.append(alone(plain.speed, settings, case.shape, seconds))
            bar.update()
            peaks.append(timing.everywhere(timing.peak, seconds))
            bar.update()
            for n in ours:
                ours[n].append(timing.everywhere(timing.engine, settings, case.shape, n, seconds))
                bar.update()
    loop, limit = statistics.median(usual), statistics.median(peaks)
    work = 2 * multiply_adds(settings, case.shape) / 1e9
    for n in ours:
        speed, name = statistics.median(ours[n]), f"{case.name}, {n} a process"
        yield Row(f"{name}, against a plain loop", speed, loop, speed / loop, "model-steps/s")
        yield Row(f"{name}, share of the matrix peak", speed * work, limit, speed * work / limit, "GFLOP/s")
