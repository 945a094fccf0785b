"""GAN with gradient penalties at real and at generated points, R1 and R2, under the standard loss."""

from __future__ import annotations

import torch
from pydantic import Field
from torch.nn.functional import softplus

from modescope.variants import Batch, Losses, Nets, Variant
from modescope.variants.common.logits import real_and_fake, slopes, squared_norm


class R1R2(Variant):
    """D minimises sp(-D(x)) + sp(D(g)) + (gamma / 2) (||grad D(x)||^2 + ||grad D(g)||^2), G minimises sp(-D(g)).

    g = G(z), D is a logit, sp is softplus. Both penalties are eqs. (9) and (10) of Mescheder et al. 2018, who use one
    at a time. Huang et al. 2024 (arXiv 2501.05441) add both to the standard loss in the ablation of R3GAN, of which
    this is all but the relativistic pairing.
    """

    source = "Mescheder et al. 2018; Huang et al. 2024"
    title = "R1 + R2 penalties"
    idea = (
        "D pays for its slope at the real points and at the generated ones. It is held flat around both, so its "
        "gradient stays bounded where the two do not overlap yet, and training can come to rest."
    )
    link = "https://arxiv.org/abs/2501.05441"
    discriminator_tex = (
        r"\operatorname{sp}(-D(x)) + \operatorname{sp}(D(g)) + \tfrac{\gamma}{2} (\lVert \nabla D(x) \rVert^2 + \lVert "
        r"\nabla D(g) \rVert^2)"
    )
    generator_tex = r"\operatorname{sp}(-D(g)) \\ g = G(z)"

    class Hyperparameters(Variant.Hyperparameters):
        """The weight of both penalties."""

        gamma: float = Field(
            1.0,
            ge=0,
            description="only a starting value: sweep it. Mescheder et al. have 1, 10 and 100 on points, for one "
            "penalty. The right value grows with the square of the data's scale",
        )

    hyperparameters: Hyperparameters

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x)) + sp(D(g)) + (gamma / 2) (||grad D(x)||^2 + ||grad D(g)||^2)."""
        discriminator, x_fake = nets["discriminator"], nets["generator"](batch.z)
        logits_real, logits_fake = real_and_fake(discriminator, batch.x_real, x_fake)
        r = squared_norm(slopes(discriminator, torch.cat([batch.x_real, x_fake])))
        r1, r2 = torch.split(r, [len(batch.x_real), len(x_fake)])
        return {
            "real": softplus(-logits_real).mean(),
            "fake": softplus(logits_fake).mean(),
            "r1": self.hyperparameters.gamma / 2 * r1.mean(),
            "r2": self.hyperparameters.gamma / 2 * r2.mean(),
        }

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(g))."""
        return {"fake": softplus(-nets["discriminator"](nets["generator"](batch.z))).mean()}
