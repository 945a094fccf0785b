"""VEEGAN: a network that reconstructs z keeps the generator on all modes (Srivastava et al. 2017)."""

from __future__ import annotations

from pydantic import Field
from torch.nn.functional import softplus

from modescope.variants import Batch, Losses, Nets
from modescope.variants.common.bidirectional import Bidirectional, real_and_fake_pairs


class VEEGAN(Bidirectional):
    """D minimises sp(-D(g, z)) + sp(D(x, F(x))); G minimises D(g, z) + w ||z - F(g)||^2, F the second term alone.

    g = G(z), F is the encoder. The sign is the paper's (algorithm 1) and the opposite of a GAN's: D is high on
    *generated* pairs, where it estimates log q(g, z) / p(g, z), the ratio of the density of (G(z), z) to that of
    (x, F(x)). G minimises this logit itself, not a cross entropy: its mean is the divergence KL(q || p).
    """

    source = "Srivastava et al. 2017"
    title = "VEEGAN"
    idea = (
        "A second network F maps data back to noise, and G pays where F does not recover the noise that it started "
        "from. F sees real points of every mode, so G is told about modes that it leaves out."
    )
    link = "https://arxiv.org/abs/1705.07761"
    discriminator_tex = r"\operatorname{sp}(D(x, F(x))) + \operatorname{sp}(-D(g, z))"
    generator_tex = r"D(g, z) + w \lVert z - F(g) \rVert^2 \\ g = G(z)"

    class Hyperparameters(Bidirectional.Hyperparameters):
        """The weight of the second term of G's loss."""

        reconstruction_weight: float = Field(
            1.0, ge=0, description="w: 1 in algorithm 1 of the paper, which adds the squared norm over the latent"
        )

    hyperparameters: Hyperparameters

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(D(x, F(x))) + sp(-D(g, z))."""
        real, fake = (batch.x_real, nets["encoder"](batch.x_real)), (nets["generator"](batch.z), batch.z)
        logits_real, logits_fake = real_and_fake_pairs(nets["discriminator"], real, fake)
        return {"real": softplus(logits_real).mean(), "fake": softplus(-logits_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """D(g, z) + w ||z - F(g)||^2: the sum of squares over the latent, the mean over the batch."""
        x_fake = nets["generator"](batch.z)
        reconstruction = (batch.z - nets["encoder"](x_fake)).square().sum(1).mean()
        return {
            "fake": nets["discriminator"](x_fake, batch.z).mean(),
            "reconstruction": self.hyperparameters.reconstruction_weight * reconstruction,
        }
