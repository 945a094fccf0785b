"""Maps of a thousand shares: colours, size, and what is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from modescope.figures import squares
from modescope.figures.style import INK


def test_never_is_black_expected_is_white_and_unknown_is_grey() -> None:
    found = squares.colours(np.array([0.0, 1.0, np.nan, 2.0, 9.0, 0.01]))
    np.testing.assert_allclose(found[0], to_rgb(INK))
    np.testing.assert_allclose(found[1], 1, atol=0.02)
    np.testing.assert_allclose(found[2], to_rgb(squares.UNKNOWN))
    np.testing.assert_allclose(found[3], to_rgb(squares.HIGH), atol=0.01)
    np.testing.assert_array_equal(found[3], found[4])  # above the most, colours do not differ
    assert found[5, 0] > found[5, 2]  # red, though almost never


def test_cells_are_where_their_digits_say() -> None:
    shares = np.ones((10, 10, 10))
    shares[4, 2, 7] = 0
    drawn, (width, height) = squares.rows([squares.Squares("one", shares)], "heading")
    image = Image.open(io.BytesIO(drawn.png)).convert("RGB")
    assert image.size == (2 * width, 2 * height)
    left = squares.MARGIN + squares.LEFT + 4 * (10 * squares.CELL + squares.GAP) + 7 * squares.CELL
    top = squares.HEAD + squares.TITLE + 2 * squares.CELL
    middle = (2 * left + squares.CELL, 2 * top + squares.CELL)
    assert image.getpixel(middle) == tuple(round(255 * c) for c in to_rgb(INK))
    beside = image.getpixel((middle[0] + 2 * squares.CELL, middle[1]))
    assert min(beside) > 250  # type: ignore[type-var, arg-type]


def test_a_row_per_entry() -> None:
    one = squares.Squares("one", np.ones((10, 10, 10)))
    (_, (width, low)), (_, (same, high)) = squares.rows([one], "heading"), squares.rows([one, one], "heading")
    assert width == same <= 1_000
    assert high - low == squares.TITLE + 10 * squares.CELL + squares.BELOW


@pytest.mark.parametrize("entries", [[], [squares.Squares("flat", np.ones(1_000))]])
def test_other_shapes_are_refused(entries: list[squares.Squares]) -> None:
    with pytest.raises(ValueError, match=f"{len(entries)} entries"):
        squares.rows(entries, "heading")
