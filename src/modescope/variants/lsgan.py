"""Least squares GAN (Mao et al. 2017)."""

from __future__ import annotations

from modescope.variants import Batch, Losses, Nets, Variant
from modescope.variants.common.logits import real_and_fake


class LSGAN(Variant):
    """D minimises 1/2 (D(x) - 1)^2 + 1/2 D(g)^2, G minimises 1/2 (D(g) - 1)^2; g = G(z).

    Eq. (9) of the paper, the 0-1 coding: a = 0, b = c = 1. D's output is used as it is, without a sigmoid.
    """

    source = "Mao et al. 2017"

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """1/2 (D(x) - 1)^2 + 1/2 D(g)^2."""
        on_real, on_fake = real_and_fake(nets["discriminator"], batch.x_real, nets["generator"](batch.z))
        return {"real": (on_real - 1).square().mean() / 2, "fake": on_fake.square().mean() / 2}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """1/2 (D(g) - 1)^2."""
        on_fake = nets["discriminator"](nets["generator"](batch.z))
        return {"fake": (on_fake - 1).square().mean() / 2}
