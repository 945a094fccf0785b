"""A value for each of 10 x 10 x 10 combinations: ten squares of 10 x 10 cells in a row, one row per entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from modescope.figures import style
from modescope.figures.canvas import MARGIN, shrink, write_heading
from modescope.figures.marks import mark
from modescope.figures.stills import SCALE
from modescope.figures.style import FAINT, INK, MUTED, PAPER, REAL, Still, new_figure, theme

SIDE, CELL, GAP = 10, 8, 12  # cells of a square's side; layout pixels, here and below
LEFT, HEAD, TITLE, BELOW = 28, 64, 40, 22
MOST = 2.0  # shares above it have its colour
LOW, HIGH = "#d6604d", "#2166ac"  # of a share near 0 and of MOST, different in lightness from paper and from INK
SHARES = LinearSegmentedColormap.from_list("shares", [LOW, PAPER, HIGH])
LEGEND = ((0.0, "missing"), (0.25, "a quarter"), (0.5, "half"), (1.0, "as often as expected"), (2.0, "twice or more"))
UNKNOWN = REAL  # the colour where too little is known


@dataclass(frozen=True)
class Squares:
    """The shares of one entry."""

    title: str
    shares: NDArray[np.floating]  # (10, 10, 10): square, row, column; NaN where too little is known


def rows(entries: Sequence[Squares], heading: str) -> tuple[Still, tuple[int, int]]:
    """Shares of the expected count by colour: 0 is black, less is red, as expected is white, more is blue.

    Returns the picture and its size in layout pixels. Raises ValueError for no entries or shares of another shape.
    """
    if not entries or any(entry.shares.shape != (SIDE, SIDE, SIDE) for entry in entries):
        raise ValueError(f"{len(entries)} entries; at least one of shares ({SIDE}, {SIDE}, {SIDE}) is needed")
    wide, pitch = SIDE * CELL, TITLE + SIDE * CELL + BELOW
    width = 2 * MARGIN + LEFT + SIDE * (wide + GAP) - GAP
    height = HEAD + len(entries) * pitch + MARGIN // 2
    with theme():
        figure = new_figure(width, height, SCALE)
        write_heading(figure, heading, width, height)
        _legend(figure, width, height, unknown=any(np.isnan(entry.shares).any() for entry in entries))
        titles = []
        for i, entry in enumerate(entries):
            top = HEAD + i * pitch
            y = 1 - (top + 10) / height
            titles.append(figure.text(MARGIN / width, y, entry.title, fontsize=9, color=INK, va="center_baseline"))
            for first in range(SIDE):
                left = MARGIN + LEFT + first * (wide + GAP)
                box = (left / width, 1 - (top + TITLE + wide) / height, wide / width, wide / height)
                ax = figure.add_axes(box)
                _square(ax, entry.shares[first], first)
                mark(entry.title, ax)
            mark(entry.title, titles[-1])
        shrink(titles, (width - 2 * MARGIN) * SCALE)
        return style.still(figure), (width, height)


def colours(shares: NDArray[np.floating]) -> NDArray[np.float64]:
    """The colour of each share, (...) -> (..., 3) from 0 to 1."""
    found = np.asarray(SHARES(np.clip(np.nan_to_num(shares, nan=1.0) / MOST, 0, 1)))[..., :3]
    found[shares == 0] = to_rgb(INK)
    found[np.isnan(shares)] = to_rgb(UNKNOWN)
    return found


def _square(ax: Axes, shares: NDArray[np.floating], first: int) -> None:
    ax.imshow(colours(shares), interpolation="nearest", aspect="auto")
    ax.set_title(f"{first}  ·  ·", pad=4, fontsize=8, fontweight="normal", color=MUTED)
    ax.set_xticks(range(0, SIDE, 3))
    ax.set_yticks(range(0, SIDE, 3))
    ax.tick_params(length=2, labelsize=7, labelleft=first == 0, pad=1.5)
    for spine in ax.spines.values():
        spine.set_color(FAINT)


def _legend(figure: Figure, width: int, height: int, *, unknown: bool) -> None:
    """Swatches with their words in one line under the heading."""
    x, y, size = float(MARGIN), 44.0, 10
    marks = [(tuple(colours(np.array(share))), words) for share, words in LEGEND]
    marks += [(to_rgb(UNKNOWN), "too rare to say")] if unknown else []
    for colour, words in marks:
        box = (x / width, 1 - (y + size / 2) / height), size / width, size / height
        figure.add_artist(Rectangle(*box, facecolor=colour, edgecolor=FAINT, linewidth=0.8))
        text = figure.text((x + size + 5) / width, 1 - y / height, words, fontsize=8, color=MUTED, va="center_baseline")
        x += size + 5 + text.get_window_extent().width / SCALE + 16
