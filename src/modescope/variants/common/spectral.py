"""Networks and power iteration of all variants whose discriminator is spectrally normalised."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from modescope.networks.dense import MLP, Network
from modescope.networks.spectral import SpectralMLP, power_iteration
from modescope.params.config import Experiment
from modescope.variants import Parameters, Variant


class SpectrallyNormalised(Variant):
    """A generator z -> x and a discriminator every layer of which is W / sigma(W) (Miyato et al. 2018).

    sigma comes from one power iteration after each update of D, as in algorithm 1 of the paper, so that both losses
    are pure functions of parameters and buffers.
    """

    class Hyperparameters(Variant.Hyperparameters):
        """How steep D may be in data units."""

        scale: float = Field(
            1.0,
            gt=0,
            description="D sees scale * x, so it is scale-Lipschitz. The paper's 1-Lipschitz D cannot rise from -1 "
            "to 1 between points closer than 2 data units, so the scale of the data is a hyperparameter",
        )
        normalised: bool = Field(
            True, description="false: D is any network as it is, so that the loss is tried without its normalisation"
        )

    hyperparameters: Hyperparameters

    def __init__(self, settings: Experiment, data_shape: tuple[int, ...]) -> None:
        """Also raises ValueError for a scale without normalisation."""
        super().__init__(settings, data_shape)
        if not self.hyperparameters.normalised and self.hyperparameters.scale != 1:
            raise ValueError(
                f"hyperparameters.scale ({self.hyperparameters.scale}) belongs to a normalised D: leave it out"
            )

    def networks(self) -> dict[str, Network]:
        """G: z -> x, and D: x -> score with normalised layers."""
        if not self.hyperparameters.normalised:
            return super().networks()
        return {
            "generator": MLP((self.settings.latent_dim,), self.shape("generator"), self.data_shape),
            "discriminator": SpectralMLP(
                self.data_shape, self.shape("discriminator"), (), scale=self.hyperparameters.scale
            ),
        }

    def after_update(self, side: str, parameters: Mapping[str, Parameters]) -> None:
        """One power iteration after an update of D, if it is normalised."""
        if side == "discriminator" and self.hyperparameters.normalised:
            power_iteration(parameters["discriminator"])
