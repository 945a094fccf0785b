"""GAN with a gradient penalty at the real points, R1 (Mescheder et al. 2018)."""

from __future__ import annotations

from pydantic import Field
from torch.nn.functional import softplus

from modescope.variants import Batch, Losses, Nets, Variant
from modescope.variants.common.logits import real_and_fake, slopes, squared_norm


class R1(Variant):
    """D minimises sp(-D(x)) + sp(D(g)) + (r1_gamma / 2) ||grad D(x)||^2, G minimises sp(-D(g)); g = G(z).

    D is a logit, sp is softplus. The penalty is eq. (9) of the paper; the published code has no 1/2, so its
    `reg_param` is half of r1_gamma.
    """

    source = "Mescheder et al. 2018"
    title = "R1 penalty"
    idea = (
        "D pays for its slope at the real points. Near the data D becomes flat, so training can come to rest there "
        "instead of circling, and G is not driven from one mode to the next."
    )
    link = "https://arxiv.org/abs/1801.04406"
    discriminator_tex = (
        r"\operatorname{sp}(-D(x)) + \operatorname{sp}(D(g)) + \tfrac{\gamma}{2} \lVert \nabla D(x) \rVert^2"
    )
    generator_tex = r"\operatorname{sp}(-D(g)) \\ g = G(z)"

    class Hyperparameters(Variant.Hyperparameters):
        """The weight of the penalty."""

        r1_gamma: float = Field(
            10.0,
            ge=0,
            description="in the paper 10 on images, 1, 10 and 100 on points. The right value grows with the square "
            "of the data's scale: the gradient of the same D on data twice as large is half as large",
        )

    hyperparameters: Hyperparameters

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x)) + sp(D(g)) + (r1_gamma / 2) ||grad D(x)||^2."""
        discriminator = nets["discriminator"]
        logits_real, logits_fake = real_and_fake(discriminator, batch.x_real, nets["generator"](batch.z))
        r1 = squared_norm(slopes(discriminator, batch.x_real)).mean()
        return {
            "real": softplus(-logits_real).mean(),
            "fake": softplus(logits_fake).mean(),
            "r1": self.hyperparameters.r1_gamma / 2 * r1,
        }

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(g))."""
        return {"fake": softplus(-nets["discriminator"](nets["generator"](batch.z))).mean()}
