"""Charts over one axis: sizes, positions, the legend, reproducible bytes, and bad input."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from numpy.typing import NDArray
from PIL import Image

from modescope.figures import histograms
from modescope.figures.histograms import Chart, Mark
from modescope.figures.stills import SCALE
from modescope.figures.style import GENERATED, SECOND, Still

X = np.linspace(0, 1, 50)


def chart(*marks: Mark) -> Chart:
    return Chart("title", marks, "x", "y", (0, 1), (0, 2))


def found(drawn: Still, colour: str) -> NDArray[np.intp]:
    """(row, column) in layout pixels of all pixels of a colour below the legend."""
    image = np.asarray(Image.open(io.BytesIO(drawn.png)).convert("RGB")).astype(int)
    near = (np.abs(image - np.array(to_rgb(colour)) * 255) < 8).all(-1)
    near[: histograms.HEAD * SCALE] = False
    return np.argwhere(near) // SCALE


@pytest.mark.parametrize(("n", "columns", "rows"), [(1, 3, 1), (3, 2, 2)])
def test_charts_stand_in_rows(n: int, columns: int, rows: int) -> None:
    drawn, (width, height) = histograms.still([chart(Mark("line", X, X, SECOND))] * n, "heading", columns)
    assert Image.open(io.BytesIO(drawn.png)).size == (width * SCALE, height * SCALE)
    assert height == histograms.HEAD + rows * (histograms.TITLE + histograms.HEIGHT + histograms.AXIS)
    assert width <= 1_000
    assert drawn == histograms.still([chart(Mark("line", X, X, SECOND))] * n, "heading", columns)[0]


def test_bars_reach_as_high_as_their_values() -> None:
    bars = Mark("steps", np.array([0.0, 0.5, 1.0]), np.array([1.0, 2.0]), GENERATED)
    rows, columns = found(histograms.still([chart(bars)], "heading", 1)[0], GENERATED).T
    middle = (columns.min() + columns.max()) / 2
    low, high = (np.unique(rows[side]).size for side in (columns < middle - 2, columns > middle + 2))
    assert low / high == pytest.approx(0.5, abs=0.02)
    assert high == pytest.approx(histograms.HEIGHT, abs=2)


@pytest.mark.parametrize("shape", ["line", "dashed", "dots", "area"])
def test_every_shape_is_drawn_and_named(shape: histograms.Shape) -> None:
    plain, named = (
        histograms.still([chart(Mark(shape, X, X, SECOND, label, 3.0))], "heading", 1)[0] for label in ("", "name")
    )
    assert found(plain, SECOND).size
    assert plain != named


@pytest.mark.parametrize(
    ("marks", "columns"),
    [([Mark("line", X, X[1:], SECOND)], 1), ([Mark("steps", X, X, SECOND)], 1), ([Mark("dots", X, X, SECOND)], 0)],
)
def test_what_does_not_match_is_refused(marks: list[Mark], columns: int) -> None:
    with pytest.raises(ValueError, match=r"do not match|1 charts in 0 columns"):
        histograms.still([chart(*marks)], "heading", columns)
    with pytest.raises(ValueError, match="0 charts"):
        histograms.still([], "heading", 1)
