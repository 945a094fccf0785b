"""Spectral normalisation: a fully connected network whose layers have spectral norm one."""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from modescope.networks.dense import MLP, Affine
from modescope.params.settings import Mlp

Tensors = dict[str, Tensor]


class SpectralMLP(MLP):
    """Every layer is x W / sigma + b with sigma = u^T W v, the largest singular value of W (Miyato et al. 2018).

    u and v are unit vectors in the buffers u_0, v_0, u_1, ...; gradients go through W only, in the numerator and in
    sigma. `forward` changes no buffer: `power_iteration` updates u and v after W. Activations and layers are
    1-Lipschitz and the input is multiplied by `scale`, so the network is `scale`-Lipschitz.
    """

    AT_START = 400  # power iterations: after 100, sigma of a random layer of 128 x 128 can be wrong by a hundredth

    def __init__(self, in_shape: tuple[int, ...], spec: Mlp, out_shape: tuple[int, ...], scale: float = 1.0) -> None:
        super().__init__(in_shape, spec, out_shape)
        self.scale = scale
        for i, layer in enumerate(self.layers):
            # of the weight as stored: transposing does not change the singular values
            rows, columns = cast(Affine, layer).weight.shape
            self.register_buffer(f"u_{i}", torch.empty(rows))
            self.register_buffer(f"v_{i}", torch.empty(columns))

    def forward(self, *inputs: Tensor) -> Tensor:
        """(batch, *shape) of each input -> (batch, *out_shape)."""
        return super().forward(*(self.scale * x for x in inputs))

    def affine(self, i: int, h: Tensor) -> Tensor:
        """The i-th layer without its activation, (batch, n_in) -> (batch, n_out)."""
        layer = cast(Affine, self.layers[i])
        sigma = self.get_buffer(f"u_{i}") @ layer.weight @ self.get_buffer(f"v_{i}")
        weight = layer.weight.mT if layer.transposed else layer.weight
        return torch.mm(h, weight / sigma).add_(layer.bias)

    def initialise(self, rng: np.random.Generator) -> None:
        """Fill every parameter in place, then u and v with converged singular vectors."""
        super().initialise(rng)
        tensors = {**dict(self.named_parameters()), **dict(self.named_buffers())}
        with torch.no_grad():
            for i in range(len(self.layers)):
                u = tensors[f"u_{i}"]
                u.copy_(torch.from_numpy(rng.normal(size=u.shape)))
            for _ in range(self.AT_START):
                power_iteration(tensors)


def power_iteration(tensors: Tensors) -> None:
    """One power iteration of every layer's u and v, in place: v = W^T u, u = W v, each normalised.

    `tensors`: the parameters and buffers of a SpectralMLP by name, (...) each, or (R, ...) for several replicas.
    """
    for name in [name for name in tensors if name.startswith("u_")]:
        i = name.removeprefix("u_")
        weight, u, v = tensors[f"layers.{i}.weight"], tensors[f"u_{i}"], tensors[f"v_{i}"]
        v.copy_(normalize((weight.mT @ u.unsqueeze(-1)).squeeze(-1), dim=-1))
        u.copy_(normalize((weight @ v.unsqueeze(-1)).squeeze(-1), dim=-1))
