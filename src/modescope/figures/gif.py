"""Index images as a GIF of limited size, with a step counter; shared by all animations."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from modescope.figures.canvas import COUNTER_SIZE, step_text
from modescope.figures.style import INK, MUTED, PAPER, new_figure, theme

LIMIT = 2_000_000  # bytes a GIF may have
FRAME_MS, LAST_MS = 70, 3_000
INKS = 16  # colours in the ramp from paper to ink, the beginning of every palette
Indices = NDArray[np.uint8]
Colours = NDArray[np.float64]  # (colours, 3), each channel from 0 to 1
# A point is a soft disc of 3 x 3 pixels: dx, dy, weight.
STAMP = ((-1, -1, 1), (0, -1, 2), (1, -1, 1), (-1, 0, 2), (0, 0, 4), (1, 0, 2), (-1, 1, 1), (0, 1, 2), (1, 1, 1))


@dataclass(frozen=True)
class Animation:
    """A GIF and the steps of the frames it kept."""

    gif: bytes
    size: tuple[int, int]  # width, height in pixels
    steps: list[int]  # of the frames kept


def inks() -> Colours:
    """The ramp from paper to ink, (INKS, 3)."""
    paper, ink = np.array(to_rgb(PAPER)), np.array(to_rgb(INK))
    return np.array([paper + (ink - paper) * i / (INKS - 1) for i in range(INKS)])


def fit(
    frame: Callable[[int], Indices], steps: Sequence[int], palette: Colours, size: tuple[int, int], limit: int
) -> Animation:
    """The frames `frame(k)`, one per step, as a GIF of at most `limit` bytes.

    Frames are dropped evenly until the GIF is small enough; the first and the last stay. Raises
    ValueError if two frames already exceed the limit.
    """
    keep = list(range(len(steps)))
    while True:
        gif = encode((frame(k) for k in keep), palette, [steps[k] for k in keep])
        if len(gif) <= limit:
            return Animation(gif, size, [steps[k] for k in keep])
        if len(keep) <= 2:
            raise ValueError(f"two frames take {len(gif):,} bytes; at most {limit:,} are allowed")
        fewer = max(2, min(len(keep) - 1, int(len(keep) * 0.97 * limit / len(gif))))
        keep = sorted({round(i * (len(steps) - 1) / (fewer - 1)) for i in range(fewer)})


def encode(frames: Iterable[Indices], palette: Colours, steps: Sequence[int] = ()) -> bytes:
    """Encode index images as a GIF in which every frame stores only the pixels that changed.

    The palette has at most 255 colours; the next index marks an unchanged pixel. The steps of the
    frames, if given, are written into the file's comment, separated by spaces.
    """
    transparent = len(palette)
    entries = (np.vstack([palette, np.zeros((1, 3))]) * 255).round().astype(np.uint8).tobytes()
    images: list[Image.Image] = []
    previous: Indices | None = None
    for frame in frames:
        changed = frame if previous is None else np.where(frame == previous, np.uint8(transparent), frame)
        image = Image.fromarray(changed)
        image.putpalette(entries)
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
        transparency=transparent,
        optimize=False,
        comment=" ".join(map(str, steps)).encode(),
    )
    return file.getvalue()


def quantise(rgb: Indices, palette: Colours) -> Indices:
    """(height, width, 3) -> (height, width): the index of the nearest palette colour, the lowest on a tie."""
    numbers = packed(rgb)
    found = np.unique(numbers)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    distance = ((colours[:, None] / 255 - palette[None]) ** 2).sum(-1)
    table = np.zeros(1 << 24, np.uint8)  # of all 24-bit colours; the system provides only the pages that are used
    table[found] = distance.argmin(1)
    return table[numbers]


def packed(rgb: Indices) -> NDArray[np.uint32]:
    """One 24-bit number for each colour, (..., 3) -> (...)."""
    red, green, blue = (rgb[..., channel].astype(np.uint32) for channel in range(3))
    return np.asarray(red << 16 | green << 8 | blue, np.uint32)


def pixels(figure: Figure) -> Indices:
    """The figure as drawn by matplotlib, (height, width, 3)."""
    file = io.BytesIO()
    figure.savefig(file, format="rgba", dpi=figure.dpi)
    width, height = (round(inches * figure.dpi) for inches in figure.get_size_inches())
    return np.frombuffer(file.getvalue(), np.uint8).reshape(height, width, 4)[..., :3]


def cover(
    xy: NDArray[np.floating], extent: tuple[float, float, float, float], width: int, height: int
) -> tuple[NDArray[np.intp], NDArray[np.uint32], NDArray[np.bool_]]:
    """The pixels that points (n, 2) cover in a panel of the given size.

    Returns flat row-major positions and weights, each (9 x seen,): for each of the nine pixels of the
    stamp, all seen points. Also returns which points are seen (n,): finite and at least three pixels
    from the edge.
    """
    x_min, x_max, y_min, y_max = extent
    with np.errstate(invalid="ignore", over="ignore"):
        column = np.floor((xy[:, 0] - x_min) * (width / (x_max - x_min)))
        row = np.floor((y_max - xy[:, 1]) * (height / (y_max - y_min)))
        seen = (column >= 3) & (column < width - 3) & (row >= 3) & (row < height - 3)  # False for NaN
    centre = row[seen].astype(np.intp) * width + column[seen].astype(np.intp)
    where = np.concatenate([centre + dy * width + dx for dx, dy, _ in STAMP])
    return where, np.repeat(np.array([w for *_, w in STAMP], np.uint32), len(centre)), seen


class Counter:
    """Writes the step into index images whose palette begins with `inks()`."""

    def __init__(self, palette: Colours) -> None:
        self.glyphs = {c: _glyph(c, palette) for c in ["step ", *"0123456789,"]}

    def write(self, image: Indices, x: int, y: int, step: int) -> None:
        """Write the step into the image; x is its right end and y its vertical centre, in pixels."""
        for character in ["step ", *step_text(step)[5:]][::-1]:
            glyph = self.glyphs[character]
            height, width = glyph.shape
            x -= width
            image[y - height // 2 : y - height // 2 + height, x : x + width] = glyph


def _glyph(text: str, palette: Colours) -> Indices:
    """A piece of the counter as palette indices (height, width); all digits have the same width."""
    with theme():
        figure = new_figure(120, 20)
        drawn = figure.text(0, 0.5, text, fontsize=COUNTER_SIZE, color=MUTED if text == "step " else INK, va="center")
        width = round(drawn.get_window_extent().width)
        return quantise(pixels(figure)[:, : max(1, width)], palette)
