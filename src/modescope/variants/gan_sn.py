"""The standard loss with spectral normalisation of the discriminator (Miyato et al. 2018)."""

from __future__ import annotations

from torch.nn.functional import softplus

from modescope.variants import Batch, Losses, Nets
from modescope.variants.common.logits import real_and_fake
from modescope.variants.common.spectral import SpectrallyNormalised


class GANSN(SpectrallyNormalised):
    """D minimises sp(-D(x)) + sp(D(g)), G minimises sp(-D(g)); g = G(z), every layer of D is W / sigma(W).

    D is a logit, sp is softplus. The standard loss in section 4 of the paper, which has it beside the hinge loss: the
    difference from `gan` is what the normalisation does, and the difference from `hinge_sn` what the hinge does.
    """

    source = "Miyato et al. 2018"
    title = "GAN + spectral norm"
    idea = (
        "Every layer of D is divided by its spectral norm, which limits how steep D can be; the losses are those of "
        "the GAN. A smooth D still tells G where to go when real and generated points do not overlap, so modes that G "
        "has not found keep their pull."
    )
    link = "https://arxiv.org/abs/1802.05957"
    discriminator_tex = (
        r"\operatorname{sp}(-D(x)) + \operatorname{sp}(D(g)) \\ \text{every layer of } D \text{ is } W / \sigma(W)"
    )
    generator_tex = r"\operatorname{sp}(-D(g)) \\ g = G(z)"

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x)) + sp(D(g))."""
        logits_real, logits_fake = real_and_fake(nets["discriminator"], batch.x_real, nets["generator"](batch.z))
        return {"real": softplus(-logits_real).mean(), "fake": softplus(logits_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(g))."""
        return {"fake": softplus(-nets["discriminator"](nets["generator"](batch.z))).mean()}
