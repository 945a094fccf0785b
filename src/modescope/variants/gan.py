"""The original GAN, by default with the non-saturating generator loss (Goodfellow et al. 2014)."""

from __future__ import annotations

from pydantic import Field
from torch.nn.functional import softplus

from modescope.variants import Batch, Losses, Nets, Variant
from modescope.variants.common.logits import real_and_fake


class GAN(Variant):
    """D minimises sp(-D(x)) + sp(D(g)), G minimises sp(-D(g)); g = G(z), D is a logit, sp is softplus.

    sp(-D) = -log sigmoid(D): these are the binary cross entropies of section 3 of the paper, computed
    without the logarithm of a sigmoid.
    """

    source = "Goodfellow et al. 2014"
    title = "GAN"
    idea = (
        "D learns to tell real points from generated ones, and G learns to make points that D takes for real. Nothing "
        "in either loss asks G to cover every mode: a point that D takes for real costs nothing, wherever it lies."
    )
    link = "https://arxiv.org/abs/1406.2661"
    discriminator_tex = r"\operatorname{sp}(-D(x)) + \operatorname{sp}(D(g))"
    generator_tex = r"\operatorname{sp}(-D(g)) \\ \text{saturating: } -\operatorname{sp}(D(g)) \\ g = G(z)"

    class Hyperparameters(Variant.Hyperparameters):
        """The choice of the generator's loss."""

        saturating: bool = Field(False, description="G minimises -sp(D(g)), the minimax game of eq. (1)")

    hyperparameters: Hyperparameters

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x)) + sp(D(g)), g = G(z)."""
        logits_real, logits_fake = real_and_fake(nets["discriminator"], batch.x_real, nets["generator"](batch.z))
        return {"real": softplus(-logits_real).mean(), "fake": softplus(logits_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(g)); saturating: -sp(D(g))."""
        logits = nets["discriminator"](nets["generator"](batch.z))
        return {"fake": -softplus(logits).mean() if self.hyperparameters.saturating else softplus(-logits).mean()}
