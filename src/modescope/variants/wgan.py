"""Wasserstein GAN with clipped weights (Arjovsky et al. 2017)."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from modescope.variants import Batch, Losses, Nets, Parameters, Variant
from modescope.variants.common.logits import real_and_fake


class WGAN(Variant):
    """The critic minimises D(g) - D(x), its parameters clipped after every update; G minimises -D(g); g = G(z).

    Algorithm 1 of the paper, which optimises with RMSprop at 5e-5 because momentum made the critic unstable.
    """

    source = "Arjovsky et al. 2017"
    title = "WGAN"
    idea = (
        "D estimates the Wasserstein distance between data and samples, and its weights are clipped to keep it smooth. "
        "This distance counts how far points must be moved to cover the data, so a mode that is left out has a price "
        "wherever it lies."
    )
    link = "https://arxiv.org/abs/1701.07875"
    discriminator_tex = r"D(g) - D(x)"
    generator_tex = r"-D(g) \\ g = G(z)"

    class Hyperparameters(Variant.Hyperparameters):
        """The defaults of algorithm 1."""

        clip: float = Field(0.01, gt=0, description="c: all parameters of the critic stay within [-c, c]; algorithm 1")
        n_critic: int = Field(5, ge=1, le=10_000, description="critic updates per generator update; algorithm 1")

    hyperparameters: Hyperparameters

    @property
    def n_critic(self) -> int:
        """Critic updates before each generator update."""
        return self.hyperparameters.n_critic

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """D(g) - D(x)."""
        on_real, on_fake = real_and_fake(nets["discriminator"], batch.x_real, nets["generator"](batch.z))
        return {"real": -on_real.mean(), "fake": on_fake.mean()}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """-D(g)."""
        return {"fake": -nets["discriminator"](nets["generator"](batch.z)).mean()}

    def after_update(self, side: str, parameters: Mapping[str, Parameters]) -> None:
        """Clip the critic's weights and biases after its update, so that G sees a clipped critic."""
        if side == "discriminator":
            for parameter in parameters["discriminator"].values():
                parameter.clamp_(-self.hyperparameters.clip, self.hyperparameters.clip)
