"""Places of many entries in many rankings: a table of colours with the place written in each cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from modescope.figures import style
from modescope.figures.canvas import MARGIN, MAX_WIDTH, shrink, write_heading
from modescope.figures.marks import mark
from modescope.figures.stills import SCALE
from modescope.figures.style import FIELD_HIGH, INK, MUTED, Still, new_figure, theme

HEAD, NAMES, LINE, ROW, MAX_CELL = 34, 170, 16, 26, 64  # all lengths here in layout pixels


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
        wide, tall = cell * len(settings) / width, ROW * len(names) / height
        ax = figure.add_axes(((MARGIN + NAMES) / width, MARGIN / height, wide, tall))
        ax.set(xlim=(0, len(settings)), ylim=(len(names), 0))
        ax.axis("off")
        for row, name in enumerate(names):
            drawn = [ax.text(-6 / cell, row + 0.5, name, ha="right", va="center_baseline", color=INK, fontsize=8.5)]
            shrink(drawn, (NAMES - 6) * SCALE)
            for column, place in enumerate(places[row]):
                share = 1 - (place - 1) / max(1, len(names) - 1)  # of the darkest
                box = Rectangle((column, row), 1, 1, facecolor=FIELD_HIGH, alpha=share, linewidth=0, zorder=0)
                ax.add_artist(box)
                drawn.append(ax.text(column + 0.5, row + 0.5, f"{place:g}", ha="center", va="center", color=INK))
            for text in drawn:  # one row after the other, so that each is one mark
                text.set_zorder(len(names) + row)
            mark(name, *drawn)
        for i, title in enumerate(titles):
            y = 1 - (HEAD + LINE * (i + 0.5)) / height
            figure.text((MARGIN + NAMES - 6) / width, y, title, ha="right", va="center", color=MUTED)
            for column, values in enumerate(settings):
                x = (MARGIN + NAMES + cell * (column + 0.5)) / width
                figure.text(x, y, values[i], ha="center", va="center", color=MUTED, fontsize=7.5)
        return style.still(figure), (width, height)
