"""Least squares GAN (Mao et al. 2017)."""

from __future__ import annotations

from modescope.variants import Batch, Losses, Nets, Variant
from modescope.variants.common.logits import real_and_fake


class LSGAN(Variant):
    """D minimises 1/2 (D(x) - 1)^2 + 1/2 D(g)^2, G minimises 1/2 (D(g) - 1)^2; g = G(z).

    Eq. (9) of the paper, the 0-1 coding: a = 0, b = c = 1. D's output is used as it is, without a sigmoid.
    """

    source = "Mao et al. 2017"
    title = "LSGAN"
    idea = (
        "D is fitted to 1 on real points and to 0 on generated ones by least squares, in place of cross entropies. "
        "Points that D judges rightly but that lie far from its boundary still have a gradient, so G should not stop "
        "on a few modes."
    )
    link = "https://arxiv.org/abs/1611.04076"
    discriminator_tex = r"\tfrac{1}{2} (D(x) - 1)^2 + \tfrac{1}{2} D(g)^2"
    generator_tex = r"\tfrac{1}{2} (D(g) - 1)^2 \\ g = G(z)"

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """1/2 (D(x) - 1)^2 + 1/2 D(g)^2."""
        on_real, on_fake = real_and_fake(nets["discriminator"], batch.x_real, nets["generator"](batch.z))
        return {"real": (on_real - 1).square().mean() / 2, "fake": on_fake.square().mean() / 2}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """1/2 (D(g) - 1)^2."""
        on_fake = nets["discriminator"](nets["generator"](batch.z))
        return {"fake": (on_fake - 1).square().mean() / 2}
