"""Small charts and rankings: sizes, positions of means and infinities, reproducible bytes, bad input."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from numpy.typing import NDArray
from PIL import Image

from modescope.figures import curves
from modescope.figures.curves import Column, Curve
from modescope.figures.stills import SCALE, Series
from modescope.figures.style import GENERATED, INK, SECOND, Still

NAN, INF = float("nan"), float("inf")


def curve(name: str = "name", level: float = 1.0, points: int = 5) -> Curve:
    mean = np.full(points, level)
    return Curve(name, np.arange(points) * 100, mean, mean - 0.1, mean + 0.1)


def column(values: list[list[float]], floor: tuple[float, float] | None = None, **options: object) -> Column:
    finite = [[v for v in runs if np.isfinite(v)] for runs in values]
    intervals = [(float(np.mean(f)), min(f), max(f)) if f else (NAN, NAN, NAN) for f in finite]
    return Column(Series("metric", values, intervals, floor), **options)  # type: ignore[arg-type]


def pixels(drawn: Still) -> NDArray[np.intp]:
    return np.asarray(Image.open(io.BytesIO(drawn.png)).convert("RGB")).astype(int)


def found(made: tuple[bytes, tuple[int, int]], colour: str) -> NDArray[np.intp]:
    """(row, column) in layout pixels of all pixels of a colour below the legend."""
    near = (np.abs(pixels(made[0]) - np.array(to_rgb(colour)) * 255) < 8).all(-1)
    near[: curves.HEAD * SCALE] = False
    return np.argwhere(near) // SCALE


@pytest.mark.parametrize(("n", "columns", "rows"), [(20, 5, 4), (7, 5, 2), (2, 5, 1)])
def test_small_charts_stand_in_rows(n: int, columns: int, rows: int) -> None:
    made = curves.small_multiples([curve()] * n, "heading", columns=columns)
    drawn, (width, height) = made
    assert width <= 1_000
    assert height == curves.HEAD + rows * (curves.SMALL_TITLE + curves.SMALL_HEIGHT + 8) - 8 + curves.AXIS
    assert Image.open(io.BytesIO(drawn.png)).size == (width * SCALE, height * SCALE)
    lines = found(made, SECOND)  # a flat line in each chart
    starts = [int(np.sum(np.diff(np.unique(lines[:, k])) > 1)) + 1 for k in (0, 1)]
    assert starts == [rows, min(n, columns)]


def test_the_charts_of_all_curves_have_one_scale() -> None:
    rows = []
    for level in (0.0, 5.0, 10.0):
        made = curves.small_multiples([curve(level=level), curve(level=10.0)], "heading", maximum=("most", 20.0))
        lines = found(made, SECOND)
        rows.append(lines[lines[:, 1] < made[1][0] / 2, 0].mean())
    assert rows[0] - rows[1] == pytest.approx(rows[1] - rows[2], abs=1)
    assert rows[0] - rows[2] > 30


def test_the_reference_is_in_every_chart() -> None:
    without, with_line = (
        curves.small_multiples([curve()] * 3, "heading", reference=reference, maximum=("most", 5.0))[0]
        for reference in (None, curve("baseline", 3.0))
    )
    changed = np.argwhere((pixels(without) != pixels(with_line)).any(-1)) // SCALE
    changed = changed[changed[:, 0] > curves.HEAD]
    assert int(np.sum(np.diff(np.unique(changed[:, 1])) > 1)) == 2  # three lines
    assert np.ptp(changed[:, 0]) <= 3  # flat
    assert changed[:, 0].mean() < found((with_line, (0, 0)), SECOND)[:, 0].mean() - 10


def test_curves_with_gaps_or_nothing_measured_can_be_drawn() -> None:
    gap, none = curve(level=2.0), curve(level=NAN)
    gap.mean[2:] = NAN
    whole, broken = (found(curves.small_multiples([c], "heading"), SECOND)[:, 1] for c in (curve(level=2.0), gap))
    assert np.ptp(broken) < 0.5 * np.ptp(whole)
    assert len(found(curves.small_multiples([none], "heading"), SECOND)) == 0


def test_a_ranking_has_rows_from_the_top_in_order_and_values_from_left_to_right() -> None:
    made = curves.ranking(["one", "two", "three"], [column([[1.0], [2.0], [3.0]])], "heading")
    drawn, (width, height) = made
    assert Image.open(io.BytesIO(drawn.png)).size == (width * SCALE, height * SCALE)
    dots = found(made, SECOND)
    centres = [dots[(dots[:, 0] - curves.HEAD - curves.SMALL_TITLE) // curves.ROW == i].mean(0) for i in range(3)]
    assert centres[2][1] - centres[1][1] == pytest.approx(centres[1][1] - centres[0][1], abs=1.5)
    assert centres[1][1] - centres[0][1] > 30


def test_seeds_stand_in_their_row() -> None:
    intervals = [(1.0, 0.5, 1.5)] * 3
    one, other = (
        pixels(curves.ranking(list("abc"), [Column(Series("metric", v, intervals), limits=(0.0, 2.0))], "heading")[0])
        for v in ([[1.0]] * 3, [[1.0], [0.5], [1.0]])
    )
    rows = np.argwhere((one != other).any(-1))[:, 0] // SCALE - curves.HEAD - curves.SMALL_TITLE
    assert len(rows)
    assert set(rows // curves.ROW) == {1}


@pytest.mark.parametrize(
    ("values", "median"), [([0.0, 2.0, 10.0], 2.0), ([0.0, 4.0, 6.0, 10.0], 5.0), ([8.0, 0.0, 9.0, INF], 8.5)]
)
def test_a_stroke_marks_the_median_seed(values: list[float], median: float) -> None:
    made = curves.ranking(["a"], [Column(Series("metric", [values], [(median,) * 3]), limits=(0.0, 10.0))], "heading")
    row, top = found(made, SECOND), curves.HEAD + curves.SMALL_TITLE
    ink = found(made, INK)
    stroke = ink[(ink[:, 0] > row[:, 0].max()) & (ink[:, 0] < top + curves.ROW) & (ink[:, 1] > row[:, 1].min() - 9)]
    assert len(stroke)
    assert stroke[:, 1].mean() == pytest.approx(row[:, 1].mean(), abs=1)  # the mean's dot stands at the same value here


def test_twenty_rows_and_three_columns_fit() -> None:
    names = ["a name of thirty letters or so"] * 20
    _, (width, height) = curves.ranking(names, [column([[1.0, 2.0]] * 20)] * 3, "heading")
    assert width <= 1_000
    assert height < 700


def test_infinite_seeds_leave_a_mark_at_the_edge_of_their_row() -> None:
    limits = {"limits": (0.0, 10.0)}
    without = curves.ranking(["a", "b"], [column([[1.0], [1.0]], **limits)], "heading")
    infinite = curves.ranking(["a", "b"], [column([[1.0], [1.0, INF, INF]], **limits)], "heading")
    marks = {tuple(p) for p in found(infinite, GENERATED)} - {tuple(p) for p in found(without, GENERATED)}
    assert len(marks) > 5
    width, top = without[1][0], curves.HEAD + curves.SMALL_TITLE
    assert min(column for _, column in marks) > width - curves.EDGE - 5
    assert {(row - top) // curves.ROW for row, _ in marks} == {1}


@pytest.mark.parametrize(
    "values",
    [
        [[INF, 1.0], [2.0]],
        [[INF], [-INF]],
        [[NAN], [1.0]],
        [[], []],
        [[0.0], [0.0]],
        [[-0.5], [-0.1]],
        [[1e12], [1e-12]],
    ],
)
@pytest.mark.parametrize("symlog", [None, 0.01])
def test_any_values_can_be_ranked(values: list[list[float]], symlog: float | None) -> None:
    drawn, size = curves.ranking(["a", "b"], [column(values, (0.0, 0.1), symlog=symlog)], "heading")
    assert Image.open(io.BytesIO(drawn.png)).size == (size[0] * SCALE, size[1] * SCALE)


def test_the_floor_is_a_band_over_all_rows() -> None:
    without, band = (
        pixels(curves.ranking(["a"] * 4, [column([[1.0]] * 4, floor, limits=(0.0, 2.0))], "heading")[0])
        for floor in (None, (0.4, 0.6))
    )
    changed = np.argwhere((without != band).any(-1)) // SCALE
    changed = changed[changed[:, 0] > curves.HEAD]
    assert np.ptp(changed[:, 0]) == pytest.approx(4 * curves.ROW, abs=1)
    assert np.ptp(changed[:, 1]) == pytest.approx(0.1 * curves.MAX_COLUMN, abs=1.5)


def test_equal_arrays_give_equal_bytes_without_a_software_version() -> None:
    first, second = (
        (curves.small_multiples([curve()], "h"), curves.ranking(["a"], [column([[1.0]])], "h")) for _ in range(2)
    )
    assert first == second
    assert all("Software" not in Image.open(io.BytesIO(drawn.png)).info for drawn, _ in first)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="0 curves in 5 columns"):
        curves.small_multiples([], "heading")
    with pytest.raises(ValueError, match="1 curves in 0 columns"):
        curves.small_multiples([curve()], "heading", columns=0)
    with pytest.raises(ValueError, match="name: steps, mean, low and high"):
        curves.small_multiples([Curve("name", np.arange(3), *[np.zeros(2)] * 3)], "heading")
    with pytest.raises(ValueError, match="0 names and 1 columns"):
        curves.ranking([], [column([])], "heading")
    with pytest.raises(ValueError, match="do not match 2 names"):
        curves.ranking(["a", "b"], [column([[1.0]])], "heading")


def test_a_logarithmic_axis_spreads_tenfold_steps_evenly() -> None:
    """A line that rises at 10 and at 100 in a chart from 1 to 1,000 rises after a third and two thirds of the way."""
    mean = np.array([0.0, 0.0, 5.0, 5.0, 10.0, 10.0])
    tenfold = Curve("name", np.array([1.0, 9.99, 10.0, 99.9, 100.0, 1_000.0]), mean, mean, mean)
    lines = found(curves.small_multiples([tenfold], "heading", x_log=True), SECOND)
    ends = [lines[lines[:, 0] == row, 1] for row in (lines[:, 0].max(), lines[:, 0].min())]
    start, first, second, end = ends[0].min(), ends[0].max(), ends[1].min(), ends[1].max()
    assert (first - start) / (end - start) == pytest.approx(1 / 3, abs=0.03)
    assert (second - start) / (end - start) == pytest.approx(2 / 3, abs=0.03)


def test_a_logarithmic_axis_has_no_zero() -> None:
    with pytest.raises(ValueError, match="positive steps, not 0"):
        curves.small_multiples([curve()], "heading", x_log=True)
