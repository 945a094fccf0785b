"""A function of tensors, recorded once for every form of its inputs and replayed after that.

For small networks, entering function transforms (vmap over replicas, grad within losses) at every step costs more
than the arithmetic. The operations are always the same, as losses are pure and have no control flow that depends on
data; a replay runs only these operations, on tensors that stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from modescope.engine import graphs
from modescope.engine.replay import Call, Replay
from modescope.engine.tape import record

Terms = dict[str, Tensor]
Gradient = Callable[..., tuple[Sequence[Tensor], Terms]]


class Traced:
    """`function(*inputs) -> (gradients, terms)`, which leaves the gradients in `homes`, and then `afterwards()`.

    Tensors that both use besides the inputs (parameters, an optimiser's state) must stay where they are; they may
    change their values.
    """

    def __init__(
        self,
        function: Gradient,
        homes: Sequence[Tensor],
        device: torch.device,
        afterwards: Callable[[], None] = lambda: None,
    ) -> None:
        self.function, self.homes, self.device, self.afterwards = function, homes, device, afterwards
        self.written: dict[Any, Written] = {}

    def __call__(self, *inputs: Tensor | None) -> Terms:
        """Fill `homes`, do what comes afterwards and return the terms, detached.

        The function itself runs once a shape of the inputs.
        """
        with torch.no_grad():
            key = tuple(part if part is None else part.shape for part in inputs)
            if key not in self.written:
                self.written[key] = self._write_down(*inputs)
            written = self.written[key]
            for own, given in zip(written.inputs, inputs, strict=True):
                if own is not None and given is not None:
                    own.copy_(given)
            written.work()
            terms = written.terms
            return dict(zip(terms, torch.stack([*terms.values()]).unbind(), strict=True))

    def _write_down(self, *inputs: Tensor | None) -> Written:
        own = [None if part is None else part.clone(memory_format=torch.contiguous_format) for part in inputs]
        replay = Replay(record(lambda: self.function(*own)), self.homes, self.device)

        def work() -> None:
            replay()
            self.afterwards()

        read = [part if part is not None and replay.reads(part) else None for part in own]
        return Written(read, graphs.captured(work, self.device), replay.returned[1])


@dataclass(frozen=True)
class Written:
    """A function for one form of its inputs."""

    inputs: list[Tensor | None]  # where it reads them; None for those that it does not read
    work: Callable[[], None]
    terms: Terms  # where it leaves them


def calls(function: Callable[[], None], device: torch.device) -> list[Call]:
    """What a function does in place, as calls."""

    def changed() -> tuple[Sequence[Tensor], Terms]:
        function()
        return [], {}

    with torch.no_grad():
        return Replay(record(changed), [], device).calls
