"""Outlines written short are the same outlines."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from modescope.figures.outlines import moved, number, short

PLACES = st.lists(st.tuples(*[st.floats(-500, 500).map(lambda v: round(v, 2))] * 2), min_size=2, max_size=8)


def points(outline: str) -> list[tuple[float, float]]:
    """The corners of an outline of M, L, l and z, as a browser reads them."""
    found: list[tuple[float, float]] = []
    for letter, values in re.findall(r"([MLlz])([^MLlz]*)", outline):
        numbers = [float(v) for v in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", values)]
        for x, y in zip(numbers[::2], numbers[1::2], strict=True):
            found.append((found[-1][0] + x, found[-1][1] + y) if letter == "l" else (x, y))
    return found


@given(PLACES)
def test_the_corners_stay(places: list[tuple[float, float]]) -> None:
    outline = "\n".join(f"{'L' if i else 'M'} {x:.6f} {y:.6f} " for i, (x, y) in enumerate(places)) + "z"
    kept = [place for i, place in enumerate(places) if i < 2 or place != places[i - 1]]  # a repeated corner is no step
    found = points(short(outline))
    assert len(found) == len(kept)
    assert all(abs(a - b) < 1e-6 for p, q in zip(found, kept, strict=True) for a, b in zip(p, q, strict=True))
    assert short(outline).endswith("z")


def test_lines_are_steps_and_curves_keep_their_places() -> None:
    assert short("M 10 20 L 10.5 19.25 L 11 19.25 z") == "M10 20l.5-.75 .5 0z"
    assert short("M 0 1.3 C 0.344764 1.3 0.675454 -1.163024 0.9 0.9") == "M0 1.3C.34 1.3 .68-1.16 .9 .9"
    assert short("M 0 0 L 1 1 M 5 5 L 6 5") == "M0 0l1 1M5 5l1 0"


def test_a_shape_is_moved_to_its_place() -> None:
    assert moved("M 0 0 L 0 -3 z", 10.25, 5) == "M10.25 5L10.25 2z"
    assert short(moved("M 0 0 L 0 -3", -2, 1)) == "M-2 1l0-3"


def test_numbers_are_short() -> None:
    assert [number(v) for v in (0.0, -0.001, 0.5, -0.25, 3.0, 12.345, 100.0)] == [
        "0", "0", ".5", "-.25", "3", "12.35", "100",
    ]  # fmt: skip
