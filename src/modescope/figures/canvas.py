"""The rows of panels of stills and animations: axes, titles and legend, placed to the pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from modescope.figures.marks import mark
from modescope.figures.style import DPI, FAINT, GENERATED, INK, MUTED, REAL, new_figure, theme

MARGIN, GAP = 14, 14  # all lengths here in layout pixels
LEFT, BOTTOM = 34, 30  # room for the tick labels
HEADING, PANEL_TITLE = 56, 22
MAX_WIDTH, MAX_PANEL = 1_000, 380
COUNTER_SIZE = 9  # points


@dataclass(frozen=True)
class Panel:
    """One panel of a figure: a part of the plane and the real points in it."""

    extent: tuple[float, float, float, float]  # x_min, x_max, y_min, y_max
    real: NDArray[np.floating]  # (n, 2)
    title: str = ""
    centres: NDArray[np.floating] | None = None  # (modes, 2), marked with crosses in stills
    note: str = ""  # text in the panel, e.g. that its run diverged


@dataclass(frozen=True)
class Canvas:
    """Drawn panels, without generated points."""

    figure: Figure
    axes: list[Axes]
    boxes: list[tuple[int, int, int, int]]  # left, top, width, height of each panel
    counter: tuple[int, int]  # right end and vertical centre of the step counter
    size: tuple[int, int]  # width, height


def draw(panels: Sequence[Panel], heading: str, scale: int = 1, columns: int | None = None) -> Canvas:
    """Draw the axes of panels under a heading; lengths of the result are in pixels at `scale`.

    The panels form one row or rows of `columns`. Each is as wide as fits, at most MAX_PANEL; the height
    follows from the extent. All panels share one extent, so only the first of a row has y tick labels
    and only the last of a column has x tick labels. Raises ValueError for no panels, an empty extent,
    different extents, or fewer than one column.
    """
    if not panels:
        raise ValueError("a figure needs at least one panel")
    x_min, x_max, y_min, y_max = panels[0].extent
    if not (x_max > x_min and y_max > y_min):
        raise ValueError(f"empty extent {panels[0].extent}: x_max and y_max must exceed x_min and y_min")
    if any(tuple(p.extent) != tuple(panels[0].extent) for p in panels):
        raise ValueError(f"panels of one figure have different extents: {sorted({tuple(p.extent) for p in panels})}")
    if columns is not None and columns < 1:
        raise ValueError(f"a figure needs at least one column, not {columns}")
    n = len(panels) if columns is None else min(columns, len(panels))
    rows = -(-len(panels) // n)
    side = min(MAX_PANEL, (MAX_WIDTH - 2 * MARGIN - LEFT - (n - 1) * GAP) // n)
    tall = max(1, round(side * (y_max - y_min) / (x_max - x_min)))
    title = PANEL_TITLE if any(p.title for p in panels) else 0
    first, pitch = HEADING + title, tall + title + GAP
    width = 2 * MARGIN + LEFT + n * side + (n - 1) * GAP
    height = first + (rows - 1) * pitch + tall + BOTTOM + MARGIN // 2

    figure = new_figure(width, height, scale)
    axes, boxes, titles = [], [], []
    for i, panel in enumerate(panels):
        left, top = MARGIN + LEFT + i % n * (side + GAP), first + i // n * pitch
        ax = figure.add_axes((left / width, 1 - (top + tall) / height, side / width, tall / height))
        titles.append(_dress(ax, panel, first=i % n == 0, last=i + n >= len(panels)))
        mark(panel.title, ax)
        axes.append(ax)
        boxes.append((left * scale, top * scale, side * scale, tall * scale))
    shrink(titles, side * scale)
    right = width - MARGIN
    write_heading(figure, heading, width, height)
    y = 1 - 42 / height
    for x, colour, word in ((MARGIN + 4, REAL, "real"), (MARGIN + 56, GENERATED, "generated")):
        figure.text(x / width, y, "●", color=colour, fontsize=9, ha="center", va="center")
        figure.text((x + 9) / width, y, word, color=MUTED, fontsize=8, va="center_baseline")
    return Canvas(figure, axes, boxes, (right * scale, 42 * scale), (width * scale, height * scale))


def write_heading(figure: Figure, heading: str, width: int, height: int) -> None:
    """Write the heading of a figure of `width` x `height` layout pixels, smaller if it would not fit."""
    x, y = MARGIN / width, 1 - 20 / height
    title = figure.text(x, y, heading, fontsize=10.5, fontweight="bold", color=INK, va="center_baseline")
    shrink([title], (width - 2 * MARGIN) * figure.dpi / DPI)


def fold(names: Sequence[str], room: float, size: float) -> list[str]:
    """The names, those wider than `room` layout pixels at a font size in two lines, broken near the middle."""
    with theme():
        scratch = new_figure(10, 10)
        return [
            _halved(name) if scratch.text(0, 0, name, fontsize=size).get_window_extent().width > room else name
            for name in names
        ]


def _halved(name: str) -> str:
    breaks = [i for i, sign in enumerate(name) if sign == " "]
    if not breaks:
        return name
    middle = min(breaks, key=lambda i: abs(i - len(name) / 2))
    return f"{name[:middle]}\n{name[middle + 1 :]}"


def shrink(texts: Sequence[Text], room: float) -> None:
    """If the widest text exceeds 98 % of `room` pixels, shrink all texts so that it fits."""
    needed = max(text.get_window_extent().width for text in texts)
    for text in texts if needed else []:
        text.set_fontsize(float(text.get_fontsize()) * min(1, 0.98 * room / needed))


def _dress(ax: Axes, panel: Panel, *, first: bool, last: bool) -> Text:
    """Set limits, ticks and title; y labels only for the first of a row, x labels only for the last of a column."""
    x_min, x_max, y_min, y_max = panel.extent
    ax.set_xlim(x_min, x_max)
    ax.set_ylim(y_min, y_max)
    ax.xaxis.set_major_locator(MaxNLocator(4, prune="both"))
    ax.yaxis.set_major_locator(MaxNLocator(4, prune="both"))
    ax.tick_params(length=3, labelleft=first, left=first, labelbottom=last, bottom=last)
    if panel.note:
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        ax.text(0.5, 0.03, panel.note, transform=ax.transAxes, ha="center", va="bottom", color=INK, size=7.5, bbox=box)
    for spine in ax.spines.values():
        spine.set_color(FAINT)
    return ax.set_title(panel.title, loc="left", pad=6, fontweight="normal", color=INK)


def step_text(step: int) -> str:
    """The text of the step counter."""
    return f"step {step:,}"


def write_counter(canvas: Canvas, step: int) -> None:
    """Write the step counter into a still."""
    (x, y), (width, height) = canvas.counter, canvas.size
    text = canvas.figure.text(x / width, 1 - y / height, step_text(step), ha="right", va="center", color=INK)
    text.set_fontsize(COUNTER_SIZE)
