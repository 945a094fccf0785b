"""Squares of confusions: the darkness of cells, and what is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from modescope.figures import confusion

NAMES = ["a", "b", "c"]


def test_cells_darken_with_their_count() -> None:
    counts = np.array([[90, 0, 0], [0, 80, 10], [1, 0, 89]])
    drawn, (width, height) = confusion.square(counts, NAMES, "heading")
    image = np.asarray(Image.open(io.BytesIO(drawn.png)).convert("L"), dtype=float)
    assert image.shape == (2 * height, 2 * width)

    def shade(row: int, column: int) -> float:
        """Of the upper left corner of a cell, where there is no number."""
        top = confusion.HEAD + row * confusion.CELL + 5
        left = confusion.MARGIN + confusion.LEFT + column * confusion.CELL + 5
        return float(image[2 * top, 2 * left])

    assert shade(0, 0) < shade(1, 2) < shade(2, 0) < shade(0, 1) == 255


def test_no_counts_at_all_can_be_drawn() -> None:
    drawn, _ = confusion.square(np.zeros((3, 3), np.int64), NAMES, "heading")
    assert Image.open(io.BytesIO(drawn.png)).format == "PNG"


@pytest.mark.parametrize("names", [[], ["a"], ["a", "b"]])
def test_other_numbers_of_names_are_refused(names: list[str]) -> None:
    with pytest.raises(ValueError, match=f"{len(names)} names do not match"):
        confusion.square(np.zeros((3, 3), np.int64), names, "heading")
