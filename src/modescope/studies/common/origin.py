"""Where the code of a figure stands: path and line in the project, for whoever wants to know how it was drawn."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import modescope

PACKAGE = Path(str(modescope.__file__)).resolve().parent


def of_function(function: Callable[..., object]) -> str:
    """`src/modescope/...:line` of a function, method or partial; empty for code outside of the package."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    return _place(getattr(function, "__code__", None))


def of_generator(iterator: Iterator[object]) -> str:
    """The same for the generator that made the last item, behind every `yield from`; empty for other iterators."""
    found: Any = iterator
    while hasattr(inner := getattr(found, "gi_yieldfrom", None), "gi_code"):
        found = inner
    return _place(getattr(found, "gi_code", None))


def _place(code: CodeType | None) -> str:
    file = None if code is None else Path(code.co_filename).resolve()
    if code is None or file is None or not file.is_relative_to(PACKAGE):
        return ""
    return f"src/{PACKAGE.name}/{file.relative_to(PACKAGE).as_posix()}:{code.co_firstlineno}"
