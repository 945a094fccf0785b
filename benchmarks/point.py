"""Hundreds of the simplest GAN at once: 500 stacked seeds against a plain PyTorch loop of one model."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks import engine
from benchmarks.row import Row
from modescope import executors
from modescope.engine.experiments import prepare_worker
from modescope.engine.tasks import Task
from modescope.engine.training import train
from modescope.params import config
from modescope.params.config import Experiment
from modescope.params.settings import Snapshots

ROOT = Path(__file__).parents[1]
EXPERIMENT, SEEDS, STEPS, ROUNDS = "point_baseline", 500, 512, 3


def rows() -> Iterator[Row]:
    """One row: model-steps a second on all cores, by median over rounds in turn."""
    params = config.Params.model_validate(config.read(ROOT / "params.yaml"))
    settings = params.experiments[EXPERIMENT].model_copy(update={"snapshots": Snapshots(points=1, rest=1)})
    ours, plain = [], []
    for _ in range(ROUNDS):
        ours.append(sum(engine._everywhere(_stacked, settings)))
        plain.append(engine._alone(_plain, settings))
    fast, slow = statistics.median(ours), statistics.median(plain)
    yield Row(
        f"the simplest GAN, {SEEDS} seeds at once, against a plain loop", fast, slow, fast / slow, "model-steps/s"
    )


def _stacked(settings: Experiment) -> float:
    """One process's share of the seeds, set up as in training."""
    prepare_worker()
    seeds = list(range(SEEDS // executors.cores()))
    data = np.ones((20, 1), np.float32)
    train(Task("bench", "base", settings, seeds, 64, 1), data)
    start = time.perf_counter()
    train(Task("bench", "base", settings, seeds, STEPS, 1), data)
    return len(seeds) * STEPS / (time.perf_counter() - start)


def _plain(settings: Experiment) -> float:
    """What one writes first, as in the article: two modules, cross entropy, two optimisers, a fresh batch a step."""
    torch.set_num_threads(1)  # more are slower on seven parameters
    generator = nn.Linear(1, 1)
    discriminator = nn.Sequential(nn.Linear(1, 2), nn.Tanh(), nn.Linear(2, 1), nn.Sigmoid())
    rate = settings.optimizers.generator.learning_rate
    g_optimizer, d_optimizer = (
        torch.optim.Adam(m.parameters(), lr=rate, betas=(0.5, 0.999)) for m in (generator, discriminator)
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

    return engine._rate(step, 1)
