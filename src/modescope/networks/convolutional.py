"""Convolutional generators, discriminators and encoders for square images, as plain modules for one model; no losses.

After DCGAN (Radford et al. 2016): kernels of 4 x 4, strides instead of pooling, twice the channels at half the size,
down to 4 x 4. Without batch normalisation, so that an image does not depend on the rest of its batch.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from modescope.networks.dense import Affine, Network
from modescope.params.settings import Conv, Mlp

SMALLEST = 4  # pixels a side of the last feature maps
KERNEL, STRIDE, PADDING = 4, 2, 1  # halves or doubles the size
SLOPE = 0.2  # of LeakyReLU in D and E (Radford et al. 2016)


def channels(spec: Conv, size: int) -> list[int]:
    """Channels of the feature maps from half the size down to 4 x 4.

    Raises ValueError unless the size is 8, 16, 32, 64, ...
    """
    halvings = math.log2(size / SMALLEST)
    if halvings < 1 or not halvings.is_integer():
        raise ValueError(f"convolutional networks take images of 8, 16, 32, 64, ... pixels a side, not {size}")
    return [spec.channels * 2**i for i in range(int(halvings))]


class ConvGenerator(Network):
    """z (batch, latent_dim) -> x (batch, colours, size, size) in (-1, 1): ReLU between layers, tanh at the end."""

    def __init__(self, latent_dim: int, spec: Conv, image: tuple[int, int, int]) -> None:
        super().__init__()
        widths = channels(spec, _side(image))[::-1]
        self.first_shape = (widths[0], SMALLEST, SMALLEST)
        self.first = Affine(latent_dim, math.prod(self.first_shape))
        self.layers = nn.ModuleList(
            nn.ConvTranspose2d(a, b, KERNEL, STRIDE, PADDING) for a, b in pairwise([*widths, image[0]])
        )

    def forward(self, z: Tensor) -> Tensor:
        """(batch, latent_dim) -> (batch, colours, size, size)."""
        h = _channels_last(torch.relu_(self.first(z)).reshape(-1, *self.first_shape))
        for layer in self.layers[:-1]:
            h = torch.relu_(layer(h))
        return torch.tanh(self.layers[-1](h))

    def initialise(self, rng: np.random.Generator) -> None:
        """Fill every parameter in place: the first layer as a fully connected one, the others by `_initialise`."""
        self.first.initialise(Mlp(hidden=[1], init="kaiming_uniform", init_scale=math.sqrt(2)), rng)
        # an output pixel uses (KERNEL / STRIDE)^2 entries of the kernel per input channel
        _initialise(self.layers, rng, (KERNEL // STRIDE) ** 2)


class ConvJudge(Network):
    """Image -> logit (D) or code (E); z, if given, is joined to the last feature maps.

    A discriminator of pairs has a hidden layer on the joined features, as in Dumoulin et al. 2017.
    """

    def __init__(self, image: tuple[int, int, int], spec: Conv, out_shape: tuple[int, ...], joined: int = 0) -> None:
        super().__init__()
        widths = channels(spec, _side(image))
        self.out_shape, self.bounded = out_shape, spec.bounded
        self.layers = nn.ModuleList(nn.Conv2d(a, b, KERNEL, STRIDE, PADDING) for a, b in pairwise([image[0], *widths]))
        features = widths[-1] * SMALLEST**2
        self.meeting = Affine(features + joined, widths[-1] * 4) if joined else None
        self.last = Affine(widths[-1] * 4 if joined else features, math.prod(out_shape))

    def forward(self, x: Tensor, z: Tensor | None = None) -> Tensor:
        """X (batch, colours, size, size), z (batch, joined) -> (batch, *out_shape)."""
        x = _channels_last(x)
        for layer in self.layers:
            x = nn.functional.leaky_relu_(layer(x), SLOPE)
        h = x.flatten(1)
        if self.meeting is not None and z is not None:
            h = nn.functional.leaky_relu_(self.meeting(torch.cat([h, z], 1)), SLOPE)
        out: Tensor = self.last(h).reshape(-1, *self.out_shape)
        return torch.tanh(out) if self.bounded else out

    def initialise(self, rng: np.random.Generator) -> None:
        """Fill every parameter in place, from the first layer to the last."""
        _initialise(self.layers, rng, KERNEL**2)
        spec = Mlp(hidden=[1], init="kaiming_uniform", init_scale=math.sqrt(2))
        for layer in (self.meeting, self.last):
            if layer is not None:
                layer.initialise(spec, rng)


def build(spec: Conv, inputs: list[tuple[int, ...]], out_shape: tuple[int, ...]) -> Network:
    """The network from points of the shapes `inputs` to `out_shape`: z -> image, image -> code or logit, (image, z).

    Raises ValueError for other shapes.
    """
    match inputs, out_shape:
        case [(latent_dim,)], (colours, height, width) if height == width:
            return ConvGenerator(latent_dim, spec, (colours, height, width))
        case [(colours, height, width), *rest], () | (_,) if height == width and len(rest) <= 1:
            return ConvJudge((colours, height, width), spec, out_shape, math.prod(rest[0]) if rest else 0)
    raise ValueError(f"a convolutional network cannot map {inputs} to {out_shape}: it takes square images")


def _side(image: tuple[int, int, int]) -> int:
    return image[-1]


def _channels_last(maps: Tensor) -> Tensor:
    """The same (batch, channels, height, width), channels next to each other in the memory.

    There a CPU computes convolutions of few channels, and their gradients, two to three times as fast.
    """
    return maps.movedim(1, -1).contiguous().movedim(-1, 1)


def _initialise(layers: nn.ModuleList, rng: np.random.Generator, entries: int) -> None:
    """W ~ U(+-sqrt(6 / inputs of a unit)), b = 0 (He et al. 2015); a unit has `entries` inputs per channel."""
    for layer in layers:
        conv = cast(nn.Conv2d, layer)
        bound = math.sqrt(6 / (conv.in_channels * entries))
        with torch.no_grad():
            conv.weight.copy_(torch.from_numpy(rng.uniform(-bound, bound, conv.weight.shape)))
            assert conv.bias is not None
            conv.bias.zero_()
