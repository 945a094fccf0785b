"""Rows of cells from lines, for one separator. Quotes are those of RFC 4180."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from modescope.datasets.common.columns import UnfitError
from modescope.datasets.common.tables.text import Text

MOST_COLUMNS = 50_000  # a picture of 128 x 128 in three colours; an array of more belongs into an npy file
BLANKS = re.compile("[ \t]+")
HEAD = 1_000_000  # letters in which a separator shows itself
BETWEEN = re.compile(r"[^ \t\n][ \t]* [ \t]*[^ \t\n]")
NONE = "\x1f"  # splits nothing: a table of one column
NAMES = {",": "','", ";": "';'", "\t": "a tab", "|": "'|'", " ": "blanks", NONE: "none"}


def separators(text: Text) -> list[str]:
    """The separators that the lines can have, the usual one first; several blanks in a row count as one."""
    if text.separator is not None:
        return [text.separator]
    found = [mark for mark in ",;\t|" if mark in text.content]
    return [*found, *([" "] if BETWEEN.search(text.content[:HEAD]) else []), NONE]


def rows(text: Text, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The number in the file and the cells of every row; a cell may hold line ends between quotes.

    Raises UnfitError where quotes do not match and for too many columns.
    """
    line_number, cells = 0, 0

    def lines() -> Iterator[str]:
        nonlocal line_number, cells
        for line_number, line in text.lines():
            kept = BLANKS.sub(" ", line.strip(" \t")) if separator == " " else line
            cells += kept.count(separator)
            if cells >= MOST_COLUMNS:
                raise UnfitError(f"row {line_number}: more than {MOST_COLUMNS:,} columns; save an array as npy")
            yield f"{kept}\n"

    try:
        for row in csv.reader(lines(), delimiter=separator, skipinitialspace=True, strict=True):
            yield line_number, [cell.strip() for cell in row]
            cells = 0
    except csv.Error as error:
        raise UnfitError(f"row {line_number}: quotes that do not match, or a cell without an end ({error})") from None
