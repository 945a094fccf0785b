"""Which columns of a file are used, by name or by number, and the error for a file that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Column = str | int
LARGEST = float(np.finfo(np.float32).max)  # the pipeline keeps points in single precision


class UnfitError(ValueError):
    """A file that cannot be used: what was found and what is allowed, without the file's name."""


def indices(columns: Sequence[Column] | None, names: Sequence[str] | None, n: int) -> list[int]:
    """Where the chosen ones of n columns stand; all of them without a choice.

    Raises UnfitError for a name that is not there or occurs twice, and for a number beyond the last column.
    """
    return list(range(n)) if columns is None else [_index(column, names or [], n) for column in columns]


def _index(column: Column, names: Sequence[str], n: int) -> int:
    if isinstance(column, int):
        if 0 <= column < n:
            return column
        raise UnfitError(f"columns: there is no column {column}; allowed: 0 to {n - 1}")
    if names.count(column) != 1:
        wrong = "occurs twice" if column in names else "does not exist"
        allowed = ", ".join(names[:20]) if names else f"numbers, 0 to {n - 1}"
        raise UnfitError(f"columns: {column!r} {wrong}; allowed: {allowed}")
    return names.index(column)
