"""Generators and discriminators as plain modules for one model; no losses."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from modescope.config import Mlp


class Affine(nn.Module):
    """x W + b with W stored with its smaller side first.

    A gradient (wide, thin) in memory costs the matrix library eight times the gradient
    (thin, wide): 276 against 31 microseconds for a layer from 2 to 128 units, five replicas, batch 512.
    """

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.n_in, self.n_out = n_in, n_out
        self.transposed = n_out < n_in
        self.weight = nn.Parameter(torch.empty((n_out, n_in) if self.transposed else (n_in, n_out)))
        self.bias = nn.Parameter(torch.empty(n_out))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, n_in) -> (batch, n_out)."""
        weight = self.weight.mT if self.transposed else self.weight
        return torch.mm(x, weight).add_(self.bias)

    def initialise(self, scheme: str, rng: np.random.Generator) -> None:
        """Fill the parameters in place.

        `glorot_uniform`: W ~ U(+-sqrt(6 / (n_in + n_out))), b = 0 (Glorot & Bengio 2010; the default of Keras).
        `pytorch`: W and b ~ U(+-1/sqrt(n_in)) (the default of torch.nn.Linear).
        """
        shape = self.weight.shape
        if scheme == "glorot_uniform":
            bound = math.sqrt(6 / (self.n_in + self.n_out))
            bias = np.zeros(self.n_out)
        else:
            bound = 1 / math.sqrt(self.n_in)
            bias = rng.uniform(-bound, bound, self.n_out)
        with torch.no_grad():
            self.weight.copy_(torch.from_numpy(rng.uniform(-bound, bound, shape)))
            self.bias.copy_(torch.from_numpy(bias))


class Network(nn.Module, ABC):
    """A network that draws its own initial parameters."""

    @abstractmethod
    def initialise(self, rng: np.random.Generator) -> None:
        """Fill every parameter in place, in the order of definition."""


class MLP(Network):
    """Fully connected network from and to points of any shape; the last layer is linear."""

    def __init__(self, in_shape: tuple[int, ...], spec: Mlp, out_shape: tuple[int, ...]) -> None:
        super().__init__()
        self.spec, self.out_shape = spec, out_shape
        widths = [math.prod(in_shape), *spec.hidden, math.prod(out_shape)]
        self.layers = nn.ModuleList(Affine(a, b) for a, b in itertools.pairwise(widths))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, *in_shape) -> (batch, *out_shape)."""
        h = x.flatten(1)
        for layer in self.layers[:-1]:
            h = self._activate(layer(h))
        out: Tensor = self.layers[-1](h)
        return out.reshape(-1, *self.out_shape)

    def initialise(self, rng: np.random.Generator) -> None:
        """Fill every parameter in place, from the first layer to the last."""
        for layer in self.layers:
            cast(Affine, layer).initialise(self.spec.init, rng)

    def _activate(self, h: Tensor) -> Tensor:
        # In place: the layer's own output is needed by nobody else, and a fresh tensor costs as much as the product.
        match self.spec.activation:
            case "relu":
                return torch.relu_(h)
            case "leaky_relu":
                return nn.functional.leaky_relu_(h, self.spec.negative_slope)
            case _:
                return torch.tanh_(h)
