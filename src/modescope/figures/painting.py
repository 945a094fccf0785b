"""Coloured points over a coloured field as palette indices: the frames of an animation of layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from modescope.figures.gif import INKS, STAMP, Colours, Counter, Indices, cover, inks, quantise
from modescope.figures.style import FIELD_HIGH, FIELD_LOW, INK, PAPER

LEVELS = 13  # of the field's ramp; the middle one is paper
MIDDLE = LEVELS // 2
MOST = 255  # colours of a palette, without the one for an unchanged pixel
LIGHT = 0.41  # relative luminance above which points have a dark rim, so that they stand out on a pale field

# By number of shades per colour: a pixel's shade by the sum of the stamps there, and the opacity of each shade.
SHADE = {
    1: (0, 0, 1),
    2: (0, 1, 2),
    3: (0, 1, 2, 2, 3),
    4: (0, 1, 2, 3, 3, 4),
}
OPACITY = {1: (1.0,), 2: (0.35, 1.0), 3: (0.3, 0.65, 1.0), 4: (0.3, 0.6, 0.9, 1.0)}
RIM_OPACITY = 0.45

Extent = tuple[float, float, float, float]  # x_min, x_max, y_min, y_max
Points = tuple[NDArray[np.floating], NDArray[np.intp] | int]  # (n, 2) and the index of their colour, or one per point


def ramp() -> Colours:
    """The colours of a field from 0 to 1, (LEVELS, 3)."""
    low, paper, high = (np.array(to_rgb(c)) for c in (FIELD_LOW, PAPER, FIELD_HIGH))
    part = np.linspace(-1, 1, LEVELS)[:, None]
    colours: Colours = paper + np.where(part < 0, low - paper, high - paper) * np.abs(part)
    return colours


def levels(field: NDArray[np.floating], width: int, height: int) -> Indices:
    """The level of the ramp at every pixel, (height, width), the first row at the top.

    `field` (rows, cols) has values from 0 to 1 on an even grid from edge to edge, the first row at the
    bottom. It is interpolated linearly. NaN gets the middle level.
    """
    known = np.where(np.isnan(field), 0.5, field)
    value = _weights(height, known.shape[0])[::-1] @ known @ _weights(width, known.shape[1]).T
    return np.clip(np.floor(value * LEVELS), 0, LEVELS - 1).astype(np.uint8)


def _weights(pixels: int, places: int) -> NDArray[np.float64]:
    """Weights (pixels, places) of linear interpolation from grid points, edge to edge, to pixel centres."""
    at = (np.arange(pixels) + 0.5) / pixels * (places - 1)
    weights: NDArray[np.float64] = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(places)))
    return weights


def is_light(colour: str) -> bool:
    """Whether points of this colour need a dark rim."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)  # IEC 61966-2-1
    return bool(linear @ (0.2126, 0.7152, 0.0722) > LIGHT)


class Painter:
    """The drawn axes as palette indices, and how to paint fields and points into a copy of them.

    Palette: the ramp of inks; then, for every ground (a level of the field's ramp, or paper), the ground
    itself and every shade of every colour over it. Raises ValueError for more colours than fit a GIF.
    """

    def __init__(
        self,
        background: Indices,
        boxes: Sequence[tuple[int, int, int, int]],
        extents: Sequence[Extent],
        colours: Sequence[str],
        *,
        fields: bool,
    ) -> None:
        """`background` (height, width, 3) has a box (left, top, width, height) for each extent."""
        grounds = ramp() if fields else np.array([to_rgb(PAPER)])
        self.shades = min(4, ((MOST - INKS) // len(grounds) - 1) // max(1, len(colours)))
        if self.shades < 1:
            raise ValueError(f"{len(colours)} colours over {len(grounds)} levels of a field are too many for a GIF")
        self.span = 1 + len(colours) * self.shades
        self.ground = MIDDLE if fields else 0  # of a panel without a field
        self.palette = np.array([*inks(), *(c for ground in grounds for c in self._upon(ground, colours))])
        self.base, self.counter = quantise(background, self.palette), Counter(self.palette)
        self.boxes, self.extents = boxes, extents

    def frame(
        self, fields: Sequence[Indices | None], points: Sequence[Sequence[Points]], place: tuple[int, int], step: int
    ) -> Indices:
        """The index image (height, width): every panel's field (as `levels`) and points, and the step at `place`."""
        image = self.base.copy()
        for i, (left, top, width, height) in enumerate(self.boxes):
            shade, colour = np.zeros((2, height, width), np.intp)
            for xy, chosen in points[i]:
                self._add(shade, colour, xy, chosen, self.extents[i])
            field = fields[i]
            ground = np.full((height, width), self.ground) if field is None else field.astype(np.intp)
            composite = INKS + ground * self.span + np.where(shade > 0, colour * self.shades + shade, 0)
            inside = slice(2, -2)  # of the frame
            image[top : top + height, left : left + width][inside, inside] = composite[inside, inside]
        self.counter.write(image, *place, step)
        return image

    def _upon(self, ground: NDArray[np.float64], colours: Sequence[str]) -> list[NDArray[np.float64]]:
        """A ground and all shades of all colours over it."""
        mixed = [ground]
        for name in colours:
            for i, opacity in enumerate(OPACITY[self.shades]):
                rim = i == 0 and self.shades > 1 and is_light(name)
                over, share = (INK, RIM_OPACITY) if rim else (name, opacity)
                mixed.append(ground + (np.array(to_rgb(over)) - ground) * share)
        return mixed

    def _add(
        self,
        shade: NDArray[np.intp],
        colour: NDArray[np.intp],
        xy: NDArray[np.floating],
        chosen: NDArray[np.intp] | int,
        extent: Extent,
    ) -> None:
        """Write points over earlier ones: the most frequent colour of each pixel, except over a stronger shade."""
        height, width = shade.shape
        where, weight, seen = cover(xy, extent, width, height)
        if not seen.any():
            return
        if isinstance(chosen, int):
            total = np.bincount(where, weight, shade.size)
            winner = np.full(shade.shape, chosen)
        else:
            used, own = np.unique(chosen, return_inverse=True)
            cells = np.tile(own[seen], len(STAMP)) * shade.size + where
            votes = np.bincount(cells, weight, len(used) * shade.size).reshape(len(used), -1)
            total = votes.sum(0)
            winner = used[votes.argmax(0)].reshape(shade.shape)
        table = np.array(SHADE[self.shades])
        new = table[np.minimum(total.astype(np.intp), len(table) - 1)].reshape(shade.shape)
        over = (new > 0) & (new >= shade)
        shade[over], colour[over] = new[over], winner[over]
