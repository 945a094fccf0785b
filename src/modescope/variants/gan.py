"""The original GAN with the non-saturating generator loss (Goodfellow et al. 2014)."""

from __future__ import annotations

import torch
from torch.nn.functional import softplus

from modescope.networks import MLP, Network
from modescope.variants import Batch, Losses, Nets, Variant


class GAN(Variant):
    """D minimises sp(-D(x)) + sp(D(g)), G minimises sp(-D(g)); D is a logit, sp is softplus.

    sp(-D) = -log sigmoid(D): these are the binary cross entropies of section 3 of the paper,
    without a logarithm of a sigmoid.
    """

    source = "Goodfellow et al. 2014"

    def networks(self) -> dict[str, Network]:
        """A generator z -> x and a discriminator x -> logit."""
        shapes = self.settings.networks
        return {
            "generator": MLP((self.settings.latent_dim,), shapes.generator, self.data_shape),
            "discriminator": MLP(self.data_shape, shapes.discriminator, ()),
        }

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x)) + sp(D(g)), g = G(z)."""
        x_fake = nets["generator"](batch.z)
        # One pass for both: D has no batch statistics, and one product of twice the rows is faster.
        logits = nets["discriminator"](torch.cat([batch.x_real, x_fake]))
        logits_real, logits_fake = torch.split(logits, [len(batch.x_real), len(x_fake)])
        return {"real": softplus(-logits_real).mean(), "fake": softplus(logits_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(g)), the non-saturating loss."""
        return {"fake": softplus(-nets["discriminator"](nets["generator"](batch.z))).mean()}
