"""How often a classifier takes one class for another: a square of counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from modescope.figures import style
from modescope.figures.canvas import MARGIN, write_heading
from modescope.figures.stills import SCALE
from modescope.figures.style import INK, MUTED, PAPER, SECOND, Still, new_figure, theme

CELL, LEFT, HEAD, BELOW = 38, 46, 42, 44  # layout pixels
FAINTEST = 0.35  # exponent of the opacity: single mistakes are visible beside a hundred right ones


def square(
    counts: NDArray[np.integer], names: Sequence[str], heading: str, axes: tuple[str, str] = ("recognised as", "true")
) -> tuple[Still, tuple[int, int]]:
    """Counts (classes, classes) with true classes as rows; `axes` are the titles of columns and rows.

    Returns the picture and its size in layout pixels. Raises ValueError unless there is one name per row and column.
    """
    n = len(names)
    if not n or counts.shape != (n, n):
        raise ValueError(f"{n} names do not match counts of shape {counts.shape}")
    side = n * CELL
    width, height = 2 * MARGIN + LEFT + side, HEAD + side + BELOW
    with theme():
        figure = new_figure(width, height, SCALE)
        write_heading(figure, heading, width, height)
        ax = figure.add_axes(((MARGIN + LEFT) / width, BELOW / height, side / width, side / height))
        ax.set(xlim=(-0.5, n - 0.5), ylim=(n - 0.5, -0.5))
        dark = 0.35 * counts.max()
        for row, column in np.argwhere(counts > 0):
            count = counts[row, column]
            opacity = float(count / counts.max()) ** FAINTEST
            box = column - 0.5, row - 0.5
            ax.add_artist(Rectangle(box, 1, 1, facecolor=SECOND, alpha=opacity, linewidth=0, zorder=0))
            ax.text(
                column, row, f"{count:,}", ha="center", va="center_baseline", fontsize=8,
                color=PAPER if count > dark else INK,
            )  # fmt: skip
        ax.set_xticks(range(n), names)
        ax.set_yticks(range(n), names)
        ax.tick_params(length=0, labelsize=9)
        ax.set_xlabel(axes[0], color=MUTED)
        ax.set_ylabel(axes[1], color=MUTED)
        return style.still(figure), (width, height)
