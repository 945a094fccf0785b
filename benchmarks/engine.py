"""Model-steps per second of the engine: against a plain PyTorch loop, and against the machine's matrix multiply."""

from __future__ import annotations

import itertools
import math
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.row import Row
from modescope import executors
from modescope.engine import tasks
from modescope.engine.experiments import prepare_worker
from modescope.engine.tasks import Task
from modescope.engine.training import train
from modescope.params.config import Experiment

ROUNDS = 3
SECONDS = 6.0  # of one measurement
PEAK_SIZE = 1024  # of the square matrices whose product is taken for the peak

LATENT = {
    "study": "bench",
    "dataset": "eight_gaussians",
    "variant": "gan",
    "steps": 1,
    "seeds": 8,
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
    "snapshots": {"rest": 1},
}
SMALL = LATENT | {
    "generator_batch": 256,
    "networks": {
        "generator": {"hidden": [128] * 2, "activation": "relu"},
        "discriminator": {"hidden": [128] * 2, "activation": "relu"},
    },
}
CASES = {
    "G 3x256, D 5x128, batch 512": Experiment.model_validate(LATENT),
    "G and D 2x128, batch 256": Experiment.model_validate(SMALL),
}


def rows() -> Iterator[Row]:
    """Two rows a case: against the plain loop at as many threads as cores, and against the matrix peak."""
    for name, settings in CASES.items():
        speeds: dict[str, list[float]] = {"ours": [], "plain": [], "peak": []}
        for _ in range(ROUNDS):
            speeds["ours"].append(sum(_everywhere(_engine, settings)))
            speeds["plain"].append(_alone(_plain, settings))
            speeds["peak"].append(sum(_everywhere(_peak, settings)))
        ours, plain, peak = (statistics.median(values) for values in speeds.values())
        yield Row(f"{name}, against a plain loop", ours, plain, ours / plain, "model-steps/s")
        work = flops(settings) / 1e9
        yield Row(f"{name}, share of the matrix peak", ours * work, peak, ours * work / peak, "GFLOP/s")


def flops(settings: Experiment) -> int:
    """Floating-point operations of the matrix products in one step of `gan`, two a multiply-add."""

    def products(n_in: int, hidden: list[int], n_out: int) -> tuple[int, int]:
        """(all layers, first layer), multiply-adds a point."""
        widths = [n_in, *hidden, n_out]
        layers = [a * b for a, b in itertools.pairwise(widths)]
        return sum(layers), layers[0]

    generator, generator_first = products(settings.latent_dim, _hidden(settings, "generator"), 2)
    discriminator, discriminator_first = products(2, _hidden(settings, "discriminator"), 1)
    real_and_fake = 2 * settings.discriminator_batch
    # forward, gradient of the weights, gradient of the inputs (not needed for the first layer)
    first = settings.discriminator_batch * generator + real_and_fake * (3 * discriminator - discriminator_first)
    second = settings.generator_batch * (3 * generator - generator_first + 2 * discriminator)
    return 2 * (first + second)


def _hidden(settings: Experiment, network: str) -> list[int]:
    return list(getattr(settings.networks, network).hidden)


def _everywhere(measure: Callable[[Experiment], float], settings: Experiment) -> list[float]:
    """`measure` at once in one single-threaded process a core, set up like the engine's workers."""
    n = executors.cores()
    with executors.process_pool(n, "benchmarks.engine") as (pool, _):
        return list(pool.map(measure, [settings] * n))


def _alone(measure: Callable[[Experiment], float], settings: Experiment) -> float:
    """`measure` in one process of its own with PyTorch's defaults."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, settings).result()


def _rate(work: Callable[[], object], amount: float) -> float:
    """Amount a second, after a warm-up of a second."""
    for limit in (1.0, SECONDS):
        start, done = time.perf_counter(), 0
        while (elapsed := time.perf_counter() - start) < limit:
            work()
            done += 1
    return amount * done / elapsed


def _engine(settings: Experiment) -> float:
    prepare_worker()
    seeds = list(range(tasks.replicas_per_task(settings, (2,))))
    data = np.random.default_rng(0).standard_normal((50_000, 2), dtype=np.float32)
    train(Task("bench", "base", settings, seeds, 64, 1), data)
    steps = math.ceil(SECONDS * 1e11 / (flops(settings) * len(seeds)))  # at 100 GFLOP/s, which no core exceeds by far
    start = time.perf_counter()
    train(Task("bench", "base", settings, seeds, steps, 1), data)
    return len(seeds) * steps / (time.perf_counter() - start)


def _peak(settings: Experiment) -> float:
    torch.set_num_threads(1)
    a, b = torch.randn(2, PEAK_SIZE, PEAK_SIZE)
    return _rate(lambda: a @ b, 2 * PEAK_SIZE**3 / 1e9)


def _plain(settings: Experiment) -> float:
    """What one writes first: two networks, BCE with logits, two optimisers, a fresh batch a step."""
    torch.set_num_threads(executors.cores())

    def mlp(n_in: int, spec: Any, n_out: int) -> nn.Sequential:
        layers: list[nn.Module] = []
        for width in spec.hidden:
            layers += [nn.Linear(n_in, width), nn.ReLU() if spec.activation == "relu" else nn.LeakyReLU(0.01)]
            n_in = width
        return nn.Sequential(*layers, nn.Linear(n_in, n_out))

    generator = mlp(settings.latent_dim, settings.networks.generator, 2)
    discriminator = mlp(2, settings.networks.discriminator, 1)
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    bce = nn.BCEWithLogitsLoss()
    data, n_real, n_fake = torch.randn(50_000, 2), settings.discriminator_batch, settings.generator_batch

    def step() -> None:
        x_real = data[torch.randint(len(data), (n_real,))]
        x_fake = generator(torch.randn(n_real, settings.latent_dim)).detach()
        d_optimizer.zero_grad()
        loss = bce(discriminator(x_real), torch.ones(n_real, 1)) + bce(discriminator(x_fake), torch.zeros(n_real, 1))
        loss.backward()
        d_optimizer.step()
        g_optimizer.zero_grad()
        x_fake = generator(torch.randn(n_fake, settings.latent_dim))
        bce(discriminator(x_fake), torch.ones(n_fake, 1)).backward()
        g_optimizer.step()

    return _rate(step, 1)
