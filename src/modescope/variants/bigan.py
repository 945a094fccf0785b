"""The bidirectional GAN: an encoder learns beside the generator (Donahue et al. 2017)."""

from __future__ import annotations

from torch.nn.functional import softplus

from modescope.variants import Batch, Losses, Nets
from modescope.variants.common.bidirectional import Bidirectional, real_and_fake_pairs


class BiGAN(Bidirectional):
    """D minimises sp(-D(x, E(x))) + sp(D(g, z)), G and E together the same with both labels flipped.

    g = G(z), D is a logit, sp is softplus: eq. (3) of the paper as cross entropies. Flipping the labels, instead
    of the sign of D's loss, is its section 3.4. G moves by the fake term alone, E by the real one alone.
    """

    source = "Donahue et al. 2017"

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x, E(x))) + sp(D(g, z))."""
        real, fake = (batch.x_real, nets["encoder"](batch.x_real)), (nets["generator"](batch.z), batch.z)
        logits_real, logits_fake = real_and_fake_pairs(nets["discriminator"], real, fake)
        return {"real": softplus(-logits_real).mean(), "fake": softplus(logits_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(D(x, E(x))) + sp(-D(g, z)), of G and E."""
        real, fake = (batch.x_real, nets["encoder"](batch.x_real)), (nets["generator"](batch.z), batch.z)
        logits_real, logits_fake = real_and_fake_pairs(nets["discriminator"], real, fake)
        return {"real": softplus(logits_real).mean(), "fake": softplus(-logits_fake).mean()}
