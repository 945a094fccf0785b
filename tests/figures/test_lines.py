"""Lines in small charts: still and animation agree, lines lie at the right pixels, bad input is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from numpy.typing import NDArray
from PIL import Image

from modescope.figures import lines
from modescope.figures.lines import Chart, Line
from modescope.figures.style import ORANGE, REAL, SECOND, theme

EXTENT = (-1.0, 3.0, -1.0, 1.0)
FLAT = np.array([[-1.0, 0.0], [3.0, 0.0]])
UP = np.array([0.0, 0.5])
RISING = np.stack([FLAT - UP, FLAT, FLAT + UP])  # (3 frames, 2, 2)


def decode(picture: bytes) -> list[NDArray[np.intp]]:
    image, frames = Image.open(io.BytesIO(picture)), []
    for k in range(getattr(image, "n_frames", 1)):
        image.seek(k)
        frames.append(np.asarray(image.convert("RGB")).astype(int))
    return frames


def rows_of(picture: NDArray[np.intp], box: tuple[int, int, int, int], colour: str) -> NDArray[np.float64]:
    """Heights of a colour in the middle column of a chart, from the top (0) to the bottom (1)."""
    left, top, width, height = box
    column = picture[top + 3 : top + height - 3, left + width // 2]
    like = (np.abs(column - np.array(to_rgb(colour)) * 255) < 40).all(-1)
    return (np.flatnonzero(like) + 3.5) / height


def boxes(charts: list[Chart], scale: int) -> list[tuple[int, int, int, int]]:
    with theme():
        return lines._draw(charts, EXTENT, "heading", "number", 2, scale).boxes


CHARTS = [
    Chart("rising", [Line(RISING, SECOND, "G")]),
    Chart("still", [Line(FLAT[None], REAL, "real")]),
    Chart("third", [Line(FLAT[None], REAL, "real"), Line(FLAT[None] + UP, ORANGE, "D")]),
]


def test_a_still_has_the_layout_of_its_animation() -> None:
    drawn, size = lines.still(CHARTS, EXTENT, "heading", step=9, x_label="number", columns=2)
    moving = lines.animate(CHARTS, EXTENT, [0, 5, 9], "heading", x_label="number", columns=2)
    assert Image.open(io.BytesIO(drawn.png)).size == (2 * size[0], 2 * size[1])
    assert (moving.size, moving.steps) == (size, [0, 5, 9])
    first, second, third = boxes(CHARTS, 1)
    assert first[1] == second[1] < third[1]  # two in the first row, one below
    assert first[0] == third[0] < second[0]


def test_lines_are_where_they_should_be_in_every_frame() -> None:
    moving = decode(lines.animate(CHARTS, EXTENT, [0, 5, 9], "heading", x_label="number", columns=2).gif)
    for frame, y in zip(moving, (0.75, 0.5, 0.25), strict=True):
        found = rows_of(frame, boxes(CHARTS, 1)[0], SECOND)
        assert found.size
        assert found.mean() == pytest.approx(y, abs=0.02)
        assert rows_of(frame, boxes(CHARTS, 1)[1], REAL).mean() == pytest.approx(0.5, abs=0.02)
        assert rows_of(frame, boxes(CHARTS, 1)[2], ORANGE).mean() == pytest.approx(0.25, abs=0.02)
    for frame_at, y in ((0, 0.75), (-1, 0.25)):
        drawn, _ = lines.still(CHARTS, EXTENT, "heading", x_label="number", columns=2, frame=frame_at)
        assert rows_of(decode(drawn.png)[0], boxes(CHARTS, 2)[0], SECOND).mean() == pytest.approx(y, abs=0.02)


def test_a_line_is_painted_evenly_however_its_points_are_spaced() -> None:
    uneven = np.array([[-1.0, 0.0], [-0.99, 0.0], [-0.98, 0.0], [3.0, 0.0]])
    dense = lines._dense(uneven, EXTENT, (200, 100))
    np.testing.assert_allclose(dense[:, 0], np.linspace(-1, 3, lines.DENSE), atol=1e-9)
    corner = lines._dense(np.array([[-1.0, -1.0], [3.0, -1.0], [3.0, 1.0]]), EXTENT, (200, 100))
    assert np.mean(corner[:, 0] < 3) == pytest.approx(2 / 3, abs=0.01)  # 200 pixels across, 100 up
    gap = lines._dense(np.array([[0.0, 0.0], [np.nan, 0.0], [1.0, 0.0]]), EXTENT, (200, 100))
    assert np.isnan(gap).all()


def test_lines_that_are_not_finite_or_far_away_are_left_out() -> None:
    lost = np.stack([FLAT, FLAT * np.nan, FLAT + 100 * UP])
    frames = decode(lines.animate([Chart("", [Line(lost, SECOND)])], EXTENT, [0, 1, 2], "heading").gif)
    with theme():
        (box,) = lines._draw([Chart("", [])], EXTENT, "heading", "", 5, 1).boxes
    assert [rows_of(frame, box, SECOND).size > 0 for frame in frames] == [True, False, False]


def test_equal_arrays_give_equal_bytes() -> None:
    made = [lines.animate(CHARTS, EXTENT, [0, 5, 9], "heading").gif for _ in range(2)]
    assert made[0] == made[1]
    made = [lines.still(CHARTS, EXTENT, "heading")[0] for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("charts", "extent", "steps", "columns", "message"),
    [
        ([], EXTENT, [0], 5, "0 charts, 5 columns, 1 frames"),
        (CHARTS, EXTENT, [], 5, "3 charts, 5 columns, 0 frames"),
        (CHARTS, EXTENT, [0, 1, 2], 0, "3 charts, 0 columns, 3 frames"),
        (CHARTS, (1.0, 1.0, 0.0, 1.0), [0, 1, 2], 5, "empty extent"),
        (CHARTS, EXTENT, [0, 1], 5, r"do not match: \[1, 2, 3\]"),
        (CHARTS, EXTENT, [0], 5, "do not match"),
        ([Chart("", [Line(FLAT, SECOND)])], EXTENT, [0], 5, "not \\(2, 2\\)"),
        ([Chart("", [Line(FLAT[None, :1], SECOND)])], EXTENT, [0], 5, "n at least 2"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    charts: list[Chart], extent: tuple[float, float, float, float], steps: list[int], columns: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        lines.animate(charts, extent, steps, "heading", columns=columns)
