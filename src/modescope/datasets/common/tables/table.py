"""The points of a table in text: how it is written is decided from its first rows, then all rows are read so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modescope.datasets.common.columns import LARGEST, Column, UnfitError
from modescope.datasets.common.tables.notation import Notation
from modescope.datasets.common.tables.reading import Reading, decided
from modescope.datasets.common.tables.rows import rows
from modescope.datasets.common.tables.text import open_text

BLOCK = 20_000  # rows that are text at a time
PLAIN = re.compile(r"[0-9.eE+\-\n]*")  # float() takes more than we do: underscores, other digits, words


def read(
    path: Path, columns: Sequence[Column] | None, coordinates: int | None
) -> tuple[NDArray[np.float64], list[str]]:
    """The chosen columns, (n, columns), all finite, and how the text was understood.

    `coordinates` is how many a point should have, where that is known; it decides between two readings.

    Raises UnfitError for the first row or cell that is wrong, and where two readings are left; OSError.
    """
    text = open_text(path)
    reading = decided(text, columns, coordinates)
    left = islice(rows(text, reading.separator), reading.layout.skip, None)
    blocks = [np.empty((0, len(reading.chosen)))]
    while block := list(islice(left, BLOCK)):
        blocks.append(_block(block, reading))
    points = np.concatenate(blocks)
    if not points.size:
        raise UnfitError("no rows of numbers")
    return points, text.taken + reading.taken()


def _block(block: list[tuple[int, list[str]]], reading: Reading) -> NDArray[np.float64]:
    for number, row in block:
        if len(row) != reading.width:
            found = "is empty" if not any(row) else f"has {len(row):,} of {reading.width:,} cells"
            raise UnfitError(f"row {number} {found}; allowed: as many in every row")
    cells = [row[i] for _, row in block for i in reading.chosen]
    values = _fast(cells, reading.notation)
    if values is None:
        values = list(_slow(block, reading))
    points = np.array(values, np.float64).reshape(len(block), -1)
    if not (fine := np.abs(points) <= LARGEST).all():
        at, column = (int(i) for i in np.argwhere(~fine)[0])
        raise _wrong(*block[at], reading.chosen[column], reading)
    return points


def _fast(cells: Sequence[str], notation: Notation) -> list[float] | None:
    """The numbers, or None if one is not written plainly."""
    if notation.thousands:
        return None
    joined = "\n".join(cells)
    if notation.decimal != ".":
        if "." in joined:
            return None
        joined = joined.translate(notation.plain)
    if not PLAIN.fullmatch(joined):
        return None
    try:
        return [float(cell) for cell in joined.split("\n")]
    except ValueError:
        return None


def _slow(block: list[tuple[int, list[str]]], reading: Reading) -> Iterator[float]:
    for number, row in block:
        for i in reading.chosen:
            value = reading.notation.value(row[i])
            if value is None:
                raise _wrong(number, row, i, reading)
            yield value


def _wrong(number: int, row: list[str], i: int, reading: Reading) -> UnfitError:
    """The error for cell i of a row."""
    names = reading.layout.names
    cell = repr(row[i])[:40] if row[i] else "empty"
    return UnfitError(f"row {number}, column {i if names is None else names[i]}: {cell}; allowed: finite numbers")
