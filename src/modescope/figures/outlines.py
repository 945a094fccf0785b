"""Outlines of SVG, the `d` of a path, in absolute coordinates as matplotlib writes them: moved, and written short."""

from __future__ import annotations

import re
from collections.abc import Iterable

PART = re.compile(r"([A-Za-z])([^A-Za-z]*)")
DECIMALS = 2
LONG = 20  # corners; where there are more, a tenth of a point is exact enough


def number(value: float) -> str:
    """A number with at most two decimals: 0.5 -> .5."""
    text = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    text = re.sub(r"^(-?)0\.", r"\1.", text)
    return "0" if text in ("-0", "-", "") else text


def moved(outline: str, x: float, y: float) -> str:
    """An outline of absolute coordinates, shifted."""
    found = []
    for letter, values in PART.findall(outline):
        shifted = [float(v) + (x, y)[i % 2] for i, v in enumerate(values.split())]
        found.append(letter + " ".join(map(number, shifted)))
    return "".join(found)


def short(outline: str) -> str:
    """The same outline with at most two decimals, one if it is long; lines are steps, which have fewer digits."""
    found: list[tuple[str, list[str]]] = []
    scale = 10 if outline.count("L") > LONG else 10**DECIMALS
    at = (0, 0)  # in units of the last decimal, so that rounding does not add up
    for letter, values in PART.findall(outline):
        rounded = [round(float(value) * scale) for value in values.split()]
        if letter == "L":
            step = rounded[0] - at[0], rounded[1] - at[1]
            if step != (0, 0) or not found or found[-1][0] != "l":
                found.append(("l", [number(v / scale) for v in step]))
        else:
            found.append((letter, [number(v / scale) for v in rounded]))
        at = (rounded[-2], rounded[-1]) if rounded else at
    text, before = "", ""
    for letter, numbers in found:
        words = _written(numbers)
        joined = letter == before == "l"
        text += (("" if words.startswith("-") else " ") if joined else letter) + words
        before = letter
    return text


def _written(numbers: Iterable[str]) -> str:
    """Numbers side by side; a minus sign separates as well as a space."""
    return " ".join(numbers).replace(" -", "-")
