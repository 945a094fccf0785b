"""Hinge loss with spectral normalisation of the discriminator (Miyato et al. 2018)."""

from __future__ import annotations

from torch import relu

from modescope.variants import Batch, Losses, Nets
from modescope.variants.common.logits import real_and_fake
from modescope.variants.common.spectral import SpectrallyNormalised


class HingeSN(SpectrallyNormalised):
    """D minimises relu(1 - D(x)) + relu(1 + D(g)), G minimises -D(g); g = G(z), every layer of D is W / sigma(W).

    Eqs. (16) and (17) of the paper, negated to be losses.
    """

    source = "Miyato et al. 2018"
    title = "Hinge loss + spectral norm"
    idea = (
        "Every layer of D is divided by its spectral norm, which limits how steep D can be, and D stops learning from "
        "points that it judges with a margin. A smooth D still tells G where to go when real and generated points do "
        "not overlap, so modes that G has not found keep their pull."
    )
    link = "https://arxiv.org/abs/1802.05957"
    discriminator_tex = (
        r"\operatorname{relu}(1 - D(x)) + \operatorname{relu}(1 + D(g)) \\ \text{every layer of } D \text{ is } W / "
        r"\sigma(W)"
    )
    generator_tex = r"-D(g) \\ g = G(z)"

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """relu(1 - D(x)) + relu(1 + D(g))."""
        on_real, on_fake = real_and_fake(nets["discriminator"], batch.x_real, nets["generator"](batch.z))
        return {"real": relu(1 - on_real).mean(), "fake": relu(1 + on_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """-D(g)."""
        return {"fake": -nets["discriminator"](nets["generator"](batch.z)).mean()}
