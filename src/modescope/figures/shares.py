"""Shares of categories, true against generated, on a logarithmic scale: one small chart per entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from numpy.typing import NDArray

from modescope.figures import style
from modescope.figures.canvas import GAP, MARGIN, MAX_WIDTH, write_heading
from modescope.figures.marks import mark
from modescope.figures.stills import SCALE
from modescope.figures.style import FAINT, GENERATED, INK, MUTED, REAL, Still, new_figure, theme

LEFT, TITLE, HEIGHT, BELOW, HEAD = 40, 22, 120, 34, 56  # all lengths here in layout pixels
MOST = 3  # charts in a row
UPRIGHT = 10  # most categories with horizontal names; with more, the names are vertical
NEVER = 0.5  # where a share of 0 is drawn, as a multiple of the smallest share on the axis


@dataclass(frozen=True)
class Shares:
    """The shares that the runs of one entry generate."""

    name: str
    shares: NDArray[np.floating]  # (runs, categories)


def compare(
    entries: Sequence[Shares], true: NDArray[np.floating], names: Sequence[str], heading: str, smallest: float
) -> tuple[Still, tuple[int, int]]:
    """Grey bars: the true shares (categories,). Red dots: the shares of each run, with a line at their mean.

    Shares below `NEVER * smallest` are drawn at the foot of the axis. Returns the picture and its size in
    layout pixels. Raises ValueError for no entries or shares of another number of categories.
    """
    if not entries or any(entry.shares.shape[1:] != np.shape(true) for entry in entries) or len(names) != len(true):
        raise ValueError(f"{len(entries)} entries of {len(names)} categories do not fit {len(true)} true shares")
    columns = min(MOST, len(entries))
    rows = -(-len(entries) // columns)
    side = min(330, (MAX_WIDTH - 2 * MARGIN - LEFT - (columns - 1) * GAP) // columns)
    width = 2 * MARGIN + LEFT + columns * side + (columns - 1) * GAP
    pitch = TITLE + HEIGHT + (BELOW if len(names) <= UPRIGHT else 2 * BELOW)
    height = HEAD + rows * pitch
    with theme():
        figure = new_figure(width, height, SCALE)
        write_heading(figure, heading, width, height)
        for i, entry in enumerate(entries):
            left = MARGIN + LEFT + (i % columns) * (side + GAP)
            top = HEAD + (i // columns) * pitch + TITLE
            ax = figure.add_axes((left / width, 1 - (top + HEIGHT) / height, side / width, HEIGHT / height))
            _chart(ax, entry, np.asarray(true, dtype=float), names, smallest)
            ax.tick_params(labelleft=i % columns == 0)
            mark(entry.name, ax)
        return style.still(figure), (width, height)


def _chart(ax: Axes, entry: Shares, true: NDArray[np.float64], names: Sequence[str], smallest: float) -> None:
    place, foot = np.arange(len(true)), smallest * NEVER
    ax.set_yscale("log")
    ax.set_ylim(foot * 0.8, 1.3)
    ax.set_xlim(-0.6, len(true) - 0.4)
    ax.bar(place, np.maximum(true - foot, 0), bottom=foot, width=0.62, color=REAL, alpha=0.45, linewidth=0)
    runs = entry.shares[np.isfinite(entry.shares).all(1)]
    for k, run in enumerate(runs):
        apart = (k - (len(runs) - 1) / 2) * 0.14
        ax.plot(place + apart, np.maximum(run, foot), "o", color=GENERATED, markersize=3, alpha=0.7, markeredgewidth=0)
    if len(runs):
        mean = np.maximum(runs.mean(0), foot)
        ax.hlines(mean, place - 0.31, place + 0.31, color=GENERATED, linewidth=1.6)
    ax.set_xticks(place, names, rotation=90 if len(names) > UPRIGHT else 0)
    ax.yaxis.set_major_locator(LogLocator(10))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.grid(axis="y", color=FAINT, linewidth=0.5, alpha=0.7)
    ax.set_axisbelow(True)
    ax.tick_params(length=0, labelcolor=MUTED)
    ax.tick_params(axis="x", labelsize=6.5)
    ax.set_title(entry.name, loc="left", pad=6, fontweight="normal", color=INK)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
