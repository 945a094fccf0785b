"""An adversarial encoder without a generator: it maps data to a given distribution (article 003, figure 3)."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import softplus

from modescope.networks.dense import MLP, Network
from modescope.variants import Batch, Losses, Nets, Variant
from modescope.variants.common.logits import real_and_fake


class AdversarialEncoder(Variant):
    """D minimises sp(-D(z)) + sp(D(E(x))), E minimises sp(-D(E(x))); D is a logit, sp is softplus.

    A GAN in the other direction: z from the experiment's latent distribution is real, E(x) is fake. The article's
    latent distribution is uniform: one connected mode, of which E cannot lose a part. It generates no samples.
    """

    source = "Article 003, “A simple regularisation for your GANs”, figure 3"
    title = "Adversarial encoder"
    idea = (
        "The GAN in the other direction: E maps data to a given distribution of codes, and D judges codes. The target "
        "is one connected mode, of which E cannot leave out a part."
    )
    discriminator_tex = r"\operatorname{sp}(-D(z)) + \operatorname{sp}(D(E(x)))"
    generator_tex = r"\operatorname{sp}(-D(E(x)))"
    needs = ("encoder", "discriminator")

    def networks(self) -> dict[str, Network]:
        """E: x -> z and D: z -> logit, uninitialised."""
        latent = (self.settings.latent_dim,)
        return {
            "encoder": MLP(self.data_shape, self.shape("encoder"), latent),
            "discriminator": MLP(latent, self.shape("discriminator"), ()),
        }

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(z)) + sp(D(E(x)))."""
        logits_real, logits_fake = real_and_fake(nets["discriminator"], batch.z, nets["encoder"](batch.x_real))
        return {"real": softplus(-logits_real).mean(), "fake": softplus(logits_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(E(x))), minimised by E."""
        return {"fake": softplus(-nets["discriminator"](nets["encoder"](batch.x_real))).mean()}

    def views(self, nets: Nets, batch: Batch) -> dict[str, Tensor]:
        """E(x), (batch, latent_dim)."""
        return {"codes": nets["encoder"](batch.x_real)}
