"""Relativistic average GAN: D judges each point against the average of the other kind (Jolicoeur-Martineau 2018)."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import softplus

from modescope.variants import Batch, Losses, Nets, Variant
from modescope.variants.common.logits import real_and_fake


class RaGAN(Variant):
    """D minimises sp(-(D(x) - mean D(g))) + sp(D(g) - mean D(x)), G the same with real and generated exchanged.

    g = G(z), D is a logit, sp is softplus, and the means are over the batch. Algorithm 2 of the paper (RaSGAN), with
    its cross entropies written without the logarithm of a sigmoid. The gradient of both sides goes through both
    logits, as in the paper, so G needs real points too.
    """

    source = "Jolicoeur-Martineau 2018"
    title = "Relativistic GAN"
    idea = (
        "D judges each point against the average score of the other kind, and G is trained on real points as well as "
        "on its own. As generated points gain, real ones must lose, so G cannot win by making a few points ever more "
        "convincing."
    )
    link = "https://arxiv.org/abs/1807.00734"
    discriminator_tex = (
        r"\operatorname{sp}(-(D(x) - \operatorname{mean} D(g))) + \operatorname{sp}(D(g) - \operatorname{mean} D(x))"
    )
    generator_tex = (
        r"\operatorname{sp}(-(D(g) - \operatorname{mean} D(x))) + \operatorname{sp}(D(x) - \operatorname{mean} D(g)) "
        r"\\ g = G(z)"
    )

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-(D(x) - mean D(g))) + sp(D(g) - mean D(x))."""
        lead_real, lead_fake = leads(nets, batch)
        return {"real": softplus(-lead_real).mean(), "fake": softplus(lead_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-(D(g) - mean D(x))) + sp(D(x) - mean D(g))."""
        lead_real, lead_fake = leads(nets, batch)
        return {"real": softplus(lead_real).mean(), "fake": softplus(-lead_fake).mean()}


def leads(nets: Nets, batch: Batch) -> tuple[Tensor, Tensor]:
    """D(x) - mean D(g) and D(g) - mean D(x), (batch,) each."""
    logits_real, logits_fake = real_and_fake(nets["discriminator"], batch.x_real, nets["generator"](batch.z))
    return logits_real - logits_fake.mean(), logits_fake - logits_real.mean()
