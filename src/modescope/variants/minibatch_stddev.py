"""Minibatch standard deviation: the discriminator sees how much its features vary in the batch (Karras et al. 2018)."""

from __future__ import annotations

from torch.nn.functional import softplus

from modescope.networks.dense import MLP, Network
from modescope.networks.stddev import StddevMLP
from modescope.variants import Batch, Losses, Nets, Variant


class MinibatchStddev(Variant):
    """D minimises sp(-D(x)) + sp(D(g)), G minimises sp(-D(g)); D is a logit that depends on the whole batch, g = G(z).

    sp is softplus. D's last hidden layer has one more input, the standard deviation of its other inputs over the
    batch, so points too much alike give a batch away as generated. Section 3 of the paper, under the loss of the
    original GAN; its networks are trained with WGAN-GP. Real and generated points are separate batches for D. The
    authors' code takes the deviation over groups of 4 points, their text over the batch, as here.
    """

    source = "Karras et al. 2018"
    title = "Minibatch std. deviation"
    idea = (
        "D also sees how much its features vary within the batch. Missing modes make generated batches vary less than "
        "real ones, which D can see and G must avoid."
    )
    link = "https://arxiv.org/abs/1710.10196"
    discriminator_tex = r"\operatorname{sp}(-D(x)) + \operatorname{sp}(D(g))"
    generator_tex = r"\operatorname{sp}(-D(g)) \\ g = G(z)"

    def networks(self) -> dict[str, Network]:
        """G: z -> x, and D: x -> logit with the deviation over the batch."""
        return {
            "generator": MLP((self.settings.latent_dim,), self.shape("generator"), self.data_shape),
            "discriminator": StddevMLP(self.data_shape, self.shape("discriminator"), ()),
        }

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x)) + sp(D(g)), from one pass each."""
        discriminator, x_fake = nets["discriminator"], nets["generator"](batch.z)
        return {
            "real": softplus(-discriminator(batch.x_real)).mean(),
            "fake": softplus(discriminator(x_fake)).mean(),
        }

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(g))."""
        return {"fake": softplus(-nets["discriminator"](nets["generator"](batch.z))).mean()}
