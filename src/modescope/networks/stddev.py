"""Minibatch standard deviation: a fully connected network that also sees how its features vary in the batch."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from modescope.networks.dense import MLP, Affine
from modescope.params.settings import Mlp


class StddevMLP(MLP):
    """The last hidden layer has one more input, the same for all points of the batch (Karras et al. 2018, section 3).

    It is the standard deviation over the batch of each of the layer's other inputs, averaged over these. The paper
    inserts it towards the end, before the last layers with an activation.
    """

    UNDER_ROOT = 1e-8  # squared deviation: for equal points, the derivative of the root would be 0/0; the authors' code

    def __init__(self, in_shape: tuple[int, ...], spec: Mlp, out_shape: tuple[int, ...]) -> None:
        super().__init__(in_shape, spec, out_shape)
        self.widened = len(self.layers) - 2
        n_in = spec.hidden[-2] if len(spec.hidden) > 1 else math.prod(in_shape)
        self.layers[self.widened] = Affine(
            n_in + 1, spec.hidden[-1] * (spec.pieces if spec.activation == "maxout" else 1)
        )

    def affine(self, i: int, h: Tensor) -> Tensor:
        """The i-th layer without its activation, (batch, n_in) -> (batch, n_out)."""
        if i == self.widened:
            deviation = torch.sqrt(torch.var(h, 0, unbiased=False) + self.UNDER_ROOT).mean()
            h = torch.cat([h, deviation.expand(len(h), 1)], 1)
        return super().affine(i, h)
