"""A tape with the same results and fewer, faster operations."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from modescope.engine.tape import Operation, Place, Tape, places, replaced

aten = torch.ops.aten
# Their results depend on the shapes of their arguments alone.
SHAPES_ONLY = {
    aten.ones_like.default,
    aten.zeros_like.default,
    aten.full_like.default,
    aten.new_zeros.default,
    aten.new_ones.default,
    aten.new_full.default,
    aten.fill.Scalar,
    aten.zero.default,
}
SUMS = {aten.bmm.default: aten.baddbmm.default, aten.mm.default: aten.addmm.default}  # a product, with an addend
PRODUCTS = {*SUMS, *SUMS.values()}
THIN = 8  # columns of a product so narrow that the matrix library is faster with rows instead


def shorten(tape: Tape, device: torch.device) -> tuple[Tape, dict[int, Tensor]]:
    """The tape without what nobody reads, what is known beforehand and what is computed twice; and the constants.

    The constants are further memories, by number, as flat tensors. Results are the same up to rounding.
    """
    tape, constants = _known(_alive(tape), device)
    tape = _thin(_alive(_fused(_alive(tape))))
    return replace(tape, operations=[_faster(operation) for operation in tape.operations]), constants


def placed(memory: Tensor, place: Place) -> Tensor:
    """The tensor at a place in a flat memory."""
    return memory.as_strided(place.size, place.stride, memory.storage_offset() + place.offset)


def flat(place: Place) -> int:
    """Elements of the smallest memory that has the place."""
    if 0 in place.size:
        return 0
    return place.offset + 1 + sum((n - 1) * s for n, s in zip(place.size, place.stride, strict=True))


def _alive(tape: Tape) -> Tape:
    """Without operations whose results nobody reads. What changes a memory that was given is kept."""
    needed = {place.memory for place in places(tape.returned)}
    kept = []
    for operation in reversed(tape.operations):
        writes = {place.memory for place in operation.results if place is not None} | set(operation.changed)
        if writes & needed or any(memory in tape.given for memory in operation.changed):
            kept.append(operation)
            needed |= {place.memory for place in operation.reads()}
    return replace(tape, operations=kept[::-1])


def _known(tape: Tape, device: torch.device) -> tuple[Tape, dict[int, Tensor]]:
    """With every constant computed once and for all, and equal operations done once."""
    changed, constants = tape.changed(), dict[int, Tensor]()
    same: dict[int, int] = {}  # memory -> an earlier one with the same content
    seen: dict[Any, list[Place | None]] = {}
    kept: list[Operation] = []

    def rewritten(structure: Any) -> Any:
        return replaced(structure, lambda place: place._replace(memory=same.get(place.memory, place.memory)))

    for old in tape.operations:
        operation = replace(old, arguments=rewritten(old.arguments), keywords=rewritten(old.keywords))
        read, written = operation.reads(), [place for place in operation.results if place is not None]
        shapes_only = operation.function in SHAPES_ONLY
        touched = written if shapes_only else [*read, *written]
        if operation.changed or any(place.memory in changed for place in touched):
            kept.append(operation)
            continue
        if shapes_only or all(place.memory in constants for place in read):
            _compute(operation, constants, device)
            continue
        shapes = tuple(place and place[1:] for place in operation.results)
        key = operation.function, operation.arguments, _hashable(operation.keywords), shapes
        if key in seen:
            for place, earlier in zip(operation.results, seen[key], strict=True):
                if place is not None and earlier is not None:
                    same[place.memory] = earlier.memory
            continue
        seen[key] = operation.results
        kept.append(operation)
    return replace(tape, operations=kept, returned=rewritten(tape.returned)), constants


def _compute(operation: Operation, constants: dict[int, Tensor], device: torch.device) -> None:
    """Add the results of an operation on constants, or of one that reads shapes only, to the constants."""

    def value(place: Place) -> Tensor:
        if place.memory not in constants:
            return torch.empty_strided(place.size, place.stride, dtype=place.dtype, device=device)
        return placed(constants[place.memory], place)

    arguments, keywords = replaced(operation.arguments, value), replaced(operation.keywords, value)
    found = arguments[1] if operation.function is aten.copy.default else operation.function(*arguments, **keywords)
    parts = found if isinstance(found, tuple | list) else [found]
    for place, part in zip(operation.results, parts, strict=True):
        if place is not None:
            memory = torch.empty(flat(place), dtype=place.dtype, device=part.device)
            placed(memory, place).copy_(part)
            constants[place.memory] = memory


def _fused(tape: Tape) -> Tape:
    """With the sum of a product and something else as one operation."""
    uses = Counter(place.memory for operation in tape.operations for place in operation.reads())
    uses.update(place.memory for place in places(tape.returned))
    changed = tape.changed()
    products = {
        operation.results[0]: operation
        for operation in tape.operations
        if operation.function in SUMS
        and operation.results[0] is not None
        and uses[operation.results[0].memory] == 1
        and operation.arguments[0].size[-1] > 1
        and not any(place.memory in changed for place in operation.reads())  # it is to run later than before
    }
    # what an added product was is left to `_alive`
    return replace(tape, operations=[_sum(operation, products) for operation in tape.operations])


def _sum(operation: Operation, products: Mapping[Place, Operation]) -> Operation:
    """The operation, or what it is as a product with an addend."""
    if operation.function is aten.add.Tensor and not operation.keywords and operation.results[0] is not None:
        for product, other in (operation.arguments, operation.arguments[::-1]):
            if isinstance(product, Place) and isinstance(other, Place) and product in products:
                made = products[product]
                # a number may come as a tensor of another type, on the CPU
                if product.size == operation.results[0].size and other.size and other.dtype == product.dtype:
                    return replace(operation, function=SUMS[made.function], arguments=(other, *made.arguments))
    return operation


def _thin(tape: Tape) -> Tape:
    """With products of few columns computed as their transpose, where that is only another order of the memory.

    h^T g with h (128, 64) and g (128, 1) takes the matrix library ten times as long as g^T h.
    """
    readers: dict[int, list[Place]] = {}
    for place in (*(p for o in tape.operations for p in o.reads()), *places(tape.returned)):
        readers.setdefault(place.memory, []).append(place)
    moved: dict[int, Place] = {}  # memory -> where the product lay in it
    operations = []
    for operation in tape.operations:
        if operation.function in PRODUCTS and (result := operation.results[0]) is not None:
            if result.stride[-2] == 1 < result.stride[-1]:  # its columns lie one after the other
                operation, result = _transposed(operation), _mt(result)
            m, n = result.size[-2:]
            slow = n <= THIN and n < m and operation.arguments[-2].stride[-1] != 1
            if slow and all(_turned(place, result) for place in (result, *readers.get(result.memory, []))):
                moved[result.memory] = result
                operation = _transposed(replace(operation, results=[_turned(result, result)]))
        operations.append(operation)

    def anew(place: Place) -> Place:
        return (place.memory in moved and _turned(place, moved[place.memory])) or place

    return replace(
        tape,
        returned=replaced(tape.returned, anew),
        operations=[
            replace(o, arguments=replaced(o.arguments, anew), keywords=replaced(o.keywords, anew)) for o in operations
        ],
    )


def _transposed(operation: Operation) -> Operation:
    """The product of the transposed matrices in the other order, in the same memory."""
    *added, a, b = operation.arguments
    (result,) = operation.results
    assert result is not None
    return replace(operation, arguments=(*map(_mt, added), _mt(b), _mt(a)), results=[_mt(result)])


def _turned(place: Place, product: Place) -> Place | None:
    """A place in the memory of a product, when the product lies there transposed; None if there is no such place."""
    *_, m, n = product.size
    if place.offset or math.prod(place.size) != math.prod(product.size):
        return None
    if n == 1:
        return place
    axes = sorted(zip(product.stride, product.size, strict=True))
    if product.stride[-2:] != (n, 1) or sorted(zip(place.stride, place.size, strict=True)) != axes:
        return None
    new = {1: m, n: 1}
    return place._replace(stride=tuple(new.get(stride, stride) for stride in place.stride))


def _mt(place: Place) -> Place:
    """The transposed matrices; of a vector, which would be added to every row, what is added to every column."""
    size, stride = place.size, place.stride
    if len(size) == 1:
        return place._replace(size=(*size, 1), stride=(*stride, 1))
    return place._replace(size=(*size[:-2], size[-1], size[-2]), stride=(*stride[:-2], stride[-1], stride[-2]))


def _faster(operation: Operation) -> Operation:
    """The same operation by another name that writes where it is told."""
    match operation.function:
        case aten.relu.default:
            return replace(operation, function=aten.clamp_min.default, arguments=(*operation.arguments, 0))
        case aten.bmm.default | aten.mm.default if operation.arguments[0].size[-1] == 1:
            return replace(operation, function=aten.mul.Tensor)  # an outer product
        case _:
            return operation


def _hashable(structure: Any) -> Any:
    return tuple(sorted(structure.items())) if isinstance(structure, dict) else structure
