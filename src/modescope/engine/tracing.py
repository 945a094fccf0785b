"""A loss's gradient as a plain list of tensor operations: written down once, replayed at every step.

Function transforms (vmap over replicas, grad within losses) cost more than the arithmetic of small
networks when they are entered anew at every step. What they come to is always the same sequence of
operations, as losses are pure and have no control flow that depends on data; the replay runs just that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.func import grad
from torch.fx.experimental.proxy_tensor import make_fx

Terms = dict[str, Tensor]
Gradient = Callable[..., tuple[list[Tensor], Terms]]


class Traced:
    """The gradient of `total(leaves, *inputs) -> (scalar, terms)` with respect to the leaves, a list of tensors.

    `total` is called anew only for inputs of other shapes.
    """

    def __init__(self, total: Callable[..., tuple[Tensor, Terms]]) -> None:
        self.gradient: Gradient = grad(total, has_aux=True)
        self.replays: dict[object, Gradient] = {}

    def __call__(self, key: object, leaves: list[Tensor], *inputs: Any) -> tuple[list[Tensor], Terms]:
        """(gradients, terms); calls of the same `key` have inputs of the same shapes and structure."""
        with torch.no_grad():
            if key not in self.replays:
                self.replays[key] = _write_down(self.gradient, leaves, *inputs)
            return self.replays[key](leaves, *inputs)


def _write_down(function: Gradient, *inputs: Any) -> Gradient:
    graph = make_fx(function)(*inputs)
    graph.graph.eliminate_dead_code()
    graph.recompile()
    return graph
