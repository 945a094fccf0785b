"""Hundreds of the simplest GAN at once: 500 stacked seeds against a plain PyTorch loop of one model."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import torch
from torch import nn
from tqdm import tqdm

from benchmarks import timing
from benchmarks.row import ROOT, Row, Scale
from modescope import machine
from modescope.params import config, reading
from modescope.params.config import Experiment

EXPERIMENT, SEEDS, SHAPE = "point_baseline", 500, (1,)
ROUNDS, SECONDS = 3, 3.0


def rows(scale: Scale) -> Iterator[Row]:
    """One row: model-steps a second on all cores, by median over rounds in turn."""
    params = config.Params.model_validate(reading.read(ROOT / "params.yaml"))
    settings, seconds = params.experiments[EXPERIMENT], scale.pick(SECONDS, 0.01)
    seeds = scale.pick(SEEDS, 20)
    ours, plain = [], []
    with timing.plain_process() as alone:
        for _ in tqdm(range(scale.pick(ROUNDS, 1)), desc="point", leave=False):
            ours.append(timing.everywhere(timing.engine, settings, SHAPE, seeds // machine.cores() or 1, seconds))
            plain.append(alone(_plain, settings, seconds))
    fast, slow = statistics.median(ours), statistics.median(plain)
    name = f"the simplest GAN, {seeds} seeds at once, against a plain loop"
    yield Row(name, fast, slow, fast / slow, "model-steps/s")


def _plain(settings: Experiment, seconds: float) -> float:
    """What one writes first, as in the article: two modules, cross entropy, two optimisers, a fresh batch a step."""
    torch.set_num_threads(1)  # more are slower on seven parameters
    generator = nn.Linear(1, 1)
    discriminator = nn.Sequential(nn.Linear(1, 2), nn.Tanh(), nn.Linear(2, 1), nn.Sigmoid())
    learning_rate = settings.optimizers.generator.learning_rate
    g_optimizer, d_optimizer = (
        torch.optim.Adam(module.parameters(), lr=learning_rate, betas=(0.5, 0.999))
        for module in (generator, discriminator)
    )
    bce, n = nn.BCELoss(), settings.discriminator_batch
    real, targets = torch.ones(n, 1), torch.cat([torch.ones(n, 1), torch.zeros(n, 1)])

    def step() -> None:
        d_optimizer.zero_grad()
        fake = generator(2 * torch.rand(n, 1) - 1).detach()
        bce(discriminator(torch.cat([real, fake])), targets).backward()
        d_optimizer.step()
        g_optimizer.zero_grad()
        bce(discriminator(generator(2 * torch.rand(n, 1) - 1)), real).backward()
        g_optimizer.step()

    return timing.rate(step, seconds)
