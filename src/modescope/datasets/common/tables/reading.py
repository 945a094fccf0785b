"""The readings of a table: each separator with each notation, and which of them the text leaves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from modescope.datasets.common.columns import Column, UnfitError, indices
from modescope.datasets.common.tables.layout import Layout, laid_out
from modescope.datasets.common.tables.notation import Notation, notations
from modescope.datasets.common.tables.rows import NAMES, NONE, rows, separators
from modescope.datasets.common.tables.text import Text

PADDED = re.compile("[+-]?0[0-9]|-0$")
SAMPLES = (20_000, 1_000_000)  # cells that are looked at; the more, only where the fewer leave two readings
Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True, eq=False)
class Reading:
    """One way to read a table."""

    separator: str
    notation: Notation
    width: int  # cells in a row
    layout: Layout
    chosen: list[int]  # columns that are coordinates
    sample: Rows  # the rows that were looked at
    points: list[tuple[float, ...] | None]  # of each; None where a cell is no number
    numbers: int  # cells that are numbers, chosen or not
    problem: UnfitError | None = None  # why it cannot be used, although the cells may be numbers

    @property
    def good(self) -> int:
        """How many rows are points."""
        return len(self.points) - self.points.count(None)

    @property
    def bad(self) -> int:
        """How many of the rows below the names are no points."""
        return self.points[self.layout.skip :].count(None)

    @property
    def ragged(self) -> int:
        """The same without the last row, which may have been cut off."""
        return self.points[self.layout.skip : -1].count(None)

    @property
    def headed(self) -> bool:
        """Whether the first row names every column, and there are several."""
        return self.layout.skip == 1 and len(self.sample[0][1]) == self.width > 1

    @property
    def plausible(self) -> bool:
        """Whether most rows are points."""
        return self.bad < self.good

    def agrees(self, other: Reading) -> bool:
        """Whether both find the same numbers in all rows in which both find some."""
        return all(a == b for a, b in zip(self.points, other.points, strict=False) if a is not None and b is not None)

    def taken(self) -> list[str]:
        """How the text was understood, as far as something had to be decided."""
        separated = [f"separator {NAMES.get(self.separator, repr(self.separator))}"]
        return (separated if self.separator not in (",", NONE) else []) + self.notation.described() + self.layout.taken

    def example(self) -> str:
        """The first point that it finds."""
        point = next(point for point in self.points if point is not None)
        shown = ", ".join(f"{x:g}" for x in point[:4]) + (" …" if len(point) > 4 else "")
        separated = f"separator {NAMES.get(self.separator, repr(self.separator))}"
        return f"{shown} ({', '.join([*self.notation.described(), separated])})"

    def cells(self) -> list[list[str]]:
        """The cells of each coordinate, in the rows that are points."""
        rows = [row for (_, row), point in zip(self.sample, self.points, strict=True) if point is not None]
        return [[row[i] for row in rows] for i in self.chosen]

    @property
    def padded(self) -> bool:
        """Whether a number begins with a zero too many, as the decimals behind a comma do and whole numbers do not."""
        return any(PADDED.match(cell) for column in self.cells() for cell in column)

    @property
    def uneven(self) -> bool:
        """Whether decimals end in zeros here and are shorter there: no program writes them so."""
        decimals = [[cell.partition(",")[2] for cell in column if "," in cell] for column in self.cells()]
        ends = [column for column in decimals if self.notation.decimal == "," and len({*map(len, column)}) > 1]
        return any(end.endswith("0") for column in ends for end in column)


def decided(text: Text, columns: Sequence[Column] | None, coordinates: int | None) -> Reading:
    """The only reading under which most rows are points, or else the one that finds most numbers.

    Where two remain, one with that many coordinates a point is preferred.

    Raises UnfitError where there are two, or where a row or a column of the only one can be taken for two things.
    """
    for most in SAMPLES:
        found = [reading for separator in separators(text) for reading in _readings(text, separator, columns, most)]
        plausible = _likely([reading for reading in found if reading.plausible], coordinates)
        if len(plausible) == 1:
            break
    if len(plausible) > 1:
        ways = " or ".join(reading.example() for reading in plausible[:2])
        raise UnfitError(f"two readings, which begin {ways}; choose columns, name them in row 1, or save it as npy")
    best = plausible[0] if plausible else max(found, key=lambda reading: reading.numbers)
    if best.problem is not None:
        raise best.problem
    if best.separator == "," and len(best.chosen) % 2 == 0 and best.padded and _whole(best):
        raise UnfitError("whole numbers that begin with 0, such as decimals behind a comma; separate by ';' instead")
    return best


def _whole(reading: Reading) -> bool:
    return all(cell.lstrip("+-").isdigit() for column in reading.cells() for cell in column)


def _likely(found: list[Reading], coordinates: int | None) -> list[Reading]:
    """Those that find different numbers, without those against which the text speaks."""
    kept: list[Reading] = []
    for reading in sorted(found, key=lambda reading: (reading.bad, -reading.good)):
        if not any(reading.agrees(other) for other in kept):
            kept.append(reading)
    least = min((reading.ragged for reading in kept), default=0)
    for better in (
        [reading for reading in kept if reading.ragged == least],
        [reading for reading in kept if len(reading.chosen) == coordinates],
        [reading for reading in kept if reading.headed],
        [reading for reading in kept if not reading.padded and not reading.uneven],
    ):
        if len(kept) > 1 and better:
            kept = [reading for reading in kept if reading in better]
    return kept


def _readings(text: Text, separator: str, columns: Sequence[Column] | None, most: int) -> list[Reading]:
    """The readings with this separator, one for each notation."""
    try:
        found = _sample(text, separator, most)
    except UnfitError as error:
        return [Reading(separator, Notation(), 1, Layout(), [], [], [], 0, error)]
    lengths, below = (Counter(len(row) for _, row in some) for some in (found, found[1:]))
    width = max(lengths, key=lambda n: (lengths[n], below[n]))
    cells = [cell for _, row in found for cell in row]
    return [_reading(text, separator, notation, found, width, columns) for notation in notations(cells)]


def _reading(
    text: Text, separator: str, notation: Notation, found: Rows, width: int, columns: Sequence[Column] | None
) -> Reading:
    table: list[list[str]] = [cells for _, cells in found]
    problem: UnfitError | None = None
    chosen: list[int] | None
    try:
        comment = next(rows(Text(text.comment), separator))[1] if text.comment else []
    except UnfitError:
        comment = []
    try:
        layout = laid_out(found, width, notation, columns, comment)
    except UnfitError as error:
        layout, problem = Layout(), error
    try:
        chosen = [i for i in indices(columns, layout.names, width) if columns is not None or i not in layout.left_out]
    except UnfitError as error:
        chosen, problem = None, problem or error
    skipped: list[list[float | None] | None] = [None] * layout.skip
    values = skipped + [
        [notation.value(cell) for cell in cells] if len(cells) == width else None for cells in table[layout.skip :]
    ]
    points = [None if chosen is None else _point(row, chosen) for row in values]
    numbers = sum(value is not None for row in values if row is not None for value in row)
    return Reading(separator, notation, width, layout, chosen or [], found, points, numbers, problem)


def _point(row: Sequence[float | None] | None, chosen: list[int]) -> tuple[float, ...] | None:
    found = [row[i] for i in chosen] if row is not None else [None]
    return None if None in found else tuple(value for value in found if value is not None)


def _sample(text: Text, separator: str, most: int) -> Rows:
    """The first rows, until they have that many cells."""
    found, cells = [], 0
    for row in rows(text, separator):
        found.append(row)
        cells += len(row[1])
        if cells >= most:
            break
    return found
