"""A function of tensors, recorded once for every form of its inputs and replayed after that.

For small networks, entering function transforms (vmap over replicas, grad within losses) at every step costs more
than the arithmetic. The operations are always the same, as losses are pure and have no control flow that depends on
data; a replay runs only these operations, on tensors that stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from modescope.engine.replay import Call, Replay
from modescope.engine.tape import record

Terms = dict[str, Tensor]
Gradient = Callable[..., tuple[Sequence[Tensor], Terms]]


class Traced:
    """`function(*inputs) -> (gradients, terms)`, which leaves the gradients in `homes`.

    Tensors that the function uses besides its inputs (parameters, an optimiser's state) must stay where they are;
    they may change their values.
    """

    def __init__(self, function: Gradient, homes: Sequence[Tensor], device: torch.device) -> None:
        self.function, self.homes, self.device = function, homes, device
        self.written: dict[Any, tuple[list[Tensor | None], Replay]] = {}

    def __call__(self, *inputs: Tensor | None) -> Terms:
        """Fill `homes` and return the terms, detached. The function itself runs once a shape of the inputs."""
        with torch.no_grad():
            key = tuple(part if part is None else part.shape for part in inputs)
            if key not in self.written:
                self.written[key] = self._write_down(*inputs)
            own, replay = self.written[key]
            for mine, given in zip(own, inputs, strict=True):
                if mine is not None and given is not None:
                    mine.copy_(given)
            replay()
            terms: Terms = replay.returned[1]
            return dict(zip(terms, torch.stack([*terms.values()]).unbind(), strict=True))

    def _write_down(self, *inputs: Tensor | None) -> tuple[list[Tensor | None], Replay]:
        own = [None if part is None else part.clone(memory_format=torch.contiguous_format) for part in inputs]
        replay = Replay(record(lambda: self.function(*own)), self.homes, self.device)
        return [part if part is not None and replay.reads(part) else None for part in own], replay


def calls(function: Callable[[], None], device: torch.device) -> list[Call]:
    """What a function does in place, as calls."""

    def changed() -> tuple[Sequence[Tensor], Terms]:
        function()
        return [], {}

    with torch.no_grad():
        return Replay(record(changed), [], device).calls
