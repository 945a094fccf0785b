"""Points as coordinates in a picture: the plane itself, or the two directions in which the real points vary most."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from modescope.datasets import Array
from modescope.metrics.common.neighbours import flat

ENOUGH = 500  # points from which directions are found, so that pictures of many pixels take a second at most
REACH = 1.0  # how far the window may follow generated points beyond the real ones, in widths of these


@dataclass(frozen=True)
class Plane:
    """A map from points to two coordinates, x -> (x - middle) @ directions, and the window that is shown."""

    middle: Array  # (dim,)
    directions: Array  # (dim, 2)
    names: tuple[str, str]  # of the two axes
    low: Array  # (2,), the lower left corner of the window
    high: Array  # (2,)

    def of(self, points: Array) -> Array:
        """Coordinates (n, 2) of points (n, *shape)."""
        return np.asarray((flat(points) - self.middle) @ self.directions)


def plane(real: Array, fake: Array, others: Array, centres: Array | None) -> Plane:
    """The plane of real (n, *shape) and generated points (m, *shape) with at least two coordinates.

    Directions are those of other real points (l, *shape): along directions found from the points that are drawn, these
    would look more spread out than any new ones of the same distribution. The window shows all real points and centres
    (k, *shape), and the generated ones unless they are far away.
    """
    if flat(real).shape[1] == 2:
        middle, directions, names = np.zeros(2), np.eye(2), ("first coordinate", "second coordinate")
    else:
        few = flat(others)[:ENOUGH]
        middle = few.mean(axis=0)
        _, size, found = np.linalg.svd(few - middle, full_matrices=False)
        directions = found[:2].T
        first, second = (100 * size[:2] ** 2 / max(float(np.sum(size**2)), math.ulp(0.0))).tolist()
        names = (
            f"first principal direction ({first:.0f} % of the variance)",
            f"second principal direction ({second:.0f} %)",
        )
    drawn = Plane(middle, directions, names, np.zeros(2), np.ones(2))
    inside = drawn.of(real) if centres is None else np.concatenate([drawn.of(real), drawn.of(centres)])
    low, high = inside.min(axis=0), inside.max(axis=0)
    width = np.where(high > low, high - low, 1.0)
    ends = np.quantile(drawn.of(fake), [0.002, 0.998], axis=0)
    low = np.maximum(np.minimum(low, ends[0]), low - REACH * width) - 0.06 * width
    high = np.minimum(np.maximum(high, ends[1]), high + REACH * width) + 0.06 * width
    if 1 / 3 < (ratio := (high - low)[0] / (high - low)[1]) < 3:  # one scale for both axes, so that circles are round
        narrow = int(ratio > 1)
        more = (high - low)[1 - narrow] - (high - low)[narrow]
        low[narrow] -= more / 2
        high[narrow] += more / 2
    return Plane(drawn.middle, drawn.directions, drawn.names, low, high)


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers between two others, about so many: multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first = math.ceil(low / step)
    return [float(f"{i * step:.12g}") for i in range(first, math.floor(high / step) + 1)]
