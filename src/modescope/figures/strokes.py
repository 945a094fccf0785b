"""Curves and histograms as rows of points, because an animation of layers paints only points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modescope.figures.painting import Extent

POINTS = 900  # enough for overlapping 3-pixel stamps along a stroke across the whole plane
Row = NDArray[np.floating]


def stroke(x: Row, y: Row, extent: Extent, n: int = POINTS) -> NDArray[np.float64]:
    """Points (n, 2) along the polyline through x and y, each (k,), at equal distances as drawn.

    Distances are measured with x and y clipped to the extent, so a peak out of sight takes no points.
    Points between a NaN and its neighbours are NaN. Raises ValueError unless x and y have the same
    length of at least 2.
    """
    if x.shape != y.shape or x.ndim != 1 or len(x) < 2:
        raise ValueError(f"a stroke needs x and y of one shape (k,), k at least 2, not {x.shape} and {y.shape}")
    x_min, x_max, y_min, y_max = extent
    seen = np.clip(x, x_min, x_max) / (x_max - x_min), np.clip(y, y_min, y_max) / (y_max - y_min)
    lengths = np.nan_to_num(np.hypot(*(np.diff(axis) for axis in seen)), nan=0.0)  # (k - 1,)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    at = np.linspace(0, along[-1], n)
    return np.column_stack([np.interp(at, along, x), np.interp(at, along, y)])


def outline(edges: Row, heights: Row, extent: Extent, n: int = POINTS) -> NDArray[np.float64]:
    """The outline of a histogram's bars, starting and ending at 0: points (n, 2).

    `edges` (bars + 1,) ascending, `heights` (bars,).
    """
    x = np.repeat(np.asarray(edges, dtype=np.float64), 2)
    y = np.concatenate([[0.0], np.repeat(np.asarray(heights, dtype=np.float64), 2), [0.0]])
    return stroke(x, y, extent, n)
