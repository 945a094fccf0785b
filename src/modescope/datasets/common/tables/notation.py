"""How numbers are written: the decimal mark and, where there is one, the mark between thousands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

BLANKS = " \u00a0\u2009\u202f"  # blank, no-break blank, thin blank, narrow no-break blank
APOSTROPHES = "'\u2019"
MINUS = "\u2212"  # as typesetting programs write it
NAMES = {",": "commas", ".": "points", BLANKS: "blanks", APOSTROPHES: "apostrophes"}
MISSING = {"", "nan", "na", "n/a", "#n/a", "null", "none", "inf", "+inf", "-inf", "infinity", "-infinity", "-nan", "?"}


@dataclass(frozen=True)
class Notation:
    """A way to write numbers."""

    decimal: str = "."
    thousands: str = ""  # any of these marks, between groups of three digits

    @cached_property
    def number(self) -> re.Pattern[str]:
        """A whole cell that is a number. With a mark between thousands, four digits in a row are none."""
        digits, point = "[0-9]+", re.escape(self.decimal)
        if self.thousands:
            digits = f"(?:[1-9][0-9]{{0,2}}(?:[{re.escape(self.thousands)}][0-9]{{3}})+|[0-9]{{1,3}})"
        return re.compile(rf"[+\-{MINUS}]?(?:{digits}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?")

    @cached_property
    def plain(self) -> dict[int, int | None]:
        """Translates a number to Python's notation."""
        return str.maketrans(self.decimal + MINUS, ".-", self.thousands)

    def value(self, cell: str) -> float | None:
        """The number in a cell, or None."""
        return float(cell.translate(self.plain)) if self.number.fullmatch(cell) else None

    def shows(self, cells: Iterable[str]) -> bool:
        """Whether numbers use its marks in a way that no simpler notation explains.

        A single point is the decimal point; it stands between thousands only where there are two of them, or a
        decimal comma elsewhere.
        """
        if self.thousands == "." and not any("," in cell or cell.count(".") > 1 for cell in cells):
            return False
        marks = self.thousands or (self.decimal if self.decimal != "." else "")
        return not marks or any(mark in cell for cell in cells for mark in marks)

    def described(self) -> list[str]:
        """What differs from a plain decimal point, in words."""
        said = ["decimal comma"] if self.decimal == "," else []
        return said + ([f"{NAMES[self.thousands]} between thousands"] if self.thousands else [])


def notations(cells: list[str]) -> Iterator[Notation]:
    """The notations of which the cells show the marks, simplest first."""
    for thousands in ("", ",", ".", APOSTROPHES, BLANKS):
        for decimal in ".,":
            if decimal != thousands and (found := Notation(decimal, thousands)).shows(cells):
                yield found


def missing(cell: str) -> bool:
    """Whether a cell is empty, or says that there is no number, or no finite one."""
    return cell.lower() in MISSING
