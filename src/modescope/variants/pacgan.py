"""PacGAN: the discriminator judges several points at once (Lin et al. 2018)."""

from __future__ import annotations

from pydantic import Field
from torch import Tensor
from torch.nn.functional import softplus

from modescope.networks.dense import Network
from modescope.params.config import Experiment
from modescope.variants import Batch, Losses, Nets, Variant
from modescope.variants.common.logits import real_and_fake


class PacGAN(Variant):
    """The GAN on packs: sp(-D(x_1 ... x_m)) + sp(D(g_1 ... g_m)) for D, sp(-D(g_1 ... g_m)) for G; g = G(z).

    D is a logit, sp is softplus. A pack is m consecutive points of the batch, all real or all generated, joined at
    D's input, pictures along their channels; D's hidden layers are as wide as without packing (section 2 of the
    paper). `discriminator_batch` and `generator_batch` count points, as in all variants. The authors' code counts
    packs: its batch of 100 is 100 m points here.
    """

    source = "Lin et al. 2018"
    title = "PacGAN"
    idea = (
        "D judges packs of several points, all real or all generated, in place of single points. Missing modes make "
        "the points of a pack too much alike, which D can see and G must avoid."
    )
    link = "https://arxiv.org/abs/1712.04086"
    discriminator_tex = r"\operatorname{sp}(-D(x_1 \ldots x_m)) + \operatorname{sp}(D(g_1 \ldots g_m))"
    generator_tex = r"\operatorname{sp}(-D(g_1 \ldots g_m)) \\ g = G(z)"

    class Hyperparameters(Variant.Hyperparameters):
        """The degree of packing."""

        packing: int = Field(2, ge=1, le=1_000, description="m, points in a pack: 2 to 4 in the paper; 1 is the GAN")

    hyperparameters: Hyperparameters

    def __init__(self, settings: Experiment, data_shape: tuple[int, ...]) -> None:
        """Raises ValueError if a batch is not a whole number of packs."""
        super().__init__(settings, data_shape)
        packing = self.hyperparameters.packing
        for name in ("discriminator_batch", "generator_batch"):
            if getattr(settings, name) % packing:
                raise ValueError(
                    f"{name} ({getattr(settings, name)}) must be a multiple of packing ({packing}): D sees whole packs"
                )

    @property
    def pack_shape(self) -> tuple[int, ...]:
        """The shape of m joined points: their first axis m times as long."""
        return (self.hyperparameters.packing * self.data_shape[0], *self.data_shape[1:])

    def networks(self) -> dict[str, Network]:
        """G: z -> x, and D: m points -> logit."""
        return {
            "generator": self.network("generator", [(self.settings.latent_dim,)], self.data_shape),
            "discriminator": self.network("discriminator", [self.pack_shape], ()),
        }

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(x_1 ... x_m)) + sp(D(g_1 ... g_m))."""
        packs_real, packs_fake = self.packs(batch.x_real), self.packs(nets["generator"](batch.z))
        logits_real, logits_fake = real_and_fake(nets["discriminator"], packs_real, packs_fake)
        return {"real": softplus(-logits_real).mean(), "fake": softplus(logits_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """sp(-D(g_1 ... g_m))."""
        return {"fake": softplus(-nets["discriminator"](self.packs(nets["generator"](batch.z)))).mean()}

    def packs(self, points: Tensor) -> Tensor:
        """(batch, channels, ...) -> (batch / m, m channels, ...); coordinates of points in the plane are channels."""
        return points.reshape(-1, *self.pack_shape)
