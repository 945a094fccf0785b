"""A tape as a list of calls on tensors that stay where they are: no allocation, no views, no graph at a step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from modescope.engine.rewriting import flat, placed, shorten
from modescope.engine.tape import Operation, Place, Tape, places, replaced

aten = torch.ops.aten
Call = Callable[[], object]
# By these names Python calls them twice as fast.
FAST: dict[Any, Callable[..., Tensor]] = {
    aten.bmm.default: torch.bmm,
    aten.mm.default: torch.mm,
    aten.baddbmm.default: torch.baddbmm,
    aten.addmm.default: torch.addmm,
    aten.add.Tensor: torch.add,
    aten.sub.Tensor: torch.sub,
    aten.mul.Tensor: torch.mul,
    aten.div.Tensor: torch.div,
    aten.neg.default: torch.neg,
    aten.cat.default: torch.cat,
    aten.sum.dim_IntList: torch.sum,
    aten.clamp_min.default: torch.clamp_min,
    aten.sqrt.default: torch.sqrt,
    aten.rsqrt.default: torch.rsqrt,
    aten.pow.Tensor_Scalar: torch.pow,
}
COPIES = {aten.clone.default: 0, aten._to_copy.default: 0, aten.copy.default: 1}  # the argument that is copied
EMPTY = {aten.empty.memory_format, aten.empty_like.default, aten.new_empty.default, aten.empty_strided.default}


class Replay:
    """The calls that do again what a tape has recorded."""

    def __init__(self, tape: Tape, homes: Sequence[Tensor], device: torch.device) -> None:
        """`homes`: contiguous tensors that hold, after a replay, the sequence that the function returned first."""
        self.device = device
        tape, constants = shorten(tape, device)
        self.memories = {**tape.given, **constants}  # number -> flat tensor
        self.lengths = _lengths(tape)
        read = (place.memory for operation in tape.operations for place in operation.reads())
        self.used = {*read, *(place.memory for place in places(tape.returned))}
        pairs = zip(tape.returned[0], homes, strict=True)
        late = [(place, home) for place, home in pairs if not self._at_home(place, home, tape)]
        self._lay_out(tape)
        self.calls = [call for operation in tape.operations for call in self._bound(operation)]
        self.calls += [partial(home.copy_, self.tensor(place)) for place, home in late]
        self.returned = replaced(tape.returned, self.tensor)

    def __call__(self) -> None:
        """Run all operations on what their tensors hold now."""
        for call in self.calls:
            call()

    def tensor(self, place: Place) -> Tensor:
        """The tensor at a place."""
        return placed(self.memories[place.memory], place)

    def reads(self, tensor: Tensor) -> bool:
        """Whether any operation reads what a tensor holds."""
        storage = tensor.untyped_storage().data_ptr()
        return any(self.memories[memory].untyped_storage().data_ptr() == storage for memory in self.used)

    def _at_home(self, place: Place, home: Tensor, tape: Tape) -> bool:
        """Let the memory of a result be its home, if it has the same form and nobody else lives there."""
        whole = not place.offset and place.stride == home.stride() and place.memory not in self.memories
        if whole and place.memory not in tape.changed() and flat(place) == self.lengths[place.memory]:
            self.memories[place.memory] = home.view(-1)
            return True
        return False

    def _lay_out(self, tape: Tape) -> None:
        """Give every memory a piece of storage, which it leaves to others after its last use."""
        last = {place.memory: i for i, operation in enumerate(tape.operations) for place in operation.reads()}
        last |= dict.fromkeys((place.memory for place in places(tape.returned)), len(tape.operations))
        last |= dict.fromkeys(tape.changed(), len(tape.operations))
        slots: dict[int, Tensor] = {}  # memory -> bytes
        free: list[Tensor] = []
        for i, operation in enumerate(tape.operations):
            for result in operation.results:
                if result is None or result.memory in self.memories:
                    continue
                n_bytes = self.lengths[result.memory] * result.dtype.itemsize
                heir = _heir(operation, result)
                if heir is not None and heir.memory in slots and last[heir.memory] == i:
                    slot = slots.pop(heir.memory)
                else:
                    slot = _taken(free, n_bytes, self.device)
                slots[result.memory] = slot
                self.memories[result.memory] = slot[:n_bytes].view(result.dtype)
            touched = {p.memory for p in (*operation.reads(), *(r for r in operation.results if r is not None))}
            free += [slots.pop(memory) for memory in sorted(touched) if memory in slots and last.get(memory, i) == i]

    def _bound(self, operation: Operation) -> list[Call]:
        """The calls of one operation."""
        function = operation.function
        if function in EMPTY:
            return []
        arguments = replaced(operation.arguments, self.tensor)
        keywords = replaced(operation.keywords, self.tensor)
        if operation.changed:
            return [partial(function._op, *arguments, **keywords)]
        outs = [None if result is None else self.tensor(result) for result in operation.results]
        if function in COPIES:
            assert outs[0] is not None
            return [partial(outs[0].copy_, arguments[COPIES[function]])]
        if function is aten.mean.dim and not keywords and outs[0] is not None:  # in one call it takes twice as long
            n = arguments[0].numel() // outs[0].numel()
            return [partial(torch.sum, *arguments, out=outs[0]), partial(outs[0].div_, n)]
        if function in FAST:
            return [partial(FAST[function], *arguments, **keywords, out=outs[0])]
        if len(outs) == 1 and (found := out_variant(function)) is not None:
            overload, name = found
            return [partial(overload._op, *arguments, **keywords, **{name: outs[0]})]
        return [partial(_copied, partial(function._op, *arguments, **keywords), outs)]


def out_variant(function: Any) -> tuple[Any, str] | None:
    """The overload that writes its only result to an argument, and the name of that; None if there is none."""
    wanted = [(a.name, str(a.type)) for a in function._schema.arguments]
    packet = function._overloadpacket
    for name in packet.overloads():
        overload = getattr(packet, name)
        outs = [a for a in overload._schema.arguments if a.alias_info is not None and a.alias_info.is_write]
        rest = [(a.name, str(a.type)) for a in overload._schema.arguments if a.name not in {out.name for out in outs}]
        if len(outs) == 1 and outs[0].kwarg_only and rest == wanted:
            return overload, outs[0].name
    return None


def _copied(call: Call, outs: Sequence[Tensor | None]) -> None:
    """For what has no way to say where its results go."""
    found = call()
    for out, part in zip(outs, found if isinstance(found, tuple | list) else [found], strict=True):
        if out is not None:
            out.copy_(part)


def _heir(operation: Operation, result: Place) -> Place | None:
    """The argument of an element-wise operation in whose place its result can be written."""
    if torch.Tag.pointwise not in operation.function.tags:
        return None
    read = operation.reads()
    for place in read:
        alike = place[1:] == result[1:] and flat(place) == math.prod(place.size)
        if alike and all(other == place for other in read if other.memory == place.memory):
            return place
    return None


def _taken(free: list[Tensor], n_bytes: int, device: torch.device) -> Tensor:
    """The smallest free slot that is large enough, unless it is far too large; else a new one.

    Of several the one left last, which is most likely still in the processor's cache.
    """
    fitting = [slot for slot in reversed(free) if n_bytes <= len(slot) <= 2 * n_bytes]
    if not fitting:
        return torch.empty(n_bytes, dtype=torch.uint8, device=device)
    best = min(fitting, key=len)
    free[:] = [slot for slot in free if slot is not best]
    return best


def _lengths(tape: Tape) -> dict[int, int]:
    """Memory -> elements."""
    found: dict[int, int] = {}
    for place in places([tape.returned, *((o.arguments, o.keywords, o.results) for o in tape.operations)]):
        found[place.memory] = max(found.get(place.memory, 0), flat(place))
    return found
