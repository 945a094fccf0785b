"""A road junction seen from above: its fixed ground, and cars drawn into the four lanes that lead to it.

Lengths are shares of the side of the image, x to the right and y down; colours are RGB in [0, 1].
Traffic keeps to the right. Areas are weighted by the part of each pixel that they cover, so a scene
of 16 pixels a side is the same as one of 64, seen from further away.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from modescope.seeding import stream

Array = NDArray[np.float64]

LANES = "nesw"  # where the traffic of each lane comes from, clockwise
CARS = np.array(
    [
        (0.95, 0.95, 0.93),  # white
        (0.93, 0.22, 0.18),  # red
        (0.22, 0.54, 0.98),  # blue
        (0.98, 0.80, 0.16),  # yellow
        (0.24, 0.72, 0.40),  # green
        (0.97, 0.53, 0.14),  # orange
    ]
)
# In grey, a half-transparent white car would look like a red one; cars are bright or nearly black, so it does not.
GREYS = np.array([0.96, 0.04, 0.90, 0.93, 0.92, 0.91])[:, None] * np.ones(3)
LENGTH, WIDTH = 0.205, 0.112  # of a car
MIDDLE = 0.16  # of a lane's slot, from the edge of the image
ROAD = 0.16  # half of its width: one lane in each direction
SUN = (0.014, 0.014)  # where shadows fall, (x, y)
GLASS, LAMP, BLACK = (0.10, 0.14, 0.20), (1.0, 0.97, 0.80), (0.0, 0.0, 0.0)


class Window(NamedTuple):
    """The pixels that belong to a lane: rows and columns of the image."""

    rows: slice
    columns: slice


def window(lane: str, size: int) -> Window:
    """The slot of a lane: all pixels that its cars and their shadows can touch; the four slots are disjoint."""
    arm = slice(0, math.ceil((0.5 - ROAD) * size))
    far = slice(size - arm.stop, size)
    near, beyond = slice(math.floor((0.5 - ROAD) * size), size // 2), slice(size // 2, math.ceil((0.5 + ROAD) * size))
    return {"n": Window(arm, near), "e": Window(near, far), "s": Window(far, beyond), "w": Window(beyond, arm)}[lane]


def draw_cars(ground: Array, lane: str, offsets: Array, body: Array) -> Array:
    """Cars of one lane over its part of the ground, (3, size, size) -> (n, 3, rows, columns) of its `window`.

    `offsets` (n,) are distances ahead of the slot's middle, `body` (n, 3) are colours.
    """
    size = ground.shape[-1]
    place = window(lane, size)
    ahead = 1 if lane in "nw" else -1  # driving towards larger coordinates
    start = MIDDLE if ahead > 0 else 1 - MIDDLE
    along = start + ahead * offsets  # (n,)
    across = 0.5 - ROAD / 2 if lane in "ne" else 0.5 + ROAD / 2
    upright = lane in "ns"
    patch = np.broadcast_to(ground[:, place.rows, place.columns], (len(offsets), 3, *_extent(place)))

    def lay(patch: Array, tone: Array, back: float, front: float, half: float, opacity: float, to: int = 0) -> Array:
        """Draw an area from `back` to `front` along the car and `half` to both sides; `to` is 1 for its shadow."""
        ends = np.sort(np.stack([along + ahead * back * LENGTH, along + ahead * front * LENGTH]), axis=0)
        shift = to * np.asarray(SUN)
        lengthwise = _covered(ends[0] + shift[int(upright)], ends[1] + shift[int(upright)], size)  # (n, size)
        side = across + shift[1 - int(upright)]
        crosswise = _covered(np.array([side - half * WIDTH]), np.array([side + half * WIDTH]), size)  # (1, size)
        y, x = (lengthwise, crosswise) if upright else (crosswise, lengthwise)
        cover = opacity * y[:, None, place.rows, None] * x[:, None, None, place.columns]  # (n, 1, rows, columns)
        return patch + cover * (tone[..., None, None] - patch)

    for back, front, half in ((-0.5, 0.5, 0.40), (-0.44, 0.44, 0.5)):  # two rectangles make rounded corners
        patch = lay(patch, np.array(BLACK), back, front, half, 0.35, to=1)
    for back, front, half in ((-0.5, 0.5, 0.40), (-0.44, 0.44, 0.5)):
        patch = lay(patch, 0.92 * body, back, front, half, 1.0)
    patch = lay(patch, np.array(GLASS), -0.35, 0.25, 0.42, 0.75)  # windows all around
    patch = lay(patch, 0.75 * body + 0.25, -0.25, 0.10, 0.40, 1.0)  # the roof catches the sun
    return lay(patch, np.array(LAMP), 0.44, 0.5, 0.36, 0.8)


def ground(size: int) -> Array:
    """The junction without cars, (3, size, size); deterministic."""
    fine = 8
    at = (np.arange(size * fine) + 0.5) / (size * fine)
    x, y = np.meshgrid(at, at)  # (8 size, 8 size): a pixel is the mean of 8 x 8
    u, v = np.abs(x - 0.5), np.abs(y - 0.5)
    image = np.empty((3, *x.shape))
    image[:] = _tone(0.66, 0.63, 0.58)  # pavement

    def paint(mask: NDArray[np.bool_], red: float, green: float, blue: float, opacity: float = 1.0) -> None:
        image[:, mask] += opacity * (_tone(red, green, blue)[:, :, 0] - image[:, mask])

    tiles = (np.mod(x, 1 / 16) < 0.006) | (np.mod(y, 1 / 16) < 0.006)
    paint(tiles, 0.52, 0.50, 0.47, 0.6)
    verge = 0.235  # from the road's middle to the lawns
    corner = np.minimum(u, v) > verge
    paint(corner, 0.36, 0.53, 0.27)
    paint(corner & (np.mod(x + y, 0.08) < 0.04), 0.40, 0.58, 0.30)  # mown in stripes
    _house_and_pond(image, x, y)
    for tree_x, tree_y, radius in _TREES:
        shadow = np.hypot(x - tree_x - 0.02, y - tree_y - 0.02) < radius
        paint(shadow, 0.10, 0.17, 0.10, 0.45)
        crown = np.hypot(x - tree_x, y - tree_y) < radius
        paint(crown, 0.13, 0.36, 0.16)
        paint(np.hypot(x - tree_x + 0.25 * radius, y - tree_y + 0.25 * radius) < 0.6 * radius, 0.25, 0.50, 0.22)

    rounded = 0.07  # radius of the kerbs at the corners
    cut = np.hypot(u - ROAD - rounded, v - ROAD - rounded) > rounded
    bay = (u < ROAD + rounded) & (v < ROAD + rounded) & cut
    road = (u < ROAD) | (v < ROAD) | bay
    rim = 0.022
    outer = np.hypot(u - ROAD - rounded, v - ROAD - rounded) > rounded - rim
    kerb = (u < ROAD + rim) | (v < ROAD + rim) | ((u < ROAD + rounded) & (v < ROAD + rounded) & outer)
    paint(kerb & ~road, 0.80, 0.78, 0.73)
    paint(road, 0.29, 0.30, 0.32)
    worn = np.minimum(np.abs(u - ROAD / 2), np.abs(v - ROAD / 2)) < 0.03
    paint(road & worn, 0.25, 0.26, 0.28, 0.7)
    for a, b, p, q in ((u, v, x, y), (v, u, y, x)):  # the roads along y, then those along x
        paint((a < 0.008) & (b > 0.31) & (np.mod(b - 0.31, 0.08) < 0.05), 0.93, 0.80, 0.35)
        paint((a < ROAD - 0.01) & (b > 0.215) & (b < 0.265) & (np.mod(p - 0.5, 0.0625) < 0.034), 0.90, 0.90, 0.87)
        coming = ((p < 0.5) == (q < 0.5)) if a is u else ((p < 0.5) != (q < 0.5))
        paint(coming & (a < ROAD - 0.01) & (b > 0.285) & (b < 0.305), 0.90, 0.90, 0.87)
    pixels: Array = image.reshape(3, size, fine, size, fine).mean(axis=(2, 4))
    speckle = stream("junction", "ground", size).normal(scale=0.012, size=(1, size, size))
    return np.asarray(np.clip(pixels + speckle, 0, 1))


_TREES = [(0.10, 0.07, 0.075), (0.21, 0.20, 0.06), (0.06, 0.20, 0.05), (0.93, 0.80, 0.065), (0.79, 0.94, 0.06)]
_TREES += [(0.07, 0.92, 0.07)]


def _house_and_pond(image: Array, x: Array, y: Array) -> None:
    """A gabled roof in the north-east corner and a pond in the south-west one, painted in place."""
    inside = (x > 0.78) & (x < 0.99) & (y > 0.03) & (y < 0.22)
    shadow = (x > 0.80) & (y > 0.05) & (y < 0.25) & ~inside
    image[:, shadow] *= 0.6
    image[:, inside & (y < 0.125)] = _tone(0.77, 0.40, 0.28)[:, :, 0]
    image[:, inside & (y >= 0.125)] = _tone(0.58, 0.27, 0.20)[:, :, 0]
    image[:, inside & (np.abs(y - 0.125) < 0.008)] = _tone(0.86, 0.55, 0.42)[:, :, 0]
    pond = ((x - 0.17) / 0.08) ** 2 + ((y - 0.83) / 0.06) ** 2
    image[:, pond < 1.35] = _tone(0.72, 0.68, 0.55)[:, :, 0]
    image[:, pond < 1.0] = _tone(0.28, 0.52, 0.68)[:, :, 0]


def _tone(red: float, green: float, blue: float) -> Array:
    """A colour that broadcasts over an image, (3, 1, 1)."""
    return np.array([red, green, blue])[:, None, None]


def _covered(low: Array, high: Array, size: int) -> Array:
    """Fraction of each of `size` pixels between low and high, (n,) x 2 -> (n, size)."""
    edges = np.arange(size + 1) / size
    inside = np.minimum(edges[1:], high[:, None]) - np.maximum(edges[:-1], low[:, None])
    return np.asarray(np.clip(inside * size, 0, 1))


def _extent(place: Window) -> tuple[int, int]:
    return place.rows.stop - place.rows.start, place.columns.stop - place.columns.start
