"""What one writes first: a plain PyTorch loop of one GAN, two optimisers, a fresh batch a step."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks import timing
from modescope import machine, variants
from modescope.params.config import Experiment
from modescope.params.settings import Conv, Mlp

LAYERS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "leaky_relu": nn.LeakyReLU}


def speed(settings: Experiment, shape: tuple[int, ...], seconds: float) -> float:
    """Steps a second, with one thread or as many as cores, whichever is faster; for the variant `gan` with Adam."""
    found = []
    for threads in {1, machine.cores()}:
        torch.set_num_threads(threads)
        found.append(timing.rate(Loop(settings, shape).step, seconds))
    return max(found)


def network(settings: Experiment, shape: tuple[int, ...], name: str) -> nn.Module:
    """Linear layers of the widths in the settings; for pictures our own modules, which are plain as well."""
    spec = getattr(settings.networks, name)
    if isinstance(spec, Conv):
        module = variants.find(settings.variant)(settings, shape).networks()[name]
        module.initialise(np.random.default_rng(0))
        return module
    assert isinstance(spec, Mlp)
    n_in, n_out = (settings.latent_dim, shape[0]) if name == "generator" else (shape[0], 1)
    layers: list[nn.Module] = []
    for width in spec.hidden:
        layers += [nn.Linear(n_in, width), LAYERS[spec.activation]()]
        n_in = width
    return nn.Sequential(*layers, nn.Linear(n_in, n_out))


def _adam(module: nn.Module, spec: Any) -> torch.optim.Adam:
    return torch.optim.Adam(module.parameters(), lr=spec.learning_rate, betas=tuple(spec.betas))


class Loop:
    """Goodfellow et al. 2014 with the non-saturating loss, by binary cross entropy on logits."""

    def __init__(self, settings: Experiment, shape: tuple[int, ...]) -> None:
        self.settings = settings
        self.generator, self.discriminator = (network(settings, shape, name) for name in ("generator", "discriminator"))
        self.data = torch.randn(timing.POINTS if len(shape) == 1 else timing.PICTURES, *shape)
        self.g_optimizer = _adam(self.generator, settings.optimizers.generator)
        self.d_optimizer = _adam(self.discriminator, settings.optimizers.discriminator)
        self.bce = nn.BCEWithLogitsLoss()

    def step(self) -> None:
        """One update of D, then one of G."""
        n_real, n_fake = self.settings.discriminator_batch, self.settings.generator_batch
        x_real = self.data[torch.randint(len(self.data), (n_real,))]
        x_fake = self.generator(torch.randn(n_real, self.settings.latent_dim)).detach()
        self.d_optimizer.zero_grad()
        logits_real, logits_fake = self.discriminator(x_real), self.discriminator(x_fake)
        loss = self.bce(logits_real, torch.ones_like(logits_real)) + self.bce(
            logits_fake, torch.zeros_like(logits_fake)
        )
        loss.backward()
        self.d_optimizer.step()
        self.g_optimizer.zero_grad()
        logits_fake = self.discriminator(self.generator(torch.randn(n_fake, self.settings.latent_dim)))
        self.bce(logits_fake, torch.ones_like(logits_fake)).backward()
        self.g_optimizer.step()
