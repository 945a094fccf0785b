"""Training as an animated GIF: axes drawn once by matplotlib, points written into an index image by NumPy.

A frame drawn with `scatter` and `savefig` takes 0.2 s. Here a frame is a copy of a palette image and a
few thousand assignments, and only the pixels that changed are encoded.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from modescope.figures.canvas import Canvas, Panel, draw
from modescope.figures.gif import INKS, LIMIT, Animation, Colours, Counter, Indices, cover, fit, inks, pixels, quantise
from modescope.figures.style import GENERATED, PAPER, REAL, theme

# Palette: a ramp from paper to ink for the axes; then, for every level of real points (0: none), every
# level of generated points over it; last, the index for an unchanged pixel.
REALS, LEVELS = 4, 8
COMPOSITE = INKS
# Overlapping points add up to the highest level.
GENERATED_LEVEL = np.array([0, 1, 2, 3, 4, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7], np.uint8)  # by sum of stamp weights
REAL_LEVEL = np.array([0, 1, 1, 1, 2, 2, 2, 2, 3], np.uint8)
GENERATED_OPACITY = (0.0, 0.25, 0.45, 0.6, 0.75, 0.86, 1.0, 1.0)
REAL_OPACITY = (0.0, 0.3, 0.6, 0.9)


def animate(
    panels: Sequence[Panel],
    points: Sequence[NDArray[np.floating]],
    steps: Sequence[int],
    heading: str,
    columns: int | None = None,
) -> Animation:
    """Animate generated points (frames, n, 2), one array per panel, over the real points, in an endless loop.

    `steps` (frames,) is written into the frames; n may be 0. The panels form one row or rows of
    `columns`. Frames are dropped evenly until the file has at most LIMIT bytes; the first and the last
    stay. Points that are not finite or outside a panel's extent are not drawn. Raises ValueError if the
    arrays do not match, if there are no frames, or if two frames already exceed the limit.
    """
    if len(points) != len(panels) or not steps or any(len(p) != len(steps) for p in points):
        raise ValueError(f"{len(panels)} panels and {len(steps)} steps do not match the shapes of the points")
    with theme():
        canvas = draw(panels, heading, columns=columns)
        painter = Painter(canvas, panels)
    return fit(lambda k: painter.frame([p[k] for p in points], steps[k]), steps, _palette(), canvas.size, LIMIT)


class Painter:
    """The background of the panels as palette indices, and how to write points into a copy of it."""

    def __init__(self, canvas: Canvas, panels: Sequence[Panel]) -> None:
        self.base = quantise(pixels(canvas.figure), _palette())
        self.boxes, self.extents, self.place = canvas.boxes, [p.extent for p in panels], canvas.counter
        self.counter = Counter(_palette())
        for left, top, width, height in self.boxes:
            inside = self.base[top + 2 : top + height - 2, left + 2 : left + width - 2]
            inside[inside == 0] = COMPOSITE  # only paper, so that a note in the panel stays
        for i, panel in enumerate(panels):
            self._add(self.base, i, panel.real, REAL_LEVEL, LEVELS)

    def frame(self, points: Sequence[NDArray[np.floating]], step: int) -> Indices:
        """The index image (height, width) of the points (n, 2) of every panel after `step` steps."""
        image = self.base.copy()
        for i, xy in enumerate(points):
            self._add(image, i, xy, GENERATED_LEVEL, 1)
        self.counter.write(image, *self.place, step)
        return image

    def _add(self, image: Indices, panel: int, xy: NDArray[np.floating], levels: Indices, factor: int) -> None:
        """Raise the level of every pixel by the sum of the stamps of the points there."""
        left, top, width, height = self.boxes[panel]
        where, weight, _ = cover(xy, self.extents[panel], width, height)
        total = np.bincount(where, weight, width * height).astype(np.intp).reshape(height, width)
        level = levels[np.minimum(total, len(levels) - 1)]
        inside = image[top : top + height, left : left + width]
        np.add(inside, np.uint8(factor) * level, out=inside, where=inside >= COMPOSITE)


def _palette() -> Colours:
    """The palette (colours, 3), in the order described at the top of the file."""
    paper, real, red = (np.array(to_rgb(c)) for c in (PAPER, REAL, GENERATED))
    colours = [*inks()]
    for below in REAL_OPACITY:
        under = paper + (real - paper) * below
        colours += [under + (red - under) * above for above in GENERATED_OPACITY[:-1]]
        colours.append(red * 0.72)  # many points in one place
    return np.array(colours)
