"""R3GAN: a relativistic pairing loss with gradient penalties at real and generated points (Huang et al. 2024)."""

from __future__ import annotations

import torch
from pydantic import Field
from torch.nn.functional import softplus

from modescope.variants import Batch, Losses, Nets, Variant
from modescope.variants.common.logits import real_and_fake, slopes, squared_norm


class R3GAN(Variant):
    """D minimises sp(-(D(x) - D(g))) + (gamma / 2) (R1 + R2), G minimises sp(-(D(g) - D(x))); g = G(z).

    In both losses the i-th real point is paired with the i-th generated one. R1 = ||grad D(x)||^2,
    R2 = ||grad D(g)||^2. Section 2 of arXiv 2501.05441, negated to be losses. Without R2 the paper's training failed
    on Stacked MNIST.
    """

    source = "Huang et al. 2024"
    title = "R3GAN"
    idea = (
        "D judges pairs of a real and a generated point by the difference of their scores, and pays for its slope at "
        "both. A generated point is compared with real ones everywhere, not with one boundary, so a mode that G leaves "
        "out stays visible in the loss; the penalties let training come to rest."
    )
    link = "https://arxiv.org/abs/2501.05441"
    discriminator_tex = (
        r"\operatorname{sp}(-(D(x) - D(g))) + \tfrac{\gamma}{2} (R_1 + R_2) \\ R_1 = \lVert \nabla D(x) \rVert^2 \\ "
        r"R_2 = \lVert \nabla D(g) \rVert^2"
    )
    generator_tex = r"\operatorname{sp}(-(D(g) - D(x))) \\ g = G(z)"

    class Hyperparameters(Variant.Hyperparameters):
        """The weight of both penalties."""

        gamma: float = Field(
            1.0,
            ge=0,
            description="only a starting value: sweep it. The paper's values are for convolutional networks and fall "
            "during training; none is for an MLP on points. The right value grows with the square of the data's scale",
        )

    hyperparameters: Hyperparameters

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-(D(x) - D(g))) + (gamma / 2) (R1 + R2)."""
        discriminator, x_fake = nets["discriminator"], nets["generator"](batch.z)
        logits_real, logits_fake = real_and_fake(discriminator, batch.x_real, x_fake)
        r = squared_norm(slopes(discriminator, torch.cat([batch.x_real, x_fake])))
        r1, r2 = torch.split(r, [len(batch.x_real), len(x_fake)])
        return {
            "pairs": softplus(logits_fake - logits_real).mean(),
            "r1": self.hyperparameters.gamma / 2 * r1.mean(),
            "r2": self.hyperparameters.gamma / 2 * r2.mean(),
        }

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-(D(g) - D(x)))."""
        logits_real, logits_fake = real_and_fake(nets["discriminator"], batch.x_real, nets["generator"](batch.z))
        return {"pairs": softplus(logits_real - logits_fake).mean()}
