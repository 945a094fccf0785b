"""The simplest GAN possible (article 002): a line against a bell, and what was tried to make it steadier."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import softplus

from modescope.networks.dense import MLP, Network
from modescope.params.config import Experiment
from modescope.variants import Batch, Losses, Nets, Variant

NEAREST = 1e-7  # to 0 and 1 that a uniform number may come before it is made normal: 5.2 deviations


class Line(Network):
    """w z + b with z in one dimension: two parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(())), nn.Parameter(torch.empty(()))

    def forward(self, z: Tensor, offsets: Tensor | None = None) -> Tensor:
        """(batch, 1) -> (batch, 1); `offsets` (batch, 2) are added to (w, b), for each point its own."""
        if offsets is None:
            return z * self.weight + self.bias
        return z * (self.weight + offsets[:, :1]) + self.bias + offsets[:, 1:]

    def initialise(self, rng: np.random.Generator) -> None:
        """W and b ~ U(-1, 1), PyTorch's default for a linear layer with one input."""
        with torch.no_grad():
            for parameter in (self.weight, self.bias):
                parameter.fill_(rng.uniform(-1, 1))


class Point(Variant):
    """D minimises (r H(label_real, D(x)) + H(label_fake, D(g))) / 2, G minimises H(1, D(g)); g = w z + b.

    H(y, p) = -y log p - (1 - y) log(1 - p), p = sigmoid(logit), and r is the weight of the real points. The half is
    the article's mean over real and generated points, and matters beside weight decay alone. Where there is noise
    on w and b, D is shown lines that have it.
    """

    source = "V. Pogribnyi, article 002"
    needs: ClassVar[tuple[str, ...]] = ("discriminator",)  # the generator has no settings
    watched: ClassVar[tuple[str, ...]] = ("samples", "line")

    class Hyperparameters(Variant.Hyperparameters):
        """What the article tries, each on its own; the defaults are its baseline."""

        label_real: float = Field(1.0, gt=0, le=1, description="what D should say of real points; 0.9 eases it")
        label_fake: float = Field(0.0, ge=0, lt=1, description="and of generated ones; 0.1 eases it")
        real_weight: float = Field(1.0, gt=0, description="of the real points in D's loss, generated ones having 1")
        parameter_noise: float = Field(0.0, ge=0, description="deviation of N(0, s^2) on w and b while D trains")
        noise_draws: int = Field(
            8, ge=1, description="of that noise in every update of D, averaged; each has its share of the batch"
        )

    hyperparameters: Hyperparameters

    def __init__(self, settings: Experiment, data_shape: tuple[int, ...]) -> None:
        """Also raises ValueError for data or a latent of other than one dimension, and noise that cannot be drawn."""
        super().__init__(settings, data_shape)
        if data_shape != (1,) or settings.latent_dim != 1:
            raise ValueError(
                f"variant point is a line from one number to one number; the data has the shape {data_shape}, "
                f"latent_dim is {settings.latent_dim}"
            )
        if self.hyperparameters.parameter_noise:
            draws = self.hyperparameters.noise_draws
            if settings.discriminator_batch < 2 * draws or settings.discriminator_batch % draws:
                raise ValueError(
                    f"discriminator_batch: noise on two parameters, drawn {draws} times, takes a multiple of {draws}, "
                    f"{2 * draws} points at least; {settings.discriminator_batch} given"
                )
            if settings.instance_noise is not None:
                raise ValueError("instance_noise cannot be had together with parameter_noise")

    def networks(self) -> dict[str, Network]:
        """G: z -> w z + b, and D: x -> logit."""
        return {"generator": Line(), "discriminator": MLP((1,), self.shape("discriminator"), ())}

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """Half the cross entropy with each label: the article's mean over both kinds; and over draws of the noise."""
        h = self.hyperparameters
        logits_real = nets["discriminator"](batch.x_real)
        logits_fake = nets["discriminator"](self._seen(nets, batch))
        return {
            "real": h.real_weight * cross_entropy(h.label_real, logits_real).mean() / 2,
            "fake": cross_entropy(h.label_fake, logits_fake).mean() / 2,
        }

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """-log D(g), without noise."""
        return {"fake": softplus(-nets["discriminator"](nets["generator"](batch.z))).mean()}

    def views(self, nets: Nets, batch: Batch) -> dict[str, Tensor]:
        """`samples` (n, 1) and `line` (2,): w and b."""
        zero = torch.zeros_like(batch.z[:1])
        ends = nets["generator"](torch.cat([zero - 1, zero, zero + 1]))[:, 0]
        return {
            "samples": nets["generator"](batch.z),
            "line": torch.stack([(ends[2] - ends[0]) / 2, ends[1]]),
        }

    def _seen(self, nets: Nets, batch: Batch) -> Tensor:
        """What D is shown of G, (batch, 1): with noise, every draw has its equal share of the latent points."""
        h = self.hyperparameters
        if not h.parameter_noise:
            return nets["generator"](batch.z)
        n, draws = len(batch.z), h.noise_draws
        uniform = batch.uniform[: 2 * draws].clamp(NEAREST, 1 - NEAREST)
        offsets = h.parameter_noise * torch.special.ndtri(uniform).reshape(draws, 1, 2)
        return nets["generator"](batch.z, offsets.expand(draws, n // draws, 2).reshape(n, 2))


def cross_entropy(label: float, logits: Tensor) -> Tensor:
    """-y log p - (1 - y) log(1 - p) with p = sigmoid(logit), (batch,) -> (batch,)."""
    return softplus(logits) - label * logits
