"""Points of the plane in 3 bytes each: two coordinates of 12 bits over the extent in which they are drawn.

A coordinate's code is its number of steps from the lower end of the extent. The last code is kept for points that have
no place there: those outside the extent, and those that are not finite because the run has diverged.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Extent = Sequence[float]  # x_min, x_max, y_min, y_max
BYTES = 3  # a point
NOWHERE = 0xFFF  # both coordinates
STEPS = NOWHERE - 1  # from one end of the extent to the other


def step(extent: Extent) -> NDArray[np.float64]:
    """The width of a quantisation step in data units, (2,). Raises ValueError for an empty extent."""
    low, high = _corners(extent)
    if not (high > low).all():
        raise ValueError(f"empty extent {extent}: x_max and y_max must exceed x_min and y_min")
    return (high - low) / STEPS


def pack(points: NDArray[np.floating], extent: Extent) -> bytes:
    """The bytes of points (..., 2), in C order: `x` in the upper 12 bits of 3 bytes, `y` in the lower, big-endian.

    A point inside the extent comes back from `unpack` with an error of at most half a step. Raises ValueError for an
    empty extent and for points that are not in the plane.
    """
    if points.shape[-1:] != (2,):
        raise ValueError(f"points of shape {points.shape} are not in the plane; the last axis must have length 2")
    width, (low, high) = step(extent), _corners(extent)
    flat = points.reshape(-1, 2).astype(np.float64)
    inside = np.asarray(((flat >= low) & (flat <= high)).all(axis=1))  # false for NaN and for infinities
    places = np.rint((np.where(inside[:, None], flat, low) - low) / width).astype(np.uint32)
    x, y = np.where(inside[:, None], np.minimum(places, STEPS), NOWHERE).astype(np.uint32).T
    return np.stack([x >> 4, (x & 0xF) << 4 | y >> 8, y & 0xFF], axis=1).astype(np.uint8).tobytes()


def unpack(content: bytes, extent: Extent) -> NDArray[np.float64]:
    """The points of `pack`, (n, 2), NaN for those without a place. Raises ValueError for a broken length."""
    if len(content) % BYTES:
        raise ValueError(f"{len(content)} bytes are no whole number of points, which take {BYTES} each")
    first, second, third = np.frombuffer(content, np.uint8).reshape(-1, BYTES).T.astype(np.uint32)
    codes = np.stack([first << 4 | second >> 4, (second & 0xF) << 8 | third], axis=1)
    points = _corners(extent)[0] + codes * step(extent)
    return np.where((codes == NOWHERE).any(axis=1, keepdims=True), np.nan, points)


def _corners(extent: Extent) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x_min, x_max, y_min, y_max = extent
    return np.array([x_min, y_min]), np.array([x_max, y_max])
