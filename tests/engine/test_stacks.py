"""Whole stacks lose modes as single models in a plain PyTorch loop do: the same distribution over seeds.

The samples are 48 seeds in four stacks of twelve, and 20 seeds of the loop, each with initial parameters and batches of
its own. The two-sample test is that of Mann and Whitney on the number of modes that a run covers, at a level of one in
a thousand. Stacks that learn forty times as slowly must be told apart by the same test.
"""

import numpy as np
import pytest
import tiny
import torch
from scipy import stats
from torch import nn

from modescope.engine.training import train

SEEDS, STACK, LOOPS = 48, 12, 20
STEPS, BATCH, WIDTH, MODES = 250, 32, 32, 8
RATE, BETAS, LEVEL = 8e-3, (0.5, 0.999), 1e-3
ANGLES = 2 * np.pi * np.arange(MODES) / MODES
CENTRES = np.stack([np.cos(ANGLES), np.sin(ANGLES)], 1)


@pytest.fixture(scope="module")
def ring():
    """Points on a ring of eight narrow modes, (4000, 2)."""
    rng = np.random.default_rng(0)
    return (CENTRES[rng.integers(MODES, size=4000)] + rng.normal(0, 0.05, (4000, 2))).astype(np.float32)


def covered(samples):
    """Modes with at least a hundredth of the samples within 0.2, (R, n, 2) -> (R,)."""
    distances = np.linalg.norm(samples[:, :, None] - CENTRES, axis=-1)
    return ((distances < 0.2).mean(1) > 0.01).sum(1)


def stacked(ring, rate):
    """Modes covered by every seed of stacks of twelve."""
    network = {"hidden": [WIDTH, WIDTH], "activation": "relu", "init": "pytorch"}
    optimizer = {"learning_rate": rate, "betas": list(BETAS)}
    changes = {
        "networks": {"generator": network, "discriminator": network},
        "optimizers": {"generator": optimizer, "discriminator": optimizer},
        "discriminator_batch": BATCH,
        "generator_batch": BATCH,
    }
    stacks = [range(start, start + STACK) for start in range(0, SEEDS, STACK)]
    tasks = [tiny.task(seeds, n_samples=500, steps=STEPS, **changes) for seeds in stacks]
    return np.concatenate([covered(train(task, ring).views["samples"]) for task in tasks])


def plain(ring):
    """Modes covered by every seed of a loop as one writes it, one model after the other."""
    data, found = torch.from_numpy(ring), []
    bce, ones, zeros = nn.BCEWithLogitsLoss(), torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
    for seed in range(LOOPS):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            g, d = (
                nn.Sequential(nn.Linear(2, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, n))
                for n in (2, 1)
            )
            g_adam, d_adam = (torch.optim.Adam(net.parameters(), lr=RATE, betas=BETAS, fused=True) for net in (g, d))
            for _ in range(STEPS):
                real, fake = data[torch.randint(len(data), (BATCH,))], g(torch.randn(BATCH, 2)).detach()
                d_adam.zero_grad()
                (bce(d(real), ones) + bce(d(fake), zeros)).backward()
                d_adam.step()
                g_adam.zero_grad()
                bce(d(g(torch.randn(BATCH, 2))), ones).backward()
                g_adam.step()
            found.append(g(torch.randn(500, 2)).detach().numpy())
    return covered(np.stack(found))


def test_stacks_cover_as_many_modes_as_a_plain_loop(ring):
    ours, slow, theirs = stacked(ring, RATE), stacked(ring, RATE / 40), plain(ring)
    assert len(np.unique(theirs)) > 2  # runs differ, or the comparison would say nothing
    assert stats.mannwhitneyu(ours, theirs).pvalue > LEVEL
    assert stats.mannwhitneyu(slow, theirs).pvalue < LEVEL
