"""What the first row and the first column of a table are: names and row numbers, or coordinates of points."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from modescope.datasets.common.columns import Column, UnfitError
from modescope.datasets.common.tables.notation import Notation, missing

INTEGER = re.compile(r"[0-9]{1,15}")
UNNAMED = re.compile(r"|Unnamed: [0-9]+")  # the second is what pandas makes of the first
NUMBERING = {"#", "id", "idx", "index", "no", "no.", "nr", "row", "rowid", "row_id", "rownames"}
FEW = 20  # rows; fewer are no evidence, and may be centres, which often are whole numbers


@dataclass(frozen=True)
class Layout:
    """The names of the columns, and what is no coordinate."""

    names: list[str] | None = None  # None: the columns have numbers alone
    from_comment: bool = False  # the names
    left_out: list[int] = field(default_factory=list)  # columns that are no coordinates
    taken: list[str] = field(default_factory=list)

    @property
    def skip(self) -> int:
        """Rows above the points."""
        return int(self.names is not None and not self.from_comment)


def laid_out(
    table: Sequence[tuple[int, Sequence[str]]],
    width: int,
    notation: Notation,
    columns: Sequence[Column] | None,
    comment: Sequence[str],
) -> Layout:
    """The layout of a table of which these are the first rows; `comment` are the cells of the comment above them.

    Raises UnfitError where a row or a column can be taken for two things, with both and the way to say which it is.
    """
    rows, at = [cells for _, cells in table], table[0][0]
    header = _header(rows, width, notation, at)
    from_comment = header is None and len(comment) == width and all(_word(cell, notation) for cell in comment)
    names = list(comment) if from_comment else header
    below = rows if header is None else rows[1:]
    by_column = [[row[i] for row in below if len(row) == width] for i in range(width)]
    taken = [f"{'comment' if from_comment else f'row {at}'}: names"] if names is not None else []
    if names is None and list(rows[0]) == ["0"]:
        taken.append(f"row {at}: a point, not the name 0")
    left_out = []
    for i, cells in enumerate(by_column):
        why = _no_coordinate(i, cells, names, by_column, columns, notation) if cells else ""
        if why:
            if columns is not None and i in columns:
                raise UnfitError(f"columns: column {i} {why}; choose columns that hold coordinates")
            left_out.append(i)
            taken += [f"column {i} {why}, left out"] if columns is None else []
    return Layout(names, from_comment, left_out, taken)


def _word(cell: str, notation: Notation) -> bool:
    """Whether a cell can be a name; 1.2.3 and 50% can not, they are damaged numbers."""
    if missing(cell) or notation.value(cell) is not None:
        return False
    return any(c.isalpha() for c in cell) or not any(c.isdigit() for c in cell)


def _header(rows: Sequence[Sequence[str]], width: int, notation: Notation, at: int) -> list[str] | None:
    """The names in the first row, which is row `at` of the file, or None if it is a point."""
    first, below = list(rows[0]), [row for row in rows[1:] if len(row) == width]
    words = [_word(cell, notation) for cell in first]
    numbers = [notation.value(cell) is not None for cell in first]
    if any(words) and all(word or not cell for word, cell in zip(words, first, strict=True)):
        if len(first) == width - 1 and below:
            if not any(row[-1] for row in below):  # every row ends in a separator
                first = [*first, ""]
            elif _counts([row[0] for row in below]) or all(_word(row[0], notation) for row in below):
                first = ["", *first]  # R gives the column of row names none
        if len(first) != width:
            raise UnfitError(f"row {at} has {len(first):,} of {width:,} cells; allowed: as many in every row")
        return [" ".join(name.split()) for name in first]
    if len(first) != width:
        return None
    if all(numbers):
        return _numbered(first, below, at)
    if first[0] == "" and first[1:] == [str(i) for i in range(width - 1)]:
        return first
    for i in range(width):
        if words[i] and below and sum(notation.value(row[i]) is not None for row in below) * 2 > len(below):
            rest = next(cell for cell, word in zip(first, words, strict=True) if cell and not word)
            raise UnfitError(f"row {at} has names, such as {first[i]!r}, and {rest!r}; give every column a name")
    return None


def _counts(cells: Sequence[str]) -> bool:
    """Whether a column numbers the rows, from 0 or 1."""
    if not all(INTEGER.fullmatch(cell) for cell in cells):
        return False
    return int(cells[0]) in (0, 1) and all(int(cell) == int(cells[0]) + i for i, cell in enumerate(cells))


def _numbered(first: list[str], below: Sequence[Sequence[str]], at: int) -> list[str] | None:
    """The first row as names if it is whole numbers above decimals, else None."""
    if not below or not all(INTEGER.fullmatch(cell) for cell in first):
        return None
    decimals = not any(INTEGER.fullmatch(cell.lstrip("+-")) for row in below for cell in row)
    counted = any(first == [str(i + start) for i in range(len(first))] for start in (0, 1))
    if counted and decimals and len(first) > 1 and len(below) >= FEW:
        return first
    if (decimals and (counted or len(first) > 1)) or (len(first) > 1 and first == [str(i) for i in range(len(first))]):
        what = "numbers the columns" if counted else "holds whole numbers, unlike the others"
        raise UnfitError(
            f"row {at} {what}: names or a point; give the columns names, or write {first[0]}.0 if it is a point"
        )
    return None


def _no_coordinate(
    i: int,
    cells: Sequence[str],
    names: Sequence[str] | None,
    by_column: Sequence[Sequence[str]],
    columns: Sequence[Column] | None,
    notation: Notation,
) -> str:
    """Why column i is not one of the coordinates, or nothing."""
    unnamed = names is not None and UNNAMED.fullmatch(names[i]) is not None
    if not any(cells) and (unnamed or (names is None and len(by_column) > 1)):
        return "is empty"
    counts = _counts(cells)
    if unnamed:
        if i == 0 and counts:
            return "has no name and numbers the rows"
        if i == 0 and len(set(cells)) == len(cells) and all(INTEGER.fullmatch(cell) for cell in cells):
            return "has no name and holds a different whole number in every row"
        if i == 0 and all(_word(cell, notation) for cell in cells):
            return "has no name and holds text"
        if columns is None:
            raise UnfitError(f"column {i} has no name: an index or a coordinate; name it, or choose columns")
    elif i == 0 and counts and len(by_column) > 1 and len(cells) > 2 and columns is None:
        others = all(INTEGER.fullmatch(cell.lstrip("+-")) for column in by_column[1:] for cell in column)
        if names is not None and names[0].lower() in NUMBERING:
            raise UnfitError(f"column {names[0]} numbers the rows: an index or a coordinate; choose columns")
        if names is None and (len(cells) >= FEW or not others):
            raise UnfitError("column 0 numbers the rows: an index or a coordinate; choose columns, or write 0.0")
    return ""
