"""Flow matching: a velocity field carries noise to data along straight paths (Lipman et al. 2023)."""

from __future__ import annotations

import math

from pydantic import Field
from torch import Tensor

from modescope.networks.dense import MLP, Network
from modescope.params.config import Experiment
from modescope.variants import Batch, Losses, Nets, Variant


class FlowMatching(Variant):
    """The velocity v minimises ||v(t, x_t) - (x_1 - x_0)||^2, x_t = (1 - t) x_0 + t x_1.

    x_0 = z ~ N(0, I), x_1 = x, t ~ U(0, 1): eq. (23) of the paper, its optimal transport path with sigma_min = 0.
    A sample is x(1) of dx/dt = v(t, x) from x(0) = z.
    """

    source = "Lipman et al. 2023"
    title = "Flow matching"
    idea = (
        "There is no game: a velocity field is fitted by least squares to straight paths from noise to data, and "
        "samples follow it. Every real point has its own term in the loss, so none can be left out to please a "
        "discriminator."
    )
    link = "https://arxiv.org/abs/2210.02747"
    generator_tex = r"\lVert v(t, x_t) - (x_1 - x_0) \rVert^2 \\ x_t = (1 - t) x_0 + t x_1"
    needs = ("generator",)

    class Hyperparameters(Variant.Hyperparameters):
        """The step size of the ODE solver."""

        solver_steps: int = Field(
            20,
            ge=1,
            le=10_000,
            description="midpoint steps, two evaluations of v each; step size 0.05 as in the 2D example of the "
            "authors' library (Lipman et al. 2024, Flow Matching Guide and Code)",
        )

    hyperparameters: Hyperparameters

    def __init__(self, settings: Experiment, data_shape: tuple[int, ...]) -> None:
        """Raises ValueError if the dimension of z is not the data's, or z is not normal."""
        super().__init__(settings, data_shape)
        if settings.latent_dim != math.prod(data_shape):
            raise ValueError(
                f"latent_dim ({settings.latent_dim}) must be the data's dimension ({math.prod(data_shape)}): "
                "the flow moves each z to a sample within the data space"
            )
        if settings.latent.kind != "normal":
            raise ValueError(f"latent.kind ({settings.latent.kind}) must be normal: the paths start at N(0, I)")

    @property
    def evaluations(self) -> int:
        """Evaluations of v for one sample."""
        return 2 * self.hyperparameters.solver_steps

    def networks(self) -> dict[str, Network]:
        """v: (t, x) -> velocity of x, uninitialised; called `generator`."""
        return {"generator": MLP((1 + math.prod(self.data_shape),), self.shape("generator"), self.data_shape)}

    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """||v(t, x_t) - (x_1 - x_0)||^2: the sum of squares over a point's coordinates, the mean over the batch."""
        x0, x1 = batch.z.reshape(-1, *self.data_shape), batch.x_real
        t = batch.uniform.reshape(-1, *(1 for _ in self.data_shape))
        velocity = nets["generator"](batch.uniform[:, None], (1 - t) * x0 + t * x1)
        return {"velocity": (velocity - (x1 - x0)).square().flatten(1).sum(1).mean()}

    def views(self, nets: Nets, batch: Batch) -> dict[str, Tensor]:
        """`samples` (n, *data shape): the flow from z, solved by the midpoint rule with fixed steps."""
        x, velocity = batch.z.reshape(-1, *self.data_shape), nets["generator"]
        step = 1 / self.hyperparameters.solver_steps
        for i in range(self.hyperparameters.solver_steps):
            t = x.new_full((len(x), 1), i * step)
            middle = x + step / 2 * velocity(t, x)
            x = x + step * velocity(t + step / 2, middle)
        return {"samples": x}
