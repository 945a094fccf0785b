"""Paths and sums at the right pixels: the largest step, the colours along a path, bad input."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from numpy.typing import NDArray
from PIL import Image

from modescope.figures import walks
from modescope.figures.style import GENERATED, MODES, Still
from modescope.figures.walks import ALONG, Path, Sums

EXTENT = (-1.0, 1.0, 0.0, 2.0)
NO_POINTS = np.empty((0, 2))


def picture(drawn: Still) -> NDArray[np.intp]:
    return np.asarray(Image.open(io.BytesIO(drawn.png)).convert("RGB")).astype(int)


def places(image: NDArray[np.intp], colour: object, size: tuple[int, int]) -> NDArray[np.float64]:
    """Positions of a colour below the legend, in data units of the only panel, (pixels, 2)."""
    top, left, side = walks.HEADING + walks.PANEL_TITLE, walks.MARGIN + walks.LEFT, walks.SIDE
    near = (np.abs(image - np.array(to_rgb(colour)) * 255) < 25).all(-1)  # type: ignore[arg-type]
    near[: top * walks.SCALE] = False
    row, column = np.nonzero(near)
    assert image.shape[:2] == (size[1] * walks.SCALE, size[0] * walks.SCALE)
    x, y = (column / walks.SCALE - left) / side, 1 - (row / walks.SCALE - top) / side
    return np.stack([EXTENT[0] + 2 * x, EXTENT[2] + 2 * y], axis=1)


def straight(jump_at: int = 6, points: int = 10) -> NDArray[np.float64]:
    """From (-0.8, 0.2) to the right in small steps, with one jump of 1.2 up."""
    y = np.where(np.arange(points) > jump_at, 1.4, 0.2)
    return np.stack([np.linspace(-0.8, 0.8, points), y], axis=1)


def test_the_largest_step_is_found() -> None:
    for k in (0, 3, 8):
        assert Path(EXTENT, NO_POINTS, straight(k)).jump == k
    assert Path(EXTENT, NO_POINTS, np.zeros((4, 2))).jump == 0


def test_the_largest_step_is_marked_where_it_is() -> None:
    path = straight(6)
    drawn, size = walks.paths([Path(EXTENT, NO_POINTS, path)], "heading", 1)
    marked = places(picture(drawn), GENERATED, size)
    assert marked.mean(0) == pytest.approx(path[6:8].mean(0), abs=0.05)
    assert np.ptp(marked[:, 1]) == pytest.approx(1.2, abs=0.1)


def test_the_colours_run_along_the_path() -> None:
    path = straight(9)  # no jump at all
    drawn, size = walks.paths([Path(EXTENT, NO_POINTS, path)], "heading", 1)
    first, last = (places(picture(drawn), ALONG(t)[:3], size).mean(0) for t in (0.0, 1.0))
    assert first == pytest.approx(path[0], abs=0.06)
    assert last == pytest.approx(path[-1], abs=0.06)


def test_pairs_have_their_own_colours_and_places() -> None:
    start, end = np.array([[-0.8, 0.2], [-0.8, 1.8]]), np.array([[-0.2, 0.2], [-0.2, 1.8]])
    one = Sums(EXTENT, NO_POINTS, start, end, (start + end) / 2, start + np.array([1.4, 0.0]))
    drawn, size = walks.arithmetic([one], "heading")
    for i, height in enumerate((0.2, 1.8)):
        seen = places(picture(drawn), MODES[i], size)
        assert seen[:, 1] == pytest.approx(height, abs=0.12)
        assert (seen[:, 0].min(), seen[:, 0].max()) == pytest.approx((-0.8, 0.6), abs=0.06)


def test_panels_stand_in_rows_within_the_width_of_a_page() -> None:
    panels = [Path(EXTENT, np.zeros((5, 2)), straight(), f"title {i}") for i in range(5)]
    for columns, rows in ((1, 5), (3, 2), (9, 1)):
        drawn, size = walks.paths(panels, "heading", columns)
        assert picture(drawn).shape[:2] == (size[1] * walks.SCALE, size[0] * walks.SCALE)
        assert size[0] <= 1_000
        assert size[1] > rows * 100
    assert walks.paths(panels, "heading", 3) == walks.paths(panels, "heading", 3)


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="0 panels in 1 columns"):
        walks.paths([], "heading", 1)
    with pytest.raises(ValueError, match="0 panels in 0 columns"):
        walks.arithmetic([], "heading")
    with pytest.raises(ValueError, match="1 panels in 0 columns"):
        walks.paths([Path(EXTENT, NO_POINTS, straight())], "heading", 0)
    with pytest.raises(ValueError, match="empty extent"):
        walks.paths([Path((1.0, 1.0, 0.0, 2.0), NO_POINTS, straight())], "heading", 1)
    with pytest.raises(ValueError, match="at least two points"):
        walks.paths([Path(EXTENT, NO_POINTS, straight()[:1])], "heading", 1)
    pair = np.zeros((1, 2))
    with pytest.raises(ValueError, match="not one \\(pairs, 2\\)"):
        walks.arithmetic([Sums(EXTENT, NO_POINTS, pair, pair, pair, np.zeros((2, 2)))], "heading")
