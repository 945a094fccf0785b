"""Predicted against measured numbers, one dot an entry with its interval, beside the diagonal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from modescope.figures import style
from modescope.figures.canvas import MARGIN, write_heading
from modescope.figures.marks import mark
from modescope.figures.stills import SCALE
from modescope.figures.style import FAINT, INK, MUTED, PAPER, Still, new_figure, theme

SIDE, LEFT, TOP, BOTTOM, GAP = 410, 52, 84, 48, 26  # lengths in layout pixels
NEAR = 0.03  # entries whose dots are closer than this share of the axis have one label
FEW = 2  # as many names as fit on a label
EDGE = 0.3  # share of the axis that a label may need


@dataclass(frozen=True)
class Dot:
    """One entry: what theory says, what was measured, and to which group it belongs."""

    name: str
    predicted: float
    measured: float
    low: float  # of the interval; NaN without one
    high: float
    group: str


@dataclass(frozen=True)
class Square:
    """One set of axes, the same range along both."""

    title: str
    x_label: str
    y_label: str
    dots: Sequence[Dot]


def still(squares: Sequence[Square], colours: Mapping[str, str], heading: str) -> tuple[Still, tuple[int, int]]:
    """The squares side by side; `colours` are those of the groups, which are named in one legend.

    Entries that lie on top of one another share a label. Returns the picture and its size in layout pixels. Raises
    ValueError without squares, and for a square without dots.
    """
    if not squares or not all(square.dots for square in squares):
        raise ValueError(f"{len(squares)} squares; at least one is needed, and each needs dots")
    width = 2 * MARGIN + len(squares) * (LEFT + SIDE) + (len(squares) - 1) * GAP
    height = TOP + SIDE + BOTTOM
    with theme():
        figure = new_figure(width, height, SCALE)
        for i, square in enumerate(squares):
            left = MARGIN + LEFT + i * (SIDE + LEFT + GAP)
            _square(figure.add_axes((left / width, BOTTOM / height, SIDE / width, SIDE / height)), square, colours)
        write_heading(figure, heading, width, height)
        used = {dot.group for square in squares for dot in square.dots}
        entries = {
            group: Line2D([], [], color=colour, marker="o", markersize=5, linestyle="")
            for group, colour in colours.items()
            if group in used
        } | {"prediction = measurement": Line2D([], [], color=MUTED, linewidth=1)}
        figure.legend(
            list(entries.values()), list(entries), loc="center left", bbox_to_anchor=(MARGIN / width, 1 - 44 / height),
            ncols=len(entries), frameon=False, fontsize=8, labelcolor=MUTED, borderpad=0, borderaxespad=0,
        )  # fmt: skip
        return style.still(figure), (width, height)


def _square(ax: Axes, square: Square, colours: Mapping[str, str]) -> None:
    values = [v for dot in square.dots for v in (dot.predicted, dot.measured, dot.low, dot.high) if np.isfinite(v)]
    low, high = min(values), max(values)
    room = 0.08 * (high - low or 1)
    low, high = low - room, high + room
    ax.plot([low, high], [low, high], color=MUTED, linewidth=1, zorder=1)
    for dot in square.dots:
        colour = colours[dot.group]
        drawn = ax.plot(dot.predicted, dot.measured, "o", color=colour, markersize=6, markeredgecolor=PAPER, zorder=3)
        if np.isfinite([dot.low, dot.high]).all():
            drawn += ax.plot([dot.predicted] * 2, [dot.low, dot.high], color=colour, linewidth=1.4, zorder=2)
        mark(dot.name, *drawn, detail=f"{dot.measured:.3g}, predicted {dot.predicted:.3g}")
    for k, (dots, text) in enumerate(labels(square.dots, NEAR * (high - low))):
        x, y = np.mean([(dot.predicted, dot.measured) for dot in dots], axis=0)
        # Labels alternate, as neighbours on the diagonal are close; at the left edge there is no room on the left.
        below = k % 2 == 0 or x - low < EDGE * (high - low)
        ax.annotate(
            text, (x, y), (9, -4) if below else (-9, 4), textcoords="offset points", color=INK, fontsize=7.5,
            ha="left" if below else "right", va="top" if below else "bottom",
        )  # fmt: skip
    ax.set(xlim=(low, high), ylim=(low, high))
    ax.grid(color=FAINT, linewidth=0.5, alpha=0.7)
    ax.set_axisbelow(True)
    ax.set_title(square.title, loc="left", pad=6, fontweight="normal")
    ax.set_xlabel(square.x_label, color=MUTED, fontsize=8)
    ax.set_ylabel(square.y_label, color=MUTED, fontsize=8)


def labels(dots: Sequence[Dot], near: float) -> list[tuple[list[Dot], str]]:
    """Dots by prediction, those within `near` of the first of a bunch together, with the text of each bunch."""
    bunches: list[list[Dot]] = []
    for dot in sorted(dots, key=lambda dot: dot.predicted):
        if bunches and dot.predicted - bunches[-1][0].predicted <= near:
            bunches[-1].append(dot)
        else:
            bunches.append([dot])
    return [
        (bunch, "\n".join(dot.name for dot in bunch) if len(bunch) <= FEW else f"{len(bunch)} remedies")
        for bunch in bunches
    ]
