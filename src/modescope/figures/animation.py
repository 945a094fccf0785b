"""Training as an animated GIF: axes drawn once by matplotlib, points written into an index image by NumPy.

A frame drawn with `scatter` and `savefig` costs a fifth of a second. Here a frame is a copy of a
palette image and a few thousand assignments, and only the pixels that changed are encoded.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from modescope.figures.canvas import COUNTER_SIZE, Canvas, Panel, draw, step_text
from modescope.figures.style import GENERATED, INK, MUTED, PAPER, REAL, new_figure, theme

LIMIT = 2_000_000  # bytes a GIF may have
FRAME_MS, LAST_MS = 70, 3_000
Indices = NDArray[np.uint8]

# Palette: a ramp from paper to ink for the axes, then for every level of real points below (0 is none)
# every level of generated points above, then the accents of the legend, last the unchanged pixel.
INKS, REALS, LEVELS = 16, 4, 8
COMPOSITE = INKS
TRANSPARENT = INKS + REALS * LEVELS
# A point is a soft disc of 3 x 3 pixels; overlapping points add up until the last level.
STAMP = ((-1, -1, 1), (0, -1, 2), (1, -1, 1), (-1, 0, 2), (0, 0, 4), (1, 0, 2), (-1, 1, 1), (0, 1, 2), (1, 1, 1))
GENERATED_LEVEL = np.array([0, 1, 2, 3, 4, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7], np.uint8)  # by sum of stamps
REAL_LEVEL = np.array([0, 1, 1, 1, 2, 2, 2, 2, 3], np.uint8)
GENERATED_OPACITY = (0.0, 0.25, 0.45, 0.6, 0.75, 0.86, 1.0, 1.0)
REAL_OPACITY = (0.0, 0.3, 0.6, 0.9)


@dataclass(frozen=True)
class Animation:
    """A GIF and how much of what was asked for it shows."""

    gif: bytes
    size: tuple[int, int]  # width, height in pixels
    steps: list[int]  # of the frames kept


def animate(
    panels: Sequence[Panel], points: Sequence[NDArray[np.floating]], steps: Sequence[int], heading: str
) -> Animation:
    """Animate generated points (frames, n, 2), one array a panel, over the real ones; loops for ever.

    `steps` (frames,) is written into the pictures. Frames are left out evenly until the file has at
    most LIMIT bytes; the first and the last always stay. Points that are not finite or outside a
    panel's extent are not drawn. Raises ValueError when the arrays do not match, when there are no
    frames, or when even two frames are too large.
    """
    if len(points) != len(panels) or not steps or any(len(p) != len(steps) for p in points):
        raise ValueError(f"{len(panels)} panels and {len(steps)} steps do not match the shapes of the points")
    with theme():
        canvas = draw(panels, heading)
        painter = Painter(canvas, panels)
    keep = list(range(len(steps)))
    while True:
        gif = encode(painter.frame([p[k] for p in points], steps[k]) for k in keep)
        if len(gif) <= LIMIT:
            return Animation(gif, canvas.size, [steps[k] for k in keep])
        if len(keep) <= 2:
            raise ValueError(f"two frames take {len(gif):,} bytes, more than {LIMIT:,}")
        fewer = max(2, min(len(keep) - 1, int(len(keep) * 0.97 * LIMIT / len(gif))))
        keep = sorted({round(i * (len(steps) - 1) / (fewer - 1)) for i in range(fewer)})


class Painter:
    """The background of a row of panels as palette indices, and how to write points into a copy of it."""

    def __init__(self, canvas: Canvas, panels: Sequence[Panel]) -> None:
        self.base = _quantise(_pixels(canvas.figure))
        self.boxes, self.extents, self.counter = canvas.boxes, [p.extent for p in panels], canvas.counter
        self.glyphs = {c: _glyph(c) for c in ["step ", *"0123456789,"]}
        for left, top, width, height in self.boxes:
            inside = self.base[top + 2 : top + height - 2, left + 2 : left + width - 2]
            inside[inside == 0] = COMPOSITE  # paper, but not the note that may be written there
        for i, panel in enumerate(panels):
            self._add(self.base, i, panel.real, REAL_LEVEL, LEVELS)

    def frame(self, points: Sequence[NDArray[np.floating]], step: int) -> Indices:
        """The picture (height, width) of the points (n, 2) of every panel after `step` steps."""
        image = self.base.copy()
        for i, xy in enumerate(points):
            self._add(image, i, xy, GENERATED_LEVEL, 1)
        x, y = self.counter
        for character in ["step ", *step_text(step)[5:]][::-1]:
            glyph = self.glyphs[character]
            height, width = glyph.shape
            x -= width
            image[y - height // 2 : y - height // 2 + height, x : x + width] = glyph
        return image

    def _add(self, image: Indices, panel: int, xy: NDArray[np.floating], levels: Indices, factor: int) -> None:
        """Raise the level of the pixels that the points cover, by the number of points there."""
        left, top, width, height = self.boxes[panel]
        x_min, x_max, y_min, y_max = self.extents[panel]
        with np.errstate(invalid="ignore", over="ignore"):
            column = np.floor((xy[:, 0] - x_min) * (width / (x_max - x_min)))
            row = np.floor((y_max - xy[:, 1]) * (height / (y_max - y_min)))
            seen = (column >= 3) & (column < width - 3) & (row >= 3) & (row < height - 3)  # False for NaN
        stride = image.shape[1]
        centre = (row[seen].astype(np.intp) + top) * stride + column[seen].astype(np.intp) + left
        where = np.concatenate([centre + dy * stride + dx for dx, dy, _ in STAMP])
        weight = np.repeat(np.array([w for *_, w in STAMP], np.uint32), len(centre))
        total = np.zeros(image.size, np.uint32)
        np.add.at(total, where, weight)
        flat, base = image.reshape(-1), self.base.reshape(-1)
        level = levels[np.minimum(total[where], len(levels) - 1)]
        drawable = base[where] >= COMPOSITE
        flat[where[drawable]] = (base[where] + np.uint8(factor) * level)[drawable]


def encode(frames: Iterator[Indices]) -> bytes:
    """Encode index images as a GIF in which every frame holds only what changed."""
    palette = (np.vstack([_palette(), np.zeros((1, 3))]) * 255).round().astype(np.uint8).tobytes()
    images: list[Image.Image] = []
    previous: Indices | None = None
    for frame in frames:
        changed = frame if previous is None else np.where(frame == previous, np.uint8(TRANSPARENT), frame)
        image = Image.fromarray(changed)
        image.putpalette(palette)
        images.append(image)
        previous = frame
    file = io.BytesIO()
    images[0].save(
        file,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=[FRAME_MS] * (len(images) - 1) + [LAST_MS],
        loop=0,
        disposal=1,
        transparency=TRANSPARENT,
        optimize=False,
    )
    return file.getvalue()


def _palette() -> NDArray[np.float64]:
    """(colours, 3), each channel from 0 to 1, in the order that the constants above describe."""
    paper, ink, real, red = (np.array(to_rgb(c)) for c in (PAPER, INK, REAL, GENERATED))
    colours = [paper + (ink - paper) * i / (INKS - 1) for i in range(INKS)]
    for below in REAL_OPACITY:
        under = paper + (real - paper) * below
        colours += [under + (red - under) * above for above in GENERATED_OPACITY[:-1]]
        colours.append(red * 0.72)  # many points in one place
    return np.array(colours)


def _quantise(rgb: Indices) -> Indices:
    """(height, width, 3) -> (height, width): the nearest colour of the palette, paper before its equals."""
    colours, inverse = np.unique(rgb.reshape(-1, 3), axis=0, return_inverse=True)
    distance = ((colours[:, None] / 255 - _palette()[None]) ** 2).sum(-1)
    nearest: Indices = distance.argmin(1).astype(np.uint8)
    return nearest[inverse].reshape(rgb.shape[:2])


def _pixels(figure: Figure) -> Indices:
    """What matplotlib draws, (height, width, 3)."""
    file = io.BytesIO()
    figure.savefig(file, format="rgba", dpi=figure.dpi)
    width, height = (round(inches * figure.dpi) for inches in figure.get_size_inches())
    return np.frombuffer(file.getvalue(), np.uint8).reshape(height, width, 4)[..., :3]


@cache
def _glyph(text: str) -> Indices:
    """A piece of the counter, (height, width) palette indices; digits are all equally wide."""
    with theme():
        figure = new_figure(120, 20)
        drawn = figure.text(0, 0.5, text, fontsize=COUNTER_SIZE, color=MUTED if text == "step " else INK, va="center")
        width = round(drawn.get_window_extent().width)
        return _quantise(_pixels(figure)[:, : max(1, width)])
