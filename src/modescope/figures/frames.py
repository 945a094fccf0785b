"""Sheets of small images side by side, as a still and animated: generated frames, reconstructions, interpolations."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial import KDTree

from modescope.figures import gif
from modescope.figures.canvas import GAP, HEADING, MARGIN, MAX_WIDTH, PANEL_TITLE, shrink, write_heading
from modescope.figures.gif import Animation, Colours, Counter, Indices
from modescope.figures.style import INK, MUTED, Still, new_figure, theme

SEAM = 8  # layout pixels between images, so that the eye tells them apart
MOST_COLOURS = 200  # of the images; with the inks, a GIF has 256
LIMIT = 1_500_000  # bytes a GIF may have
COUNTER_TOP = 34  # vertical position of the step counter, below the heading
LABELS, LETTERS = 112, 20  # room for the names of the rows, and letters in a line of it

Images = NDArray[np.floating]  # (rows, columns, colours, size, size), from -1 to 1; one colour channel is grey


@dataclass(frozen=True)
class Sheet:
    """Rows and columns of images under a title; for an animation, `images` has a leading axis of frames."""

    title: str
    images: Images
    rows: Sequence[str] = ()  # names of the rows, optional


def still(sheets: Sequence[Sheet], heading: str, zoom: int = 2, columns: int | None = None) -> Still:
    """All sheets as a picture of pixels; an image pixel takes `zoom` layout pixels. Raises ValueError for no sheets."""
    plan = _Plan(sheets, heading, zoom, columns)
    file = io.BytesIO()
    Image.fromarray(plan.painted(sheets, scale=2)).save(file, format="PNG", optimize=True)
    return Still(file.getvalue())


def widest(pixels: int, columns: int, *, named: bool = False) -> int:
    """The largest zoom, at least 1, at which a row of images of this width fits into a figure, beside its name."""
    room = MAX_WIDTH - 2 * MARGIN - (LABELS if named else 0) + SEAM
    return max(1, (room // columns - SEAM) // pixels)


def size(sheets: Sequence[Sheet], zoom: int = 2, columns: int | None = None) -> tuple[int, int]:
    """Width and height of `still` in layout pixels."""
    return _Plan(sheets, "", zoom, columns).size


def animate(
    sheets: Sequence[Sheet], steps: Sequence[int], heading: str, zoom: int = 2, columns: int | None = None
) -> Animation:
    """Animate sheets of images (frames, rows, columns, ...), with a step counter.

    Raises ValueError if the number of frames of a sheet is not the number of steps.
    """
    if any(len(sheet.images) != len(steps) for sheet in sheets):
        raise ValueError(f"sheets of {[len(sheet.images) for sheet in sheets]} frames do not match {len(steps)} steps")
    at = [[Sheet(s.title, s.images[k], s.rows) for s in sheets] for k in range(len(steps))]
    plan = _Plan(at[0], heading, zoom, columns)
    palette = np.vstack([gif.inks(), _colours(sheets)])
    ground = gif.quantise(plan.ground(1), palette)
    counter, nearest = Counter(palette), _table(palette)

    def frame(k: int) -> Indices:
        image = ground.copy()
        for (left, top), sheet in zip(plan.places, at[k], strict=True):
            for y, x, tile in _tiles(sheet, zoom):
                rows, cols = tile.shape[:2]
                image[top + y : top + y + rows, left + x : left + x + cols] = nearest[
                    tuple(np.moveaxis(tile >> 3, -1, 0))
                ]
        counter.write(image, plan.size[0] - MARGIN, COUNTER_TOP, steps[k])
        return image

    return gif.fit(frame, steps, palette, plan.size, LIMIT)


class _Plan:
    """The layout of the sheets, in layout pixels."""

    def __init__(self, sheets: Sequence[Sheet], heading: str, zoom: int, columns: int | None) -> None:
        if not sheets:
            raise ValueError("no sheets; a figure needs at least one")
        self.sheets, self.heading, self.zoom = sheets, heading, zoom
        boxes = [_extent(sheet, zoom) for sheet in sheets]
        wide, high = max(width for width, _ in boxes), max(height for _, height in boxes)
        self.labels = LABELS if any(sheet.rows for sheet in sheets) else 0
        pitch = wide + self.labels + GAP
        fit = max(1, (MAX_WIDTH - 2 * MARGIN + GAP) // pitch)
        n = min(len(sheets), columns or fit, fit)
        rows = -(-len(sheets) // n)
        self.size = (
            max(2 * MARGIN + n * pitch - GAP, 420),
            HEADING + rows * (PANEL_TITLE + high + GAP) + MARGIN - GAP,
        )
        self.places = [
            (
                MARGIN + self.labels + (i % n) * pitch,
                HEADING + PANEL_TITLE + (i // n) * (PANEL_TITLE + high + GAP),
            )
            for i in range(len(sheets))
        ]

    def ground(self, scale: int) -> NDArray[np.uint8]:
        """The image without the sheets: heading, titles and names of rows, (height, width, 3)."""
        width, height = self.size
        with theme():
            figure = new_figure(width, height, scale)
            write_heading(figure, self.heading, width, height)
            for (left, top), sheet in zip(self.places, self.sheets, strict=True):
                x, y = (left - self.labels) / width, 1 - (top - 9) / height
                title = figure.text(x, y, sheet.title, fontsize=9, color=INK, va="center_baseline")
                shrink([title], (_extent(sheet, self.zoom)[0] + self.labels) * scale)
                pitch = sheet.images.shape[-2] * self.zoom + SEAM
                named = [
                    figure.text(
                        (left - 8) / width,
                        1 - (top + (row + 0.5) * pitch) / height,
                        textwrap.fill(name, LETTERS),
                        fontsize=7.5,
                        color=MUTED,
                        ha="right",
                        va="center",
                    )
                    for row, name in enumerate(sheet.rows)
                ]
                if named:
                    shrink(named, (self.labels - 10) * scale)
            return gif.pixels(figure).copy()

    def painted(self, sheets: Sequence[Sheet], scale: int) -> NDArray[np.uint8]:
        """The ground with all images drawn into it, (height, width, 3)."""
        image = self.ground(scale)
        for (left, top), sheet in zip(self.places, sheets, strict=True):
            for y, x, tile in _tiles(sheet, self.zoom):
                big = tile.repeat(scale, 0).repeat(scale, 1)
                y0, x0 = (top + y) * scale, (left + x) * scale
                image[y0 : y0 + len(big), x0 : x0 + big.shape[1]] = big
        return image


def _extent(sheet: Sheet, zoom: int) -> tuple[int, int]:
    """Width and height of a sheet's images."""
    rows, columns, _, height, width = sheet.images.shape[-5:]
    return columns * (width * zoom + SEAM) - SEAM, rows * (height * zoom + SEAM) - SEAM


def _tiles(sheet: Sheet, zoom: int) -> list[tuple[int, int, NDArray[np.uint8]]]:
    """(top, left, pixels (height, width, 3)) of every image, relative to the sheet."""
    pixels = _rgb(sheet.images).repeat(zoom, 2).repeat(zoom, 3)
    rows, columns, height, width = pixels.shape[:4]
    return [
        (row * (height + SEAM), column * (width + SEAM), pixels[row, column])
        for row in range(rows)
        for column in range(columns)
    ]


def _rgb(images: Images) -> NDArray[np.uint8]:
    """(..., colours, size, size) from -1 to 1 -> (..., size, size, 3) from 0 to 255; NaN is black."""
    values = np.nan_to_num((np.clip(images, -1, 1) + 1) * 127.5, nan=0.0)
    last = np.moveaxis(values, -3, -1)
    return np.ascontiguousarray(np.broadcast_to(last, (*last.shape[:-1], 3)).round().astype(np.uint8))


def _colours(sheets: Sequence[Sheet]) -> Colours:
    """At most MOST_COLOURS colours that represent all images, by median cut: (colours, 3), from 0 to 1."""
    every = np.concatenate([_rgb(sheet.images).reshape(-1, 3) for sheet in sheets])
    # each colour once, so that the few pixels of a car have the same weight as the road
    sample = Image.fromarray(np.unique(every & 0xF8 | 4, axis=0)[None])
    reduced = sample.quantize(MOST_COLOURS, method=Image.Quantize.MEDIANCUT)
    used = len(reduced.getcolors() or [])
    return np.array(reduced.getpalette(), dtype=np.float64).reshape(-1, 3)[: max(1, used)] / 255


def _table(palette: Colours) -> Indices:
    """The nearest palette index for every colour with five bits per channel, (32, 32, 32)."""
    middles = (np.arange(32) * 8 + 4) / 255
    cube = np.stack(np.meshgrid(middles, middles, middles, indexing="ij"), -1).reshape(-1, 3)
    return np.asarray(KDTree(palette).query(cube)[1]).astype(np.uint8).reshape(32, 32, 32)
