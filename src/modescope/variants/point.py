"""The simplest possible GAN (article 002): a linear generator, and what the article tries to stabilise it."""

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

NEAREST = 1e-7  # distance of uniform numbers from 0 and 1: keeps normal ones within 5.2 standard deviations


class Line(Network):
    """w z + b with z in one dimension: two parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(())), nn.Parameter(torch.empty(()))

    def forward(self, z: Tensor, offsets: Tensor | None = None) -> Tensor:
        """(batch, 1) -> (batch, 1); `offsets` (batch, 2) are added to (w, b), one row for each point."""
        if offsets is None:
            return z * self.weight + self.bias
        return z * (self.weight + offsets[:, :1]) + self.bias + offsets[:, 1:]

    def initialise(self, rng: np.random.Generator) -> None:
        """W and b ~ U(-1, 1), PyTorch's default for a linear layer with one input."""
        with torch.no_grad():
            for parameter in (self.weight, self.bias):
                parameter.fill_(rng.uniform(-1, 1))


class Point(Variant):
    """D minimises (r H(y_real, D(x)) + H(y_fake, D(g))) / 2, G minimises H(1, D(g)); g = w z + b.

    H(y, p) = -y log p - (1 - y) log(1 - p), p = sigmoid(logit), y the label, r the weight of the real points. The
    factor 1/2 is the article's mean over real and generated points; it matters only with weight decay. With noise on
    w and b, D sees points from noisy lines.
    """

    source = "V. Pogribnyi, article 002"
    title = "Single-point GAN"
    idea = (
        "The smallest GAN that can fail: G is a line with two parameters and the data are one point. Label smoothing, "
        "weights, weight decay and noise are tried on it one at a time, to see what makes training come to rest."
    )
    discriminator_tex = r"(r H(y_\text{real}, D(x)) + H(y_\text{fake}, D(g))) / 2"
    generator_tex = r"H(1, D(g)) \\ g = w z + b"
    needs: ClassVar[tuple[str, ...]] = ("discriminator",)  # the generator has no settings
    watched: ClassVar[tuple[str, ...]] = ("samples", "line")

    class Hyperparameters(Variant.Hyperparameters):
        """What the article tries, one at a time; the defaults are its baseline."""

        label_real: float = Field(1.0, gt=0, le=1, description="D's target for real points; 0.9: label smoothing")
        label_fake: float = Field(0.0, ge=0, lt=1, description="D's target for generated points; 0.1: label smoothing")
        real_weight: float = Field(1.0, gt=0, description="of the real points in D's loss; generated points have 1")
        parameter_noise: float = Field(0.0, ge=0, description="s of N(0, s^2) added to w and b in D's updates")
        noise_draws: int = Field(
            8,
            ge=1,
            le=10_000,
            description="draws of that noise in every update of D; each gets an equal share of the batch",
        )

    hyperparameters: Hyperparameters

    def __init__(self, settings: Experiment, data_shape: tuple[int, ...]) -> None:
        """Also raises ValueError unless data and latent have one dimension, and if the noise does not fit the batch."""
        super().__init__(settings, data_shape)
        if data_shape != (1,) or settings.latent_dim != 1:
            raise ValueError(
                "variant point maps one number to one number: the data must have the shape (1,) and latent_dim must "
                f"be 1; found {data_shape} and {settings.latent_dim}"
            )
        if self.hyperparameters.parameter_noise:
            draws = self.hyperparameters.noise_draws
            if settings.discriminator_batch < 2 * draws or settings.discriminator_batch % draws:
                raise ValueError(
                    f"discriminator_batch ({settings.discriminator_batch}) must be a multiple of noise_draws ({draws}) "
                    f"and at least {2 * draws}: a draw takes two random numbers"
                )
            if settings.instance_noise is not None:
                raise ValueError("instance_noise cannot be combined with parameter_noise: remove one")

    def networks(self) -> dict[str, Network]:
        """G: z -> w z + b, and D: x -> logit."""
        return {"generator": Line(), "discriminator": MLP((1,), self.shape("discriminator"), ())}

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """(r H(y_real, D(x)) + H(y_fake, D(g))) / 2: the article's mean over real and generated points."""
        h = self.hyperparameters
        logits_real = nets["discriminator"](batch.x_real)
        logits_fake = nets["discriminator"](self._seen(nets, batch))
        return {
            "real": h.real_weight * cross_entropy(h.label_real, logits_real).mean() / 2,
            "fake": cross_entropy(h.label_fake, logits_fake).mean() / 2,
        }

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """H(1, D(g)), without noise."""
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
        """The generated points that D sees, (batch, 1); every draw of noise has an equal share of the latent points."""
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
