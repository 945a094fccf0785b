"""Charts of histograms, curves and dots over one axis, in rows and columns, for one-dimensional distributions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from modescope.figures import style
from modescope.figures.canvas import MARGIN, MAX_WIDTH, shrink, write_heading
from modescope.figures.stills import SCALE
from modescope.figures.style import DPI, FAINT, INK, MUTED, Still, new_figure, theme

HEAD, TITLE, AXIS, BESIDE = 56, 24, 44, 52  # heading and legend; above, below and left of a chart, in layout pixels
HEIGHT, MAX_SIDE, GAP = 170, 420, 14
DASHED = (4, 3)  # lengths of a dash and of a gap, in line widths
Shape = Literal["line", "dashed", "dots", "area", "steps"]


@dataclass(frozen=True)
class Mark:
    """A series of points and how it is drawn.

    An `area` extends from 0 to y. `steps` are the bars of a histogram: x holds their edges, one more than y.
    """

    shape: Shape
    x: NDArray[np.number]  # (n,), for steps (n + 1,)
    y: NDArray[np.number]  # (n,)
    colour: str
    label: str = ""  # in the legend, once for all charts
    width: float = 1.5  # of a line or a dot, in points
    opacity: float = 1.0


@dataclass(frozen=True)
class Chart:
    """One set of axes; later marks are drawn over earlier ones."""

    title: str
    marks: Sequence[Mark]
    x_label: str = ""
    y_label: str = ""
    x_limits: tuple[float, float] | None = None
    y_limits: tuple[float, float] | None = None


def still(charts: Sequence[Chart], heading: str, columns: int) -> tuple[Still, tuple[int, int]]:
    """The charts in rows of `columns` under a heading and a legend.

    Returns the picture and its size in layout pixels. Raises ValueError for no charts, fewer than one
    column, or a mark whose x and y do not match.
    """
    if not charts or columns < 1:
        raise ValueError(f"{len(charts)} charts in {columns} columns; at least one of each is needed")
    for mark in (mark for chart in charts for mark in chart.marks):
        if len(mark.x) != len(mark.y) + (mark.shape == "steps"):
            raise ValueError(f"{mark.shape}: {len(mark.x)} values of x do not match {len(mark.y)} of y")
    n = min(columns, len(charts))
    rows = -(-len(charts) // n)
    side = min(MAX_SIDE, (MAX_WIDTH - 2 * MARGIN - n * BESIDE - (n - 1) * GAP) // n)
    pitch = TITLE + HEIGHT + AXIS
    width, height = 2 * MARGIN + n * (BESIDE + side) + (n - 1) * GAP, HEAD + rows * pitch
    with theme():
        figure, titles = new_figure(width, height, SCALE), []
        for i, chart in enumerate(charts):
            left = MARGIN + BESIDE + i % n * (BESIDE + side + GAP)
            top = HEAD + TITLE + i // n * pitch
            ax = figure.add_axes((left / width, 1 - (top + HEIGHT) / height, side / width, HEIGHT / height))
            for mark in chart.marks:
                _draw(ax, mark)
            ax.set(xlim=chart.x_limits, ylim=chart.y_limits)
            ax.xaxis.set_major_locator(MaxNLocator(5, steps=(1, 2, 2.5, 5, 10)))
            ax.yaxis.set_major_locator(MaxNLocator(4, steps=(1, 2, 2.5, 5, 10)))
            ax.tick_params(length=3)
            ax.set_axisbelow(True)
            ax.grid(color=FAINT, linewidth=0.5, alpha=0.7)
            ax.spines[["top", "right"]].set_visible(False)
            ax.set_xlabel(chart.x_label, color=MUTED, fontsize=8)
            ax.set_ylabel(chart.y_label, color=MUTED, fontsize=8)
            titles.append(ax.set_title(chart.title, loc="left", pad=6, fontweight="normal", color=INK))
        shrink(titles, side * SCALE)
        write_heading(figure, heading, width, height)
        named = {mark.label: _key(mark) for chart in charts for mark in chart.marks if mark.label}
        if named:
            legend = figure.legend(
                list(named.values()), list(named), loc="center left", ncols=len(named),
                bbox_to_anchor=(MARGIN / width, 1 - 42 / height), frameon=False, fontsize=8, labelcolor=MUTED,
                handlelength=1.6, columnspacing=1.4, borderpad=0, borderaxespad=0,
            )  # fmt: skip
            room, needed = (width - 2 * MARGIN) * figure.dpi / DPI, legend.get_window_extent().width
            for text in legend.get_texts():
                text.set_fontsize(8 * min(1.0, room / needed))
        return style.still(figure), (width, height)


def _draw(ax: Axes, mark: Mark) -> None:
    """Draw one mark into the axes."""
    match mark.shape:
        case "dots":
            ax.plot(mark.x, mark.y, "o", color=mark.colour, markersize=mark.width, mew=0, alpha=mark.opacity)
        case "area":
            ax.fill_between(mark.x, 0, mark.y, color=mark.colour, linewidth=0, alpha=mark.opacity)
        case "steps":
            ax.stairs(mark.y, mark.x, fill=True, color=mark.colour, linewidth=0, alpha=mark.opacity)
        case _:
            (line,) = ax.plot(mark.x, mark.y, color=mark.colour, linewidth=mark.width, alpha=mark.opacity)
            if mark.shape == "dashed":
                line.set_dashes(DASHED)


def _key(mark: Mark) -> Line2D | Patch:
    """The legend handle of a mark."""
    if mark.shape in ("area", "steps"):
        return Patch(color=mark.colour, linewidth=0, alpha=mark.opacity)
    if mark.shape == "dots":
        return Line2D([], [], color=mark.colour, marker="o", markersize=max(4.0, mark.width), mew=0, linewidth=0)
    key = Line2D([], [], color=mark.colour, linewidth=max(1.2, mark.width))
    if mark.shape == "dashed":
        key.set_dashes(DASHED)
    return key
