"""BiGAN with the pairwise gradient penalty: D's slope points from a reconstruction to its original.

Sharma & Namboodiri 2018. The function printed in article 003 and the authors' code differ; both are here, beside
the article's sentence made right for images.
"""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import cosine_similarity, softplus

from modescope.variants import Batch, Losses, Nets
from modescope.variants.common.bidirectional import Bidirectional, real_and_fake_pairs
from modescope.variants.common.logits import slopes, squared_norm

UNDER_ROOT = 1e-12  # squared data units: no source guards x = G(E(x)), where u would be 0/0


class BiGANPGP(Bidirectional):
    """BiGAN, and D also minimises gp_weight times a distance of its slope h from the unit vector u.

    x_hat = G(E(x)) and z = E(x), both held; x~ = eps x + (1 - eps) x_hat with one eps ~ U(0, 1) a sample;
    u = (x - x_hat) / ||x - x_hat||; h = the gradient of D(x~, z) with respect to x~. The penalty moves D alone.

    `ours`: mean over the batch of ||h - u||^2, norms over all axes of a point.
    `article`: mean of (h - u)^2 over all axes, the norm in u over the last axis alone (for images that is not
    the direction from x_hat to x).
    `authors`: mean over the batch of ||h - u||, norms as ours; G and E minimise D(x, E(x)) - D(g, z).

    Norms are sqrt(sum of squares + 1e-12): at x = x_hat u is 0, and ||h - u|| has slope 0 where h = u.
    `cosine`, between h and u, says whether the penalty does what it is for.
    """

    source = "Sharma & Namboodiri 2018"
    logged = ("cosine",)

    class Hyperparameters(Bidirectional.Hyperparameters):
        """Which penalty, and how much of it."""

        form: Literal["ours", "article", "authors"] = Field(
            "ours", description="the sentence of the article, its printed function, or the authors' code"
        )
        gp_weight: float | None = Field(
            None,
            ge=0,
            description="lambda; by default the form's own: 1 (article), authors 0.1 on points and 1 on images (code)",
        )

    hyperparameters: Hyperparameters

    @property
    def gp_weight(self) -> float:
        """The given weight of the penalty, or the form's own."""
        if self.hyperparameters.gp_weight is not None:
            return self.hyperparameters.gp_weight
        return 0.1 if self.hyperparameters.form == "authors" and len(self.data_shape) == 1 else 1.0

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x, E(x))) + sp(D(g, z)) + gp_weight penalty; and the cosine."""
        codes, x_fake = nets["encoder"](batch.x_real).detach(), nets["generator"](batch.z)
        logits_real, logits_fake = real_and_fake_pairs(nets["discriminator"], (batch.x_real, codes), (x_fake, batch.z))
        x_hat = nets["generator"](codes).detach()
        eps = batch.uniform.reshape(-1, *(1 for _ in self.data_shape))
        h = slopes(lambda x: nets["discriminator"](x, codes), eps * batch.x_real + (1 - eps) * x_hat)
        u = self.direction(batch.x_real - x_hat)
        return {
            "real": softplus(-logits_real).mean(),
            "fake": softplus(logits_fake).mean(),
            "penalty": self.gp_weight * self.penalty(h - u),
            "cosine": cosine_similarity(h.flatten(1), u.flatten(1)).mean().detach(),
        }

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(D(x, E(x))) + sp(-D(g, z)), of G and E; authors: D(x, E(x)) - D(g, z)."""
        real, fake = (batch.x_real, nets["encoder"](batch.x_real)), (nets["generator"](batch.z), batch.z)
        logits_real, logits_fake = real_and_fake_pairs(nets["discriminator"], real, fake)
        if self.hyperparameters.form == "authors":
            return {"real": logits_real.mean(), "fake": -logits_fake.mean()}
        return {"real": softplus(logits_real).mean(), "fake": softplus(-logits_fake).mean()}

    def direction(self, difference: Tensor) -> Tensor:
        """Differences, (batch, *data shape), divided by their norms."""
        axes = -1 if self.hyperparameters.form == "article" else tuple(range(1, difference.ndim))
        return difference / torch.sqrt(difference.square().sum(axes, keepdim=True) + UNDER_ROOT)

    def penalty(self, deviation: Tensor) -> Tensor:
        """The form's mean of h - u, (batch, *data shape) -> scalar."""
        match self.hyperparameters.form:
            case "article":
                return deviation.square().mean()
            case "authors":
                return torch.sqrt(squared_norm(deviation) + UNDER_ROOT).mean()
            case _:
                return squared_norm(deviation).mean()
