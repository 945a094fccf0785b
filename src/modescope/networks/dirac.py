"""The two networks of the Dirac-GAN, a point and a line through the origin (Mescheder et al. 2018, section 2)."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from modescope.networks.dense import Network
from modescope.params.settings import Linear, Point


class LearnedPoint(Network):
    """G(z) = theta: a learned point, the same for every z."""

    def __init__(self, spec: Point, out_shape: tuple[int, ...]) -> None:
        super().__init__()
        self.spread = spec.spread
        self.theta = nn.Parameter(torch.empty(out_shape))

    def forward(self, z: Tensor) -> Tensor:
        """(batch, latent_dim) -> (batch, *out_shape)."""
        # A copy: what is kept of the output, such as a snapshot, must not change with the parameter.
        return self.theta.expand(len(z), *self.theta.shape).clone()

    def initialise(self, rng: np.random.Generator) -> None:
        """Theta ~ U(-spread, spread), in place."""
        _fill(self.theta, self.spread, rng)


class LinearForm(Network):
    """D(x) = psi . x, without a bias; several inputs are flattened and joined."""

    def __init__(self, spec: Linear, inputs: list[tuple[int, ...]]) -> None:
        super().__init__()
        self.spread, self.n_in = spec.spread, sum(math.prod(shape) for shape in inputs)
        self.psi = nn.Parameter(torch.empty(self.n_in))

    def forward(self, *inputs: Tensor) -> Tensor:
        """(batch, *shape) of each input -> (batch,)."""
        x = inputs[0].flatten(1) if len(inputs) == 1 else torch.cat([x.flatten(1) for x in inputs], 1)
        return torch.mv(x, self.psi)

    def initialise(self, rng: np.random.Generator) -> None:
        """Psi ~ U(-spread, spread), in place."""
        _fill(self.psi, self.spread, rng)


def build(spec: Point | Linear, inputs: list[tuple[int, ...]], out_shape: tuple[int, ...]) -> Network:
    """The network from points of the shapes `inputs` to `out_shape`.

    Raises ValueError for a point that is to judge, and for a linear form that is to generate.
    """
    match spec:
        case Point() if out_shape:
            return LearnedPoint(spec, out_shape)
        case Linear() if not out_shape:
            return LinearForm(spec, inputs)
    wanted = "a generator" if isinstance(spec, Point) else "a discriminator"
    raise ValueError(f"a network of kind {spec.kind} is {wanted}; it cannot map {inputs} to {out_shape}")


def _fill(parameter: Tensor, spread: float, rng: np.random.Generator) -> None:
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(np.asarray(rng.uniform(-spread, spread, parameter.shape))))
