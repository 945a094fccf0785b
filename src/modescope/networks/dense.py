"""Generators and discriminators as plain modules for one model; no losses."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from modescope.params.settings import Mlp


class Affine(nn.Module):
    """x W + b; W is stored with its smaller side first.

    A gradient stored as (wide, thin) takes the matrix library eight times as long as (thin, wide):
    276 against 31 microseconds for a layer from 2 to 128 units, five replicas, batch 512.
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

    def initialise(self, spec: Mlp, rng: np.random.Generator) -> None:
        """Fill the parameters in place.

        `glorot_uniform`: W ~ U(+-sqrt(6 / (n_in + n_out))), b = 0 (Glorot & Bengio 2010; the default of Keras).
        `pytorch`: W and b ~ U(+-1/sqrt(n_in)) (the default of torch.nn.Linear).
        `normal`: W ~ N(0, init_scale^2), b = 0.
        `kaiming_uniform`: W ~ U(+-init_scale sqrt(3 / n_in)), b = 0 (He et al. 2015, init_scale their gain).
        """
        shape, bias = self.weight.shape, np.zeros(self.n_out)
        match spec.init:
            case "glorot_uniform":
                bound = math.sqrt(6 / (self.n_in + self.n_out))
                weight = rng.uniform(-bound, bound, shape)
            case "pytorch":
                bound = 1 / math.sqrt(self.n_in)
                bias = rng.uniform(-bound, bound, self.n_out)
                weight = rng.uniform(-bound, bound, shape)
            case "normal":
                weight = rng.normal(0, spec.init_scale, shape)
            case _:
                bound = spec.init_scale * math.sqrt(3 / self.n_in)
                weight = rng.uniform(-bound, bound, shape)
        with torch.no_grad():
            self.weight.copy_(torch.from_numpy(weight))
            self.bias.copy_(torch.from_numpy(bias))


class Network(nn.Module, ABC):
    """A network that draws its own initial parameters."""

    @abstractmethod
    def initialise(self, rng: np.random.Generator) -> None:
        """Fill every parameter in place, in the order of definition."""


class BatchNorm(nn.Module):
    """Batch normalisation (Ioffe & Szegedy 2015) with the statistics of the current batch, also when sampling.

    There are no running averages: the statistics of ten thousand samples are those of the distribution to about 1 %.
    """

    EPS = 1e-5

    def __init__(self, n_units: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(n_units))
        self.shift = nn.Parameter(torch.zeros(n_units))

    def forward(self, h: Tensor) -> Tensor:
        """(batch, n_units) -> the same."""
        var, mean = torch.var_mean(h, 0, unbiased=False)
        return (h - mean) * torch.rsqrt(var + self.EPS) * self.scale + self.shift

    def initialise(self) -> None:
        """Scale 1, shift 0, in place."""
        nn.init.ones_(self.scale)
        nn.init.zeros_(self.shift)


class MLP(Network):
    """Fully connected network between points of any shape; the last layer is linear.

    Several inputs are flattened and joined: a discriminator of pairs is called as D(x, z).
    """

    def __init__(self, in_shape: tuple[int, ...], spec: Mlp, out_shape: tuple[int, ...]) -> None:
        super().__init__()
        self.spec, self.out_shape, self.n_in = spec, out_shape, math.prod(in_shape)
        pieces = spec.pieces if spec.activation == "maxout" else 1
        ins, outs = [math.prod(in_shape), *spec.hidden], [*(pieces * n for n in spec.hidden), math.prod(out_shape)]
        self.layers = nn.ModuleList(Affine(a, b) for a, b in zip(ins, outs, strict=True))
        self.norms = nn.ModuleList(BatchNorm(n) for n in outs[:-1]) if spec.batch_norm else None

    def forward(self, *inputs: Tensor) -> Tensor:
        """(batch, *shape) of each input -> (batch, *out_shape)."""
        h = inputs[0].flatten(1) if len(inputs) == 1 else torch.cat([x.flatten(1) for x in inputs], 1)
        for i in range(len(self.layers) - 1):
            h = self.affine(i, h)
            h = self._activate(h if self.norms is None else self.norms[i](h))
        return self.affine(len(self.layers) - 1, h).reshape(-1, *self.out_shape)

    def affine(self, i: int, h: Tensor) -> Tensor:
        """The i-th layer without its activation, (batch, n_in) -> (batch, n_out)."""
        out: Tensor = self.layers[i](h)
        return out

    def initialise(self, rng: np.random.Generator) -> None:
        """Fill every parameter in place, from the first layer to the last."""
        for layer in self.layers:
            cast(Affine, layer).initialise(self.spec, rng)
        for norm in self.norms or ():
            cast(BatchNorm, norm).initialise()

    def _activate(self, h: Tensor) -> Tensor:
        # In place: nothing else uses the layer's output, and a new tensor costs as much as the product.
        match self.spec.activation:
            case "relu":
                return torch.relu_(h)
            case "leaky_relu":
                return nn.functional.leaky_relu_(h, self.spec.negative_slope)
            case "tanh":
                return torch.tanh_(h)
            case _:
                return h.reshape(len(h), self.spec.pieces, -1).amax(1)
