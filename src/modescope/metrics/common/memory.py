"""Remembers what was computed from an array that cannot change, for as long as the array lives.

All runs on one dataset are scored against the same test points, and several families ask for the same neighbours.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

P = ParamSpec("P")
Result = TypeVar("Result")

_known: dict[int, dict[tuple[Any, ...], Any]] = {}  # by the identity of the array, then by function and arguments


def remembered(function: Callable[Concatenate[Any, P], Result]) -> Callable[Concatenate[Any, P], Result]:
    """Compute `function(array, *arguments)` once for every read-only array; the arguments must be hashable.

    An array that may be written to is computed anew each time. Results are shared, so nobody may change them.
    """

    @wraps(function)
    def answer(array: Any, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        if array.flags.writeable:
            return function(array, *args, **kwargs)
        if id(array) not in _known:
            _known[id(array)] = {}
            weakref.finalize(array, _known.pop, id(array)).atexit = False
        known, key = _known[id(array)], (function, args, tuple(kwargs.items()))
        if key not in known:
            known[key] = function(array, *args, **kwargs)
        return known[key]  # type: ignore[no-any-return]

    return answer


def frozen(array: NDArray[Any]) -> NDArray[np.float64]:
    """A read-only copy of the array in float64."""
    copy = np.array(array, dtype=np.float64)
    copy.setflags(write=False)
    return copy
