"""Curves as rows of points: on the curve, evenly spaced as drawn, with gaps at NaN."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modescope.figures.strokes import outline, stroke

EXTENT = (0.0, 10.0, 0.0, 2.0)


@given(st.lists(st.floats(0.1, 1.9), min_size=2, max_size=8), st.integers(20, 300))
def test_points_lie_on_the_line_at_equal_distances(heights: list[float], n: int) -> None:
    y = np.array(heights)
    x = np.linspace(1, 9, len(y))
    points = stroke(x, y, EXTENT, n)
    assert points.shape == (n, 2)
    np.testing.assert_allclose(points[:, 1], np.interp(points[:, 0], x, y), atol=1e-9)
    np.testing.assert_allclose(points[[0, -1]], [[x[0], y[0]], [x[-1], y[-1]]], atol=1e-9)
    steps = np.hypot(*(np.diff(points, axis=0) / (10, 2)).T)  # in fractions of the plane's sides
    whole = np.sum(np.hypot(np.diff(x) / 10, np.diff(y) / 2))
    assert np.all(steps <= whole / (n - 1) + 1e-9)  # shorter where a corner is cut


def test_a_peak_out_of_sight_takes_no_points() -> None:
    x, y = np.array([0.0, 5.0, 10.0]), np.array([1.0, 1e6, 1.0])
    seen = stroke(x, y, EXTENT, 1_000)
    assert np.mean(seen[:, 0] < 5) == pytest.approx(0.5, abs=0.01)
    assert np.isfinite(seen).all()


def test_there_is_nothing_beside_what_is_not_a_number() -> None:
    points = stroke(np.arange(5.0), np.array([0.0, 1.0, np.nan, 1.0, 0.0]), EXTENT, 200)
    known = np.isfinite(points[:, 1])
    assert known.any()
    assert not np.any(known & (points[:, 0] > 1) & (points[:, 0] < 3))


def test_an_outline_goes_over_the_bars_from_ground_to_ground() -> None:
    points = outline(np.array([1.0, 2.0, 4.0]), np.array([0.5, 1.5]), EXTENT, 2_000)
    np.testing.assert_allclose(points[[0, -1]], [[1, 0], [4, 0]], atol=1e-9)
    inner = (points[:, 0] > 2.01) & (points[:, 0] < 3.99)
    np.testing.assert_allclose(points[inner, 1], 1.5)
    assert points[:, 1].max() == pytest.approx(1.5)


def test_shapes_that_make_no_line_are_refused() -> None:
    for x, y in ((np.zeros(1), np.zeros(1)), (np.zeros(3), np.zeros(2)), (np.zeros((2, 2)), np.zeros((2, 2)))):
        with pytest.raises(ValueError, match="at least 2"):
            stroke(x, y, EXTENT)
