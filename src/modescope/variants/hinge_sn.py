"""Hinge loss with spectral normalisation of the discriminator (Miyato et al. 2018)."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field
from torch import relu

from modescope.networks.dense import MLP, Network
from modescope.networks.spectral import SpectralMLP, power_iteration
from modescope.variants import Batch, Losses, Nets, Parameters, Variant
from modescope.variants.common.logits import real_and_fake


class HingeSN(Variant):
    """D minimises relu(1 - D(x)) + relu(1 + D(g)), G minimises -D(g); g = G(z), every layer of D is W / sigma(W).

    Eqs. (16) and (17) of the paper, negated to be losses. sigma comes from one power iteration after each update
    of D, as in their algorithm 1, so that both losses are pure functions of parameters and buffers.
    """

    source = "Miyato et al. 2018"

    class Hyperparameters(Variant.Hyperparameters):
        """How steep D may be in data units."""

        scale: float = Field(
            1.0,
            gt=0,
            description="D sees scale * x, so it is scale-Lipschitz. The paper's 1-Lipschitz D cannot rise from -1 "
            "to 1 between points closer than 2 data units, so the scale of the data is a hyperparameter",
        )

    hyperparameters: Hyperparameters

    def networks(self) -> dict[str, Network]:
        """G: z -> x, and D: x -> score with normalised layers."""
        return {
            "generator": MLP((self.settings.latent_dim,), self.shape("generator"), self.data_shape),
            "discriminator": SpectralMLP(
                self.data_shape, self.shape("discriminator"), (), scale=self.hyperparameters.scale
            ),
        }

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """relu(1 - D(x)) + relu(1 + D(g))."""
        on_real, on_fake = real_and_fake(nets["discriminator"], batch.x_real, nets["generator"](batch.z))
        return {"real": relu(1 - on_real).mean(), "fake": relu(1 + on_fake).mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """-D(g)."""
        return {"fake": -nets["discriminator"](nets["generator"](batch.z)).mean()}

    def after_update(self, side: str, parameters: Mapping[str, Parameters]) -> None:
        """One power iteration after an update of D."""
        if side == "discriminator":
            power_iteration(parameters["discriminator"])
