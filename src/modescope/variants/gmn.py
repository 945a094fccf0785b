"""The generative moment matching network: a generator without an adversary (Li et al. 2015)."""

from __future__ import annotations

import math
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from modescope.networks.dense import MLP, Network
from modescope.params.config import Experiment
from modescope.variants import Batch, Losses, Nets, Variant


class GMN(Variant):
    """G minimises the unbiased squared maximum mean discrepancy (MMD) between g = G(z) and x.

    MMD^2 = mean_(i != j) k(x_i, x_j) + mean_(i != j) k(g_i, g_j) - 2 mean k(x_i, g_j), eq. (3) of Gretton et al. 2012,
    with the kernel k(a, b) = mean over the bandwidths s of exp(-||a - b||^2 / (2 s^2)). Without the pairs i = j its
    expectation is 0 for equal distributions, and it may be negative.
    """

    source = "Li et al. 2015"
    title = "Moment matching (MMD)"
    idea = (
        "There is no discriminator: G minimises a distance between its batch and a real one, measured by a fixed "
        "kernel. Every real point without generated ones nearby adds to the distance, so a missing mode has a price "
        "from the first step."
    )
    link = "https://arxiv.org/abs/1502.02761"
    generator_tex = (
        r"\operatorname{mean}_{i \ne j} k(x_i, x_j) + \operatorname{mean}_{i \ne j} k(g_i, g_j) - 2 "
        r"\operatorname{mean} k(x_i, g_j) \\ g = G(z)"
    )
    needs = ("generator",)

    class Hyperparameters(Variant.Hyperparameters):
        """The bandwidths of the kernel."""

        bandwidths: list[Annotated[float, Field(gt=0)]] = Field(
            [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6],
            min_length=1,
            description="s in data units: a fixed mixture as in Li et al. 2015, section 5, here from the width of a "
            "mode to the range of the toy data. A median bandwidth misses modes far narrower than their spacing",
        )

    hyperparameters: Hyperparameters

    def __init__(self, settings: Experiment, data_shape: tuple[int, ...]) -> None:
        """Raises ValueError for a batch of one point, as it has no pairs."""
        super().__init__(settings, data_shape)
        if settings.generator_batch < 2:
            raise ValueError(f"generator_batch ({settings.generator_batch}): the unbiased MMD needs pairs, 2 or more")

    def networks(self) -> dict[str, Network]:
        """G: z -> x, uninitialised."""
        return {"generator": MLP((self.settings.latent_dim,), self.shape("generator"), self.data_shape)}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """mean_(i != j) k(x_i, x_j) + mean_(i != j) k(g_i, g_j) - 2 mean k(x_i, g_j): the unbiased MMD^2."""
        # Centring keeps the distances and reduces the rounding errors of the products in them.
        centre = batch.x_real.mean(0, keepdim=True)
        real, fake = (batch.x_real - centre).flatten(1), (nets["generator"](batch.z) - centre).flatten(1)
        real_real, fake_fake, real_fake = self.kernel(real, real), self.kernel(fake, fake), self.kernel(real, fake)
        return {"mmd2": mean_of_pairs(real_real) + mean_of_pairs(fake_fake) - 2 * real_fake.mean()}

    def kernel(self, a: Tensor, b: Tensor) -> Tensor:
        """k(a_i, b_j), (m, dim) and (n, dim) -> (m, n), from one matrix of squared distances."""
        squared = a.square().sum(1)[:, None] + b.square().sum(1) - 2 * a @ b.mT
        squared = squared.clamp(min=0)  # rounding can make it negative
        bandwidths = self.hyperparameters.bandwidths
        # Powers of two, as a CPU takes up to thirty times as long for powers of e that are almost zero.
        powers = [torch.exp2(squared * (-1 / (2 * s * s * math.log(2)))) for s in bandwidths]
        return torch.stack(powers).mean(0)


def mean_of_pairs(kernel: Tensor) -> Tensor:
    """The mean of a matrix without its diagonal, (n, n) -> scalar."""
    n = len(kernel)
    return (kernel.sum() - kernel.diagonal().sum()) / (n * (n - 1))
