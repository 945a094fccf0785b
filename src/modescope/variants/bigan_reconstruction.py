"""BiGAN with reconstruction losses, the alternative that article 003 rejects as hard to balance."""

from __future__ import annotations

from pydantic import Field
from torch import Tensor
from torch.nn.functional import softplus

from modescope.variants import Batch, Losses, Nets
from modescope.variants.common.bidirectional import Bidirectional, real_and_fake_pairs


class BiGANReconstruction(Bidirectional):
    """BiGAN, where G also minimises w |x - G(E(x))| with E held, and E also w |z - E(g)| with g = G(z) held.

    |.| is the L1 norm, summed over all coordinates of a point and averaged over the batch. Both terms grow with
    the number of coordinates, the first also with the data's scale. Held means constant: each term trains the
    network that makes the reconstruction, not the one that made its input.
    """

    source = "Article 003, “A simple regularisation for your GANs”"
    title = "BiGAN + reconstruction"
    idea = (
        "G also pays for real points that it does not make again from their codes, and E for codes that it does not "
        "recover from generated points. A real point of a missing mode is rebuilt badly, which this loss charges "
        "directly."
    )
    discriminator_tex = r"\operatorname{sp}(-D(x, E(x))) + \operatorname{sp}(D(g, z))"
    generator_tex = (
        r"\operatorname{sp}(D(x, E(x))) + \operatorname{sp}(-D(g, z)) + w \lvert x - G(E(x)) \rvert + w \lvert z - "
        r"E(g) \rvert \\ g = G(z)"
    )

    class Hyperparameters(Bidirectional.Hyperparameters):
        """The weight of the reconstruction terms."""

        reconstruction_weight: float = Field(
            1.0, ge=0, description="w of both terms; 1 is the sum as written. No source names a value: sweep it"
        )

    hyperparameters: Hyperparameters

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x, E(x))) + sp(D(g, z))."""
        real, fake = (batch.x_real, nets["encoder"](batch.x_real)), (nets["generator"](batch.z), batch.z)
        logits_real, logits_fake = real_and_fake_pairs(nets["discriminator"], real, fake)
        return {"real": softplus(-logits_real).mean(), "fake": softplus(logits_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(D(x, E(x))) + sp(-D(g, z)) + w |x - G(E(x))| + w |z - E(g)|."""
        codes, x_fake = nets["encoder"](batch.x_real), nets["generator"](batch.z)
        logits_real, logits_fake = real_and_fake_pairs(nets["discriminator"], (batch.x_real, codes), (x_fake, batch.z))
        weight = self.hyperparameters.reconstruction_weight
        return {
            "real": softplus(logits_real).mean(),
            "fake": softplus(-logits_fake).mean(),
            "data_reconstruction": weight * distance(batch.x_real, nets["generator"](codes.detach())),
            "latent_reconstruction": weight * distance(batch.z, nets["encoder"](x_fake.detach())),
        }


def distance(a: Tensor, b: Tensor) -> Tensor:
    """The mean over the batch of the L1 norm of a - b, (batch, ...) each -> scalar."""
    return (a - b).abs().flatten(1).sum(1).mean()
