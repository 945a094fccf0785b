"""The gradient of a loss, traced once to a list of tensor operations and replayed at every step.

For small networks, entering function transforms (vmap over replicas, grad within losses) at every step
costs more than the arithmetic. The operations are always the same, as losses are pure and have no control
flow that depends on data; the replay runs only these operations.
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

    `total` is called again only for a new `key`.
    """

    def __init__(self, total: Callable[..., tuple[Tensor, Terms]]) -> None:
        self.gradient: Gradient = grad(total, has_aux=True)
        self.replays: dict[object, Gradient] = {}

    def __call__(self, key: object, leaves: list[Tensor], *inputs: Any) -> tuple[list[Tensor], Terms]:
        """(gradients, terms); calls with the same `key` must have inputs of the same shapes and structure."""
        with torch.no_grad():
            if key not in self.replays:
                self.replays[key] = _write_down(self.gradient, leaves, *inputs)
            return self.replays[key](leaves, *inputs)


def _write_down(function: Gradient, *inputs: Any) -> Gradient:
    graph = make_fx(function)(*inputs)
    graph.graph.eliminate_dead_code()
    graph.recompile()
    return graph
