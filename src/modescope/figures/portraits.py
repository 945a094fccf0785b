"""Phase portraits as small multiples, still and animated: the field as arrows, single paths as lines, runs as dots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from modescope.figures import style
from modescope.figures.canvas import (
    BOTTOM,
    GAP,
    HEADING,
    LEFT,
    MARGIN,
    MAX_WIDTH,
    PANEL_TITLE,
    Canvas,
    shrink,
    write_counter,
    write_heading,
)
from modescope.figures.gif import INKS, LIMIT, Animation, fit, pixels
from modescope.figures.marks import mark
from modescope.figures.painting import Extent, Painter
from modescope.figures.stills import SCALE
from modescope.figures.strokes import stroke
from modescope.figures.style import FAINT, GENERATED, INK, MUTED, REAL, SECOND, Still, new_figure, theme

LABEL, WIDEST, SMALL = 14, 230, 132  # room for an axis label, the largest side of a panel, also alone; layout pixels
ARROWS = 9  # arrows of the field in a row
TRAIL = 32  # moments that a path's tail is long
PER_TRAIL = 300  # points of a painted tail
LEGEND = ("path of a run", "all runs")
Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Portrait:
    """One panel: a field, and the paths of runs through it."""

    title: str
    field: tuple[Floats, Floats] | None  # both components at `lattice(extent)`, (ARROWS, ARROWS) each
    paths: Floats  # (runs, moments, 2); the first few are drawn as lines, all of them as dots
    note: str = ""  # below the title, e.g. what theory says
    colour: str = MUTED  # of the note


def lattice(extent: Extent) -> tuple[Floats, Floats]:
    """The places of the arrows, x and y (ARROWS, ARROWS) each."""
    x_min, x_max, y_min, y_max = extent
    part = (np.arange(ARROWS) + 0.5) / ARROWS
    x, y = np.meshgrid(x_min + part * (x_max - x_min), y_min + part * (y_max - y_min))
    return x, y


def still(
    portraits: Sequence[Portrait],
    extent: Extent,
    heading: str,
    *,
    labels: tuple[str, str],
    step: int,
    columns: int = 6,
    lines: int = 3,
    legend: tuple[str, str] = LEGEND,
) -> tuple[Still, tuple[int, int]]:
    """The whole paths of the first `lines` runs of each panel, with their starts, and the ends of all runs.

    `labels` are those of the axes, `legend` names lines and dots; all panels share `extent` (x_min, x_max, y_min,
    y_max). Returns the picture and its size in layout pixels, the same as that of `animate`. Raises ValueError for no
    panels, fewer than one column, an empty extent, or paths of the wrong shape.
    """
    _check(portraits, extent, columns, 1)
    with theme():
        canvas = _draw(portraits, extent, heading, labels, columns, SCALE, legend)
        _paths(canvas, portraits, extent, lines)
        write_counter(canvas, step)
        return style.still(canvas.figure), (canvas.size[0] // SCALE, canvas.size[1] // SCALE)


def alone(portrait: Portrait, extent: Extent, *, labels: tuple[str, str], lines: int = 3) -> Still:
    """One panel of `still` as a small picture, without heading, legend and step. Raises ValueError like `still`."""
    _check([portrait], extent, 1, 1)
    with theme():
        canvas = _draw([portrait], extent, "", labels, 1, SCALE, LEGEND)
        _paths(canvas, [portrait], extent, lines)
        return style.still(canvas.figure)


def _paths(canvas: Canvas, portraits: Sequence[Portrait], extent: Extent, lines: int) -> None:
    """The ends of all runs as dots, and the first `lines` runs of each panel from their start."""
    for ax, portrait in zip(canvas.axes, portraits, strict=True):
        x, y = portrait.paths[:, -1].T
        ax.scatter(x, y, s=5, color=GENERATED, linewidths=0, alpha=0.7, zorder=4, rasterized=True)
        for path in portrait.paths[:lines]:
            ax.plot(*path.T, color=SECOND, linewidth=0.8, alpha=0.9, zorder=3, rasterized=True)
            ax.plot(*path[0], "o", color="white", markeredgecolor=SECOND, markersize=3, zorder=5)
        ax.set(xlim=extent[:2], ylim=extent[2:])


def animate(
    portraits: Sequence[Portrait],
    extent: Extent,
    moments: Mapping[int, int],
    heading: str,
    *,
    labels: tuple[str, str],
    columns: int = 6,
    lines: int = 3,
) -> Animation:
    """All runs as moving dots and the last TRAIL moments of the first `lines` runs as lines, in an endless loop.

    A frame for each of `moments`, an index into the paths -> the step that is written into it. Frames are dropped
    evenly until the file has at most LIMIT bytes; the first and the last stay. Raises ValueError like `still`, and
    for no moments or one that a path does not have.
    """
    _check(portraits, extent, columns, max(moments, default=-1) + 1)
    at, steps = list(moments), list(moments.values())
    colours = list(dict.fromkeys([SECOND, GENERATED, *(portrait.colour for portrait in portraits)]))
    with theme():
        canvas = _draw(portraits, extent, heading, labels, columns, 1, LEGEND)
        drawn = pixels(canvas.figure)
        painter = Painter(drawn, canvas.boxes, [extent] * len(portraits), colours, fields=False)
    base = painter.base

    def frame(k: int) -> NDArray[np.uint8]:
        points = []
        for portrait in portraits:
            tails = portrait.paths[:lines, max(0, at[k] - TRAIL) : at[k] + 1].astype(np.float64)
            painted = [(stroke(tail[:, 0], tail[:, 1], extent, PER_TRAIL), 0) for tail in tails if len(tail) > 1]
            points.append([*painted, (portrait.paths[:, at[k]], 1)])
        image = painter.frame([None] * len(portraits), points, canvas.counter, steps[k])
        for left, top, width, height in canvas.boxes:  # the painter leaves paper where nothing moves: put arrows back
            part = image[top : top + height, left : left + width]
            below = base[top : top + height, left : left + width]
            part[part == INKS] = below[part == INKS]
        return image

    return fit(frame, steps, painter.palette, canvas.size, LIMIT)


def _check(portraits: Sequence[Portrait], extent: Extent, columns: int, moments: int) -> None:
    """Raise ValueError for what cannot be drawn; a path has at least `moments`."""
    if not portraits or columns < 1 or moments < 1:
        raise ValueError(
            f"{len(portraits)} portraits in {columns} columns at {moments} moments; at least one of each is needed"
        )
    if not (extent[1] > extent[0] and extent[3] > extent[2]):
        raise ValueError(f"empty extent {extent}: x_max and y_max must exceed x_min and y_min")
    for portrait in portraits:
        shape = portrait.paths.shape
        if len(shape) != 3 or shape[2] != 2 or shape[1] < moments:
            raise ValueError(f"{portrait.title}: paths have the shape {shape}, not (runs, at least {moments}, 2)")


def _draw(
    portraits: Sequence[Portrait],
    extent: Extent,
    heading: str,
    labels: tuple[str, str],
    columns: int,
    scale: int,
    legend: tuple[str, str],
) -> Canvas:
    """The axes in rows of `columns` with their arrows, under a heading and a legend; without a heading, neither."""
    above = HEADING if heading else 0
    n = min(columns, len(portraits))
    left_room = LEFT + LABEL
    side = min(WIDEST if heading else SMALL, (MAX_WIDTH - 2 * MARGIN - left_room - (n - 1) * GAP) // n)
    tall = max(1, round(side * (extent[3] - extent[2]) / (extent[1] - extent[0])))
    over = PANEL_TITLE + 11 * any(portrait.note for portrait in portraits)
    pitch, rows = tall + over + GAP, -(-len(portraits) // n)
    width = 2 * MARGIN + left_room + n * side + (n - 1) * GAP
    height = above + over + (rows - 1) * pitch + tall + BOTTOM + LABEL
    figure = new_figure(width, height, scale)
    axes, boxes, titles, notes = [], [], [], []
    for i, portrait in enumerate(portraits):
        left, top = MARGIN + left_room + i % n * (side + GAP), above + over + i // n * pitch
        ax = figure.add_axes((left / width, 1 - (top + tall) / height, side / width, tall / height))
        last = i + n >= len(portraits)
        title, note = _dress(ax, portrait, extent, labels, first=i % n == 0, last=last)
        titles.append(title)
        mark(portrait.title, ax)
        notes.append(note)
        axes.append(ax)
        boxes.append((left * scale, top * scale, side * scale, tall * scale))
    shrink(titles, side * scale)
    shrink(notes, side * scale)
    if heading:
        write_heading(figure, heading, width, height)
        _legend(figure, legend, width, height)
    return Canvas(figure, axes, boxes, ((width - MARGIN) * scale, 42 * scale), (width * scale, height * scale))


def _dress(
    ax: Axes, portrait: Portrait, extent: Extent, labels: tuple[str, str], *, first: bool, last: bool
) -> tuple[Text, Text]:
    """Ticks, title, note and arrows; axis labels only for the first of a row and the last of a column."""
    ax.set(xlim=extent[:2], ylim=extent[2:])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(4, steps=(1, 2, 2.5, 5, 10), prune="both"))
    ax.tick_params(length=3, labelleft=first, left=first, labelbottom=last, bottom=last)
    ax.set_xlabel(labels[0] if last else "", color=MUTED, fontsize=8, labelpad=2)
    ax.set_ylabel(labels[1] if first else "", color=MUTED, fontsize=8, labelpad=2)
    for spine in ax.spines.values():
        spine.set_color(FAINT)
    if portrait.field is not None:
        u, v = portrait.field
        length = np.hypot(u, v)
        length[length == 0] = 1
        # All of one length: the direction is what a portrait shows, and speeds differ by powers of ten.
        ax.quiver(
            *lattice(extent), u / length, v / length, color=REAL, pivot="mid", scale=ARROWS * 1.6, width=0.008,
            headwidth=4.5, headlength=4.5, headaxislength=4, zorder=1,
        )  # fmt: skip
    ax.plot(0, 0, "+", color=INK, markersize=6, markeredgewidth=0.9, zorder=2)
    note = ax.text(0, 1.03, portrait.note, transform=ax.transAxes, color=portrait.colour, fontsize=7.5, va="bottom")
    pad = 15 if portrait.note else 5
    return ax.set_title(portrait.title, loc="left", pad=pad, fontweight="normal", color=INK), note


def _legend(figure: Figure, words: tuple[str, str], width: int, height: int) -> None:
    """One line under the heading."""
    shown = {
        words[0]: Line2D([], [], color=SECOND, linewidth=1.4),
        words[1]: Line2D([], [], color=GENERATED, marker="o", markersize=4, linestyle=""),
        "equilibrium": Line2D([], [], color=INK, marker="+", markersize=6, linestyle=""),
    }
    figure.legend(
        list(shown.values()), list(shown), loc="center left", bbox_to_anchor=(MARGIN / width, 1 - 42 / height),
        ncols=len(shown), frameon=False, fontsize=8, labelcolor=MUTED, handlelength=1.6, columnspacing=1.4,
        borderpad=0, borderaxespad=0,
    )  # fmt: skip
