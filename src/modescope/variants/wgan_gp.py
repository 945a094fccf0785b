"""Wasserstein GAN with gradient penalty (Gulrajani et al. 2017)."""

from __future__ import annotations

import torch
from pydantic import Field

from modescope.variants import Batch, Losses, Nets, Variant
from modescope.variants.common.logits import real_and_fake, slopes, squared_norm

UNDER_ROOT = 1e-12  # squared gradient: where the critic is flat, the derivative of the norm would be 0/0


class WGANGP(Variant):
    """The critic minimises D(g) - D(x) + gp_weight (||grad D(x_hat)|| - 1)^2, G minimises -D(g); g = G(z).

    x_hat = eps x + (1 - eps) g with one eps ~ U(0, 1) per sample; the norm is over all axes of a point and is
    sqrt(sum of squares + 1e-12). Algorithm 1 of the paper, which optimises with Adam at 1e-4, betas (0, 0.9);
    the authors' toy script has betas (0.5, 0.9).
    """

    source = "Gulrajani et al. 2017"
    title = "WGAN-GP"
    idea = (
        "D estimates the Wasserstein distance between data and samples, kept smooth by a penalty that draws its slope "
        "towards 1 between real and generated points. This distance counts how far points must be moved to cover the "
        "data, so a mode that is left out has a price wherever it lies."
    )
    link = "https://arxiv.org/abs/1704.00028"
    discriminator_tex = (
        r"D(g) - D(x) + \lambda (\lVert \nabla D(\hat{x}) \rVert - 1)^2 \\ \hat{x} = \varepsilon x + (1 - \varepsilon) "
        r"g"
    )
    generator_tex = r"-D(g) \\ g = G(z)"

    class Hyperparameters(Variant.Hyperparameters):
        """The weight of the penalty, and how often the critic is updated."""

        gp_weight: float = Field(0.1, ge=0, description="lambda: 0.1 in their toy script, 10 on images (algorithm 1)")
        n_critic: int = Field(
            5, ge=1, le=10_000, description="critic updates per generator update; algorithm 1 and toy script"
        )

    hyperparameters: Hyperparameters

    @property
    def n_critic(self) -> int:
        """Critic updates before each generator update."""
        return self.hyperparameters.n_critic

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """D(g) - D(x) + gp_weight (||grad D(x_hat)|| - 1)^2."""
        critic, x_fake = nets["discriminator"], nets["generator"](batch.z)
        on_real, on_fake = real_and_fake(critic, batch.x_real, x_fake)
        eps = batch.uniform.reshape(-1, *(1 for _ in self.data_shape))  # (batch, 1, ...)
        gradient = slopes(critic, eps * batch.x_real + (1 - eps) * x_fake)
        norm = torch.sqrt(squared_norm(gradient) + UNDER_ROOT)  # (batch,)
        return {
            "real": -on_real.mean(),
            "fake": on_fake.mean(),
            "gradient_penalty": self.hyperparameters.gp_weight * (norm - 1).square().mean(),
        }

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """-D(g)."""
        return {"fake": -nets["discriminator"](nets["generator"](batch.z)).mean()}
