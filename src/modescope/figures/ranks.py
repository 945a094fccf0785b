"""Places of many entries in many rankings: a table of colours with the place written in each cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from modescope.figures import style
from modescope.figures.canvas import MARGIN, MAX_WIDTH, write_heading
from modescope.figures.stills import SCALE
from modescope.figures.style import FIELD_HIGH, INK, MUTED, PAPER, Still, new_figure, theme

HEAD, NAMES, LINE, ROW, MAX_CELL = 34, 170, 16, 26, 64  # all lengths here in layout pixels
FIRST_TO_LAST = LinearSegmentedColormap.from_list("places", [FIELD_HIGH, PAPER])


def table(
    names: Sequence[str],
    settings: Sequence[Sequence[str]],
    titles: Sequence[str],
    places: NDArray[np.floating],
    heading: str,
) -> tuple[Still, tuple[int, int]]:
    """A row an entry, a column a ranking; `places` (entries, rankings) from 1, the darkest.

    `settings` has for each ranking one value for each of `titles`, written above its column. Returns the PNG and its
    size in layout pixels. Raises ValueError where the numbers of names, rankings and titles do not fit.
    """
    if np.shape(places) != (len(names), len(settings)) or any(len(s) != len(titles) for s in settings) or not names:
        raise ValueError(
            f"places of shape {np.shape(places)} do not fit {len(names)} names and {len(settings)} settings with "
            f"{len(titles)} values each"
        )
    cell = min(MAX_CELL, (MAX_WIDTH - 2 * MARGIN - NAMES) // len(settings))
    top = HEAD + LINE * len(titles) + 6
    width, height = 2 * MARGIN + NAMES + cell * len(settings), top + ROW * len(names) + MARGIN
    with theme():
        figure = new_figure(width, height, SCALE)
        write_heading(figure, heading, width, height)
        box = ((MARGIN + NAMES) / width, MARGIN / height, cell * len(settings) / width, ROW * len(names) / height)
        ax = figure.add_axes(box)
        ax.imshow(places, cmap=FIRST_TO_LAST, vmin=1, vmax=len(names), aspect="auto")
        ax.set_xticks([])
        ax.set_yticks(range(len(names)), names)
        ax.tick_params(length=0, labelsize=8.5, labelcolor=INK)
        for side in ax.spines.values():
            side.set_visible(False)
        for row, column in np.ndindex(*places.shape):
            ax.text(column, row, f"{places[row, column]:g}", ha="center", va="center", color=INK)
        for i, title in enumerate(titles):
            y = 1 - (HEAD + LINE * (i + 0.5)) / height
            figure.text((MARGIN + NAMES - 6) / width, y, title, ha="right", va="center", color=MUTED)
            for column, values in enumerate(settings):
                x = (MARGIN + NAMES + cell * (column + 0.5)) / width
                figure.text(x, y, values[i], ha="center", va="center", color=MUTED, fontsize=7.5)
        return style.still(figure), (width, height)
