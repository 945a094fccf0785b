"""Lines in a grid of small charts with common axes, still and animated: functions that change during training."""

from __future__ import annotations

from collections.abc import Sequence
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
from modescope.figures.gif import LIMIT, Animation, fit, pixels
from modescope.figures.marks import mark
from modescope.figures.painting import Extent, Painter
from modescope.figures.stills import SCALE
from modescope.figures.style import FAINT, INK, MUTED, Still, new_figure, theme

WIDEST, TALL = 300, 130  # largest width, and height, of a chart in layout pixels
LABEL = 14  # room for the x label
DENSE = 800  # points per painted line


@dataclass(frozen=True)
class Line:
    """A line through points, one position per frame."""

    points: NDArray[np.floating]  # (frames, n, 2); one frame if it does not move
    colour: str
    label: str = ""  # in the legend, shared by all charts


@dataclass(frozen=True)
class Chart:
    """One set of axes; later lines are drawn over earlier ones."""

    title: str
    lines: Sequence[Line]


def still(
    charts: Sequence[Chart],
    extent: Extent,
    heading: str,
    *,
    step: int | None = None,
    x_label: str = "",
    columns: int = 5,
    frame: int = -1,
) -> tuple[Still, tuple[int, int]]:
    """One frame, by default the last; all charts share `extent` (x_min, x_max, y_min, y_max).

    Returns the picture and its size in layout pixels, the same as that of `animate`. Raises ValueError for
    no charts, fewer than one column, an empty extent, or points of the wrong shape.
    """
    _check(charts, extent, columns, None)
    with theme():
        canvas = _draw(charts, extent, heading, x_label, columns, SCALE)
        for ax, chart in zip(canvas.axes, charts, strict=True):
            for line in chart.lines:
                x, y = _at(line.points, frame).T
                ax.plot(x, y, color=line.colour, linewidth=1.6, solid_capstyle="butt")
            ax.set(xlim=extent[:2], ylim=extent[2:])
        if step is not None:
            write_counter(canvas, step)
        return style.still(canvas.figure), (canvas.size[0] // SCALE, canvas.size[1] // SCALE)


def animate(
    charts: Sequence[Chart],
    extent: Extent,
    steps: Sequence[int],
    heading: str,
    *,
    x_label: str = "",
    columns: int = 5,
) -> Animation:
    """All frames, one per step, in an endless loop.

    Frames are dropped evenly until the file has at most LIMIT bytes; the first and the last stay. Raises
    ValueError like `still`, and if the frames do not match the steps.
    """
    _check(charts, extent, columns, len(steps))
    colours = list(dict.fromkeys(line.colour for chart in charts for line in chart.lines))
    with theme():
        canvas = _draw(charts, extent, heading, x_label, columns, 1)
        painter = Painter(pixels(canvas.figure), canvas.boxes, [extent] * len(charts), colours, fields=False)

    def frame(k: int) -> NDArray[np.uint8]:
        points = [
            [(_dense(_at(x.points, k), extent, box[2:]), colours.index(x.colour)) for x in chart.lines]
            for chart, box in zip(charts, canvas.boxes, strict=True)
        ]
        return painter.frame([None] * len(charts), points, canvas.counter, steps[k])

    return fit(frame, steps, painter.palette, canvas.size, LIMIT)


def _at(frames: NDArray[np.floating], k: int) -> NDArray[np.floating]:
    """Frame k, or the only frame if there is just one."""
    one: NDArray[np.floating] = frames[0 if len(frames) == 1 else k]
    return one


def _dense(xy: NDArray[np.floating], extent: Extent, size: tuple[int, int]) -> NDArray[np.float64]:
    """Points along the line (n, 2), evenly spaced in pixels: (DENSE, 2). All NaN if any point is not finite."""
    x_min, x_max, y_min, y_max = extent
    scale = np.array([size[0] / (x_max - x_min), size[1] / (y_max - y_min)])
    length = np.concatenate([[0], np.cumsum(np.hypot(*(np.diff(xy.astype(np.float64), axis=0) * scale).T))])
    if not np.isfinite(length[-1]):
        return np.full((DENSE, 2), np.nan)
    at = np.linspace(0, length[-1], DENSE)
    return np.stack([np.interp(at, length, xy[:, 0]), np.interp(at, length, xy[:, 1])], -1)


def _check(charts: Sequence[Chart], extent: Extent, columns: int, frames: int | None) -> None:
    """Raise ValueError for what cannot be drawn; `frames` is the number of steps of an animation."""
    if not charts or columns < 1 or frames == 0:
        raise ValueError(f"{len(charts)} charts, {columns} columns, {frames} frames; at least one of each is needed")
    if not (extent[1] > extent[0] and extent[3] > extent[2]):
        raise ValueError(f"empty extent {extent}: x_max and y_max must exceed x_min and y_min")
    counts = {1 if frames is None else frames}
    for line in (line for chart in charts for line in chart.lines):
        shape = line.points.shape
        if len(shape) != 3 or shape[2] != 2 or not shape[0] or shape[1] < 2:
            raise ValueError(f"a line has points of shape (frames, n, 2), n at least 2, not {shape}")
        counts.add(shape[0])
    if len(counts - {1}) > 1 or (frames == 1 and counts != {1}):
        raise ValueError(f"numbers of frames do not match: {sorted(counts)}")


def _draw(charts: Sequence[Chart], extent: Extent, heading: str, x_label: str, columns: int, scale: int) -> Canvas:
    """The axes in rows of `columns` under a heading and a legend, without their lines."""
    n = min(columns, len(charts))
    side = min(WIDEST, (MAX_WIDTH - 2 * MARGIN - LEFT - (n - 1) * GAP) // n)
    first, pitch = HEADING + PANEL_TITLE, TALL + PANEL_TITLE + GAP
    rows = -(-len(charts) // n)
    width = 2 * MARGIN + LEFT + n * side + (n - 1) * GAP
    height = first + (rows - 1) * pitch + TALL + BOTTOM + LABEL * bool(x_label)
    figure = new_figure(width, height, scale)
    axes, boxes, titles = [], [], []
    for i, chart in enumerate(charts):
        left, top = MARGIN + LEFT + i % n * (side + GAP), first + i // n * pitch
        ax = figure.add_axes((left / width, 1 - (top + TALL) / height, side / width, TALL / height))
        last = i + n >= len(charts)
        titles.append(_dress(ax, chart.title, extent, x_label if last else "", first=i % n == 0, last=last))
        mark(chart.title, ax)
        axes.append(ax)
        boxes.append((left * scale, top * scale, side * scale, TALL * scale))
    shrink(titles, side * scale)
    write_heading(figure, heading, width, height)
    _legend(figure, charts, width, height)
    return Canvas(figure, axes, boxes, ((width - MARGIN) * scale, 42 * scale), (width * scale, height * scale))


def _dress(ax: Axes, title: str, extent: Extent, x_label: str, *, first: bool, last: bool) -> Text:
    """Set ticks and title; y tick labels only for the first of a row, x labels only for the last of a column."""
    ax.set(xlim=extent[:2], ylim=extent[2:])
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=(1, 2, 2.5, 5, 10), prune="both"))  # charts stand close
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=(1, 2, 2.5, 5, 10)))
    ax.tick_params(length=3, labelleft=first, left=first, labelbottom=last, bottom=last)
    ax.set_xlabel(x_label, color=MUTED, fontsize=8, labelpad=2)
    for spine in ax.spines.values():
        spine.set_color(FAINT)
    return ax.set_title(title, loc="left", pad=5, fontweight="normal", color=INK)


def _legend(figure: Figure, charts: Sequence[Chart], width: int, height: int) -> None:
    """Write the legend as one line under the heading."""
    shown = {line.label: line.colour for chart in charts for line in chart.lines if line.label}
    figure.legend(
        [Line2D([], [], color=colour, linewidth=1.6) for colour in shown.values()], list(shown), loc="center left",
        bbox_to_anchor=(MARGIN / width, 1 - 42 / height), ncols=max(1, len(shown)), frameon=False, fontsize=8,
        labelcolor=MUTED, handlelength=1.6, columnspacing=1.4, borderpad=0, borderaxespad=0,
    )  # fmt: skip
