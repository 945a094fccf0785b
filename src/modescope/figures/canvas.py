"""The row of panels that stills and animations share: axes, titles and legend, placed to the pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from modescope.figures.style import FAINT, GENERATED, INK, MUTED, REAL, new_figure

MARGIN, GAP = 14, 14  # all lengths here in layout pixels
LEFT, BOTTOM = 34, 30  # room for the tick labels
HEADING, PANEL_TITLE = 56, 22
MAX_WIDTH, MAX_PANEL = 1_000, 380
COUNTER_SIZE = 9  # points


@dataclass(frozen=True)
class Panel:
    """One picture of a row: a part of the plane and the real points in it."""

    extent: tuple[float, float, float, float]  # x_min, x_max, y_min, y_max
    real: NDArray[np.floating]  # (n, 2)
    title: str = ""
    centres: NDArray[np.floating] | None = None  # (modes, 2), marked in stills
    note: str = ""  # written into the panel, e.g. that its run diverged


@dataclass(frozen=True)
class Canvas:
    """A drawn row of panels, without generated points."""

    figure: Figure
    axes: list[Axes]
    boxes: list[tuple[int, int, int, int]]  # left, top, width, height of each panel
    counter: tuple[int, int]  # right end and vertical centre of the step counter
    size: tuple[int, int]  # width, height


def draw(panels: Sequence[Panel], heading: str, scale: int = 1) -> Canvas:
    """Draw the axes of a row of panels under a heading; lengths of the result in pixels at `scale`.

    The panels are as wide as fits, at most MAX_PANEL; their height follows the first one's extent.
    Raises ValueError for no panels or an empty extent.
    """
    if not panels:
        raise ValueError("a figure needs at least one panel")
    x_min, x_max, y_min, y_max = panels[0].extent
    if not (x_max > x_min and y_max > y_min):
        raise ValueError(f"empty extent {panels[0].extent}")
    n = len(panels)
    side = min(MAX_PANEL, (MAX_WIDTH - 2 * MARGIN - LEFT - (n - 1) * GAP) // n)
    tall = max(1, round(side * (y_max - y_min) / (x_max - x_min)))
    top = HEADING + (PANEL_TITLE if any(p.title for p in panels) else 0)
    width, height = 2 * MARGIN + LEFT + n * side + (n - 1) * GAP, top + tall + BOTTOM + MARGIN // 2

    figure = new_figure(width, height, scale)
    axes, boxes = [], []
    for i, panel in enumerate(panels):
        left = MARGIN + LEFT + i * (side + GAP)
        ax = figure.add_axes((left / width, 1 - (top + tall) / height, side / width, tall / height))
        _dress(ax, panel, first=i == 0)
        axes.append(ax)
        boxes.append((left * scale, top * scale, side * scale, tall * scale))
    right = width - MARGIN
    x, y = MARGIN / width, 1 - 20 / height
    title = figure.text(x, y, heading, fontsize=10.5, fontweight="bold", color=INK, va="center_baseline")
    room, needed = (right - MARGIN) * scale, title.get_window_extent().width
    title.set_fontsize(10.5 * min(1, 0.98 * room / needed) if needed else 10.5)
    y = 1 - 42 / height
    for x, colour, word in ((MARGIN + 4, REAL, "real"), (MARGIN + 56, GENERATED, "generated")):
        figure.text(x / width, y, "●", color=colour, fontsize=9, ha="center", va="center")
        figure.text((x + 9) / width, y, word, color=MUTED, fontsize=8, va="center_baseline")
    return Canvas(figure, axes, boxes, (right * scale, 42 * scale), (width * scale, height * scale))


def _dress(ax: Axes, panel: Panel, *, first: bool) -> None:
    """Limits, few ticks, and a title over the panel; only the first panel of a row has y labels."""
    x_min, x_max, y_min, y_max = panel.extent
    ax.set_xlim(x_min, x_max)
    ax.set_ylim(y_min, y_max)
    ax.xaxis.set_major_locator(MaxNLocator(4, prune="both"))
    ax.yaxis.set_major_locator(MaxNLocator(4, prune="both"))
    ax.tick_params(length=3, labelleft=first, left=first)
    if panel.title:
        ax.set_title(panel.title, loc="left", pad=6, fontweight="normal", color=INK)
    if panel.note:
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        ax.text(0.5, 0.03, panel.note, transform=ax.transAxes, ha="center", va="bottom", color=INK, size=7.5, bbox=box)
    for spine in ax.spines.values():
        spine.set_color(FAINT)


def step_text(step: int) -> str:
    """What the counter says."""
    return f"step {step:,}"


def write_counter(canvas: Canvas, step: int) -> None:
    """Write the step counter into a still."""
    (x, y), (width, height) = canvas.counter, canvas.size
    text = canvas.figure.text(x / width, 1 - y / height, step_text(step), ha="right", va="center", color=INK)
    text.set_fontsize(COUNTER_SIZE)
