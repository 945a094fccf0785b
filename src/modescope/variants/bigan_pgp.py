"""BiGAN with the pairwise gradient penalty: D's gradient points from a reconstruction to its original.

Sharma & Namboodiri 2018. The function printed in article 003 and the authors' code differ. Both are here, and a
third form that follows the article's text and is also correct for images.
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

UNDER_ROOT = 1e-12  # squared data units: u would be 0/0 at x = G(E(x)), which no source prevents


class BiGANPGP(Bidirectional):
    """BiGAN, where D also minimises gp_weight times a distance between its gradient h and the unit vector u.

    g = G(z). In the penalty x_hat = G(E(x)) and z = E(x), both held constant; x~ = eps x + (1 - eps) x_hat with one
    eps ~ U(0, 1) per sample; u = (x - x_hat) / ||x - x_hat||; h = grad D(x~, z), with respect to x~. The penalty
    trains D alone.

    `ours`: mean over the batch of ||h - u||^2, norms over all axes of a point.
    `article`: mean of (h - u)^2 over all axes, the norm in u over the last axis alone (for images that is not
    the direction from x_hat to x).
    `authors`: mean over the batch of ||h - u||, norms as ours; G and E minimise D(x, E(x)) - D(g, z).

    Norms are sqrt(sum of squares + 1e-12), so u is 0 at x = x_hat, and ||h - u|| has gradient 0 at h = u.
    `cosine` is the cosine similarity of h and u: 1 where D's gradient has the intended direction.
    """

    source = "Sharma & Namboodiri 2018"
    title = "BiGAN + pairwise penalty"
    idea = (
        "D's gradient between a real point and its reconstruction is drawn towards the direction from the second to "
        "the first. G is then led from each bad reconstruction to its original, so to modes that it leaves out."
    )
    link = "https://arxiv.org/abs/1802.00771"
    discriminator_tex = (
        r"\operatorname{sp}(-D(x, E(x))) + \operatorname{sp}(D(g, z)) + \lambda \lVert h - u \rVert^2 \\ \hat{x} = "
        r"G(E(x)) \\ \tilde{x} = \varepsilon x + (1 - \varepsilon) \hat{x} \\ u = (x - \hat{x}) / \lVert x - \hat{x} "
        r"\rVert \\ h = \nabla D(\tilde{x}, z)"
    )
    generator_tex = (
        r"\operatorname{sp}(D(x, E(x))) + \operatorname{sp}(-D(g, z)) \\ \text{authors: } D(x, E(x)) - D(g, z) \\ g = "
        r"G(z)"
    )
    logged = ("cosine",)

    class Hyperparameters(Bidirectional.Hyperparameters):
        """Form and weight of the penalty."""

        form: Literal["ours", "article", "authors"] = Field(
            "ours", description="the article's text (ours), its printed function, or the authors' code"
        )
        gp_weight: float | None = Field(
            None,
            ge=0,
            description="lambda; by default 1 (article), but 0.1 for the form authors on points (their code)",
        )

    hyperparameters: Hyperparameters

    @property
    def gp_weight(self) -> float:
        """The given weight of the penalty, or the default of the form."""
        if self.hyperparameters.gp_weight is not None:
            return self.hyperparameters.gp_weight
        return 0.1 if self.hyperparameters.form == "authors" and len(self.data_shape) == 1 else 1.0

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x, E(x))) + sp(D(g, z)) + gp_weight ||h - u||^2, or the penalty of another form; and the cosine."""
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
        """sp(D(x, E(x))) + sp(-D(g, z)), minimised by G and E; authors: D(x, E(x)) - D(g, z)."""
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
        """The penalty of this form from h - u, (batch, *data shape) -> scalar."""
        match self.hyperparameters.form:
            case "article":
                return deviation.square().mean()
            case "authors":
                return torch.sqrt(squared_norm(deviation) + UNDER_ROOT).mean()
            case _:
                return squared_norm(deviation).mean()
