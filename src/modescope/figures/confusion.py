"""How often a classifier takes one class for another: a square of counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from numpy.typing import NDArray

from modescope.figures import style
from modescope.figures.canvas import MARGIN, write_heading
from modescope.figures.stills import SCALE
from modescope.figures.style import INK, MUTED, PAPER, SECOND, Still, new_figure, theme

CELL, LEFT, HEAD, BELOW = 38, 46, 42, 44  # layout pixels
FAINTEST = 0.35  # exponent of the colour scale: single mistakes are visible beside a hundred right ones
COUNTS = LinearSegmentedColormap.from_list("counts", [PAPER, SECOND])


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
        ax.imshow(counts, cmap=COUNTS, norm=PowerNorm(FAINTEST, 0, max(1, int(counts.max()))), interpolation="nearest")
        dark = 0.35 * counts.max()
        for row, column in np.argwhere(counts > 0):
            count = counts[row, column]
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
