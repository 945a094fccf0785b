"""Curves and histograms as rows of points: in an animation of layers, everything is painted point by point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modescope.figures.painting import Extent

POINTS = 900  # a stroke of all of a plane's width and height has several to each of its 3-pixel stamps
Row = NDArray[np.floating]


def stroke(x: Row, y: Row, extent: Extent, n: int = POINTS) -> NDArray[np.float64]:
    """N points at equal distances, as drawn, along the broken line through x and y (k,) each: (n, 2).

    What lies beyond the extent is on its edge while it is measured, so that a peak out of sight takes no
    points. Between a place that is not a number and its neighbours there is nothing (NaN). Raises
    ValueError unless x and y have one length of at least 2.
    """
    if x.shape != y.shape or x.ndim != 1 or len(x) < 2:
        raise ValueError(f"a stroke goes through two or more places, not {x.shape} and {y.shape}")
    x_min, x_max, y_min, y_max = extent
    seen = np.clip(x, x_min, x_max) / (x_max - x_min), np.clip(y, y_min, y_max) / (y_max - y_min)
    lengths = np.nan_to_num(np.hypot(*(np.diff(axis) for axis in seen)), nan=0.0)  # (k - 1,)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    at = np.linspace(0, along[-1], n)
    return np.column_stack([np.interp(at, along, x), np.interp(at, along, y)])


def outline(edges: Row, heights: Row, extent: Extent, n: int = POINTS) -> NDArray[np.float64]:
    """The upper edge of a histogram's bars, from the ground to the ground: n points (n, 2).

    `edges` (bars + 1,) ascending, `heights` (bars,).
    """
    x = np.repeat(np.asarray(edges, dtype=np.float64), 2)
    y = np.concatenate([[0.0], np.repeat(np.asarray(heights, dtype=np.float64), 2), [0.0]])
    return stroke(x, y, extent, n)
