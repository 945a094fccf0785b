"""The bidirectional GAN: an encoder is trained with the generator (Donahue et al. 2017)."""

from __future__ import annotations

from torch.nn.functional import softplus

from modescope.variants import Batch, Losses, Nets
from modescope.variants.common.bidirectional import Bidirectional, real_and_fake_pairs


class BiGAN(Bidirectional):
    """D minimises sp(-D(x, E(x))) + sp(D(g, z)); G and E minimise the same with both labels flipped.

    g = G(z), D is a logit, sp is softplus: eq. (3) of the paper as cross entropies. The labels are flipped, not the
    sign of D's loss (section 3.4). G gets a gradient from the fake term alone, E from the real term alone.
    """

    source = "Donahue et al. 2017"
    title = "BiGAN"
    idea = (
        "An encoder E is trained with G, and D judges pairs of a point and its code. In the optimum E inverts G, so "
        "every real point, and with it every mode, has a code from which G makes it."
    )
    link = "https://arxiv.org/abs/1605.09782"
    discriminator_tex = r"\operatorname{sp}(-D(x, E(x))) + \operatorname{sp}(D(g, z))"
    generator_tex = r"\operatorname{sp}(D(x, E(x))) + \operatorname{sp}(-D(g, z)) \\ g = G(z)"

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x, E(x))) + sp(D(g, z))."""
        real, fake = (batch.x_real, nets["encoder"](batch.x_real)), (nets["generator"](batch.z), batch.z)
        logits_real, logits_fake = real_and_fake_pairs(nets["discriminator"], real, fake)
        return {"real": softplus(-logits_real).mean(), "fake": softplus(logits_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(D(x, E(x))) + sp(-D(g, z)), minimised by G and E."""
        real, fake = (batch.x_real, nets["encoder"](batch.x_real)), (nets["generator"](batch.z), batch.z)
        logits_real, logits_fake = real_and_fake_pairs(nets["discriminator"], real, fake)
        return {"real": softplus(logits_real).mean(), "fake": softplus(-logits_fake).mean()}
