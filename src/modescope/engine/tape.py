"""The tensor operations of a function, written down as it runs, each result in a memory of its own.

Views cost nothing: a tensor is a `Place` in a memory. An operation in place on a whole memory becomes one that
writes a new memory, so that every memory is written once and operations can be compared, shared and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

T = TypeVar("T")
FORBIDDEN = {"aten::_local_scalar_dense", "aten::nonzero", "aten::equal"}


class Place(NamedTuple):
    """Where a tensor lies: a memory by number, and sizes, strides and offset within it in elements."""

    memory: int
    size: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int
    dtype: torch.dtype


@dataclass
class Operation:
    """One call of PyTorch. Tensors among the arguments are places; sequences are tuples."""

    function: Any  # torch._ops.OpOverload
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    results: list[Place | None]  # None where the function returned none
    changed: tuple[int, ...] = ()  # memories that it changes in place

    def reads(self) -> list[Place]:
        """The places among the arguments."""
        return places((self.arguments, self.keywords))


@dataclass
class Tape:
    """Operations in their order, and where what the function returned lies."""

    operations: list[Operation]
    returned: Any  # the structure that the function returned, with a place for each tensor
    given: dict[int, Tensor]  # memories that existed before: a flat view of each
    n_memories: int

    def changed(self) -> set[int]:
        """Memories that some operation changes in place, besides writing them once."""
        return {memory for operation in self.operations for memory in operation.changed}


def record(function: Callable[[], Any]) -> Tape:
    """Run `function` once and return its tape. A replay reads the same tensors, with the values they have then.

    Raises ValueError where the function draws random numbers or looks at a value, as a replay would not.
    """
    recorder = Recorder()
    with recorder:
        returned = function()
    return Tape(recorder.operations, recorder.encoded(returned), recorder.given, recorder.n_memories)


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Runs every operation and writes it down."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operations: list[Operation] = []
        self.given: dict[int, Tensor] = {}
        self.n_memories = 0
        self._numbers: dict[int, int] = {}  # storage -> the memory that has its present content
        self._known: list[StorageWeakRef] = []  # without it, a later storage could have the number of one that is gone

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run the operation and write it down, unless it is only a view."""
        keywords = dict(kwargs or {})
        if func.name().split(".")[0] in FORBIDDEN or torch.Tag.nondeterministic_seeded in func.tags:
            raise ValueError(f"{func.name()}: a loss must not look at values or draw random numbers of its own")
        arguments, named = self.encoded(tuple(args)), self.encoded(keywords)
        result = func(*args, **keywords)
        changes = [
            i for i, a in enumerate(func._schema.arguments) if a.alias_info is not None and a.alias_info.is_write
        ]
        if changes:
            self._change(func, args, arguments, named, changes)
        else:
            self._result(func, arguments, named, result)
        return result

    def encoded(self, structure: Any) -> Any:
        """The structure with places instead of tensors and tuples instead of lists."""
        if isinstance(structure, Tensor):
            return self._place(structure)
        if isinstance(structure, tuple | list):
            return tuple(self.encoded(part) for part in structure)
        if isinstance(structure, dict):
            return {key: self.encoded(part) for key, part in structure.items()}
        return structure

    def _result(self, func: Any, arguments: Any, named: Any, result: Any) -> None:
        parts = list(result) if isinstance(result, tuple | list) else [result]
        tensors = [part for part in parts if isinstance(part, Tensor)]
        if all(_storage(part) in self._numbers for part in tensors):
            return
        for part in tensors:
            self._new(part)
        results = [self._place(part) if isinstance(part, Tensor) else None for part in parts]
        self.operations.append(Operation(func, arguments, named, results))

    def _change(self, func: Any, args: Sequence[Any], arguments: Any, named: Any, changes: list[int]) -> None:
        target = args[0]
        pure = _pure(func) if changes == [0] and isinstance(target, Tensor) else None
        if pure is None or self._place(target).memory in self.given or not _whole(target):
            changed = [part for part in places((arguments, named)) if part in _written(arguments, named, func)]
            self.operations.append(Operation(func, arguments, named, [], tuple(part.memory for part in changed)))
            return
        if pure is torch.ops.aten.copy.default:
            arguments = None, *arguments[1:]  # what was there before does not matter
        self._new(target)
        self.operations.append(Operation(pure, arguments, named, [self._place(target)]))

    def _new(self, tensor: Tensor) -> None:
        """From now on the tensor's storage is a memory not written so far."""
        self._numbers[_storage(tensor)] = self.n_memories
        self.n_memories += 1
        self._known.append(StorageWeakRef(tensor.untyped_storage()))  # type: ignore[no-untyped-call]

    def _place(self, tensor: Tensor) -> Place:
        if _storage(tensor) not in self._numbers:
            self._new(tensor)
            number = self._numbers[_storage(tensor)]
            length = tensor.untyped_storage().nbytes() // tensor.element_size()
            self.given[number] = tensor.detach().as_strided((length,), (1,), 0)
        offset = int(tensor.storage_offset())
        return Place(self._numbers[_storage(tensor)], tuple(tensor.shape), tuple(tensor.stride()), offset, tensor.dtype)


def places(structure: Any) -> list[Place]:
    """All places in a structure."""
    return [leaf for leaf in tree_leaves(structure, is_leaf=_is_place) if isinstance(leaf, Place)]


def replaced(structure: T, change: Callable[[Place], Any]) -> T:
    """The structure with `change(place)` for every place."""
    found: T = tree_map(lambda leaf: change(leaf) if isinstance(leaf, Place) else leaf, structure, is_leaf=_is_place)
    return found


def _is_place(leaf: Any) -> bool:
    return isinstance(leaf, Place)


def _storage(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def _whole(tensor: Tensor) -> bool:
    """Whether a tensor has every element of its storage once."""
    return bool(
        torch.ops.aten.is_non_overlapping_and_dense(tensor)
        and tensor.numel() * tensor.element_size() == tensor.untyped_storage().nbytes()
    )


def _pure(func: Any) -> Any:
    """The operation out of place of one in place (`add` of `add_`), or None."""
    name, packet = func._schema.name.split("::")[1], torch.ops.aten
    if not name.endswith("_") or not hasattr(packet, name[:-1]):
        return None
    return getattr(getattr(packet, name[:-1]), func._overloadname, None)


def _written(arguments: tuple[Any, ...], named: Mapping[str, Any], func: Any) -> list[Place]:
    """The places of the arguments that the operation changes."""
    found = []
    for i, argument in enumerate(func._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            found += places(arguments[i] if i < len(arguments) else named.get(argument.name))
    return found
