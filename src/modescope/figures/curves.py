"""Many experiments in one figure: a grid of small line charts, and a ranking of names by several metrics."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from modescope.figures import style
from modescope.figures.canvas import MARGIN, MAX_WIDTH, fold, shrink, write_heading
from modescope.figures.marks import mark
from modescope.figures.stills import SCALE, Series
from modescope.figures.style import DPI, FAINT, GENERATED, INK, MUTED, PAPER, REAL, SECOND, Still, new_figure, theme

SMALL_LEFT, SMALL_HEIGHT, SMALL_TITLE, SMALL_LINE, SMALL_GAP = 40, 104, 22, 13, 24  # all lengths here in layout pixels
MAX_SMALL = 300
AXIS = 44  # tick labels and the title of an axis
HEAD = 62  # heading and legend
ROW, MAX_COLUMN, EDGE = 24, 330, 40  # EDGE: margin of a column, for the count of infinite values
ROUND = (1, 2, 2.5, 5, 10)  # tick spacings: these times a power of ten
NAMES = 230  # most room for the names of the rows
UNSEEN = 1e-3  # opacity of what only reacts to the pointer; with none at all it would not


@dataclass(frozen=True)
class Curve:
    """A metric during the training of one experiment; NaN where it was not measured."""

    name: str
    steps: NDArray[np.number]  # (points,)
    mean: NDArray[np.floating]  # (points,), over seeds
    low: NDArray[np.floating]  # (points,), lower edge of the band
    high: NDArray[np.floating]  # (points,), upper edge


@dataclass(frozen=True)
class Column:
    """One metric of a ranking."""

    series: Series  # one position per row; its label is the title of the column
    x_title: str = ""  # below the axis, e.g. which direction is better
    symlog: float | None = None  # linear up to this value, logarithmic beyond
    limits: tuple[float, float] | None = None


def small_multiples(
    curves: Sequence[Curve],
    heading: str,
    *,
    x_title: str = "step",
    y_title: str = "",
    band: str = "range over seeds",
    reference: Curve | None = None,
    maximum: tuple[str, float] | None = None,
    columns: int = 5,
    x_log: bool = False,
) -> tuple[Still, tuple[int, int]]:
    """A grid of small charts with common axes, one per curve: the mean as a line with a band around it.

    `reference` is a grey line in every chart, `maximum` (label, value) a dashed one. With `x_log` the
    steps of the curves, all of them positive, lie on a logarithmic axis. Returns the picture and its size in
    layout pixels. Raises ValueError for no curves, fewer than one column, a curve whose arrays differ in
    length, or steps that have no logarithm.
    """
    if not curves or columns < 1:
        raise ValueError(f"{len(curves)} curves in {columns} columns; at least one of each is needed")
    every = [*curves, *([reference] if reference else [])]
    for curve in every:
        shapes = {np.shape(a) for a in (curve.steps, curve.mean, curve.low, curve.high)}
        if len(shapes) > 1 or len(next(iter(shapes))) != 1:
            raise ValueError(f"{curve.name}: steps, mean, low and high have shapes {sorted(shapes)}, not one (points,)")
    every_step = [float(s) for c in every for s in c.steps]
    if x_log and not all(s > 0 for s in every_step):
        raise ValueError(f"a logarithmic axis needs positive steps, not {min(every_step)}")
    n = min(columns, len(curves))
    rows = -(-len(curves) // n)
    beside = SMALL_LEFT + 18 * bool(y_title)
    side = min(MAX_SMALL, (MAX_WIDTH - 2 * MARGIN - beside - (n - 1) * SMALL_GAP) // n)
    titled = fold([curve.name for curve in curves], side, 9)
    above = SMALL_TITLE + SMALL_LINE * any("\n" in title for title in titled)
    pitch = above + SMALL_HEIGHT + 8
    width = 2 * MARGIN + beside + n * side + (n - 1) * SMALL_GAP
    height = HEAD + rows * pitch - 8 + AXIS
    values = [v for c in every for a in (c.mean, c.low, c.high) for v in np.asarray(a, float) if math.isfinite(v)]
    top = max([0.0, *values, *([maximum[1]] if maximum else [])])
    bottom = min([0.0, *values])
    x_end = max(every_step, default=1.0) or 1.0
    x_start = min(every_step, default=0.1 * x_end) if x_log else 0.0
    with theme():
        figure = new_figure(width, height, SCALE)
        titles = []
        for i, curve in enumerate(curves):
            left, top_edge = MARGIN + beside + i % n * (side + SMALL_GAP), HEAD + above + i // n * pitch
            ax = _axes(figure, (left, top_edge, side, SMALL_HEIGHT))
            ax.set_xscale("log" if x_log else "linear")
            ax.set(xlim=(x_start, x_end), ylim=(bottom - 0.04 * (top - bottom), top + 0.08 * (top - bottom or 1)))
            ax.xaxis.set_major_locator(LogLocator(numticks=4) if x_log else MaxNLocator(3, steps=ROUND))
            ax.xaxis.set_minor_formatter(NullFormatter())
            ax.yaxis.set_major_locator(MaxNLocator(4, steps=ROUND))
            ax.xaxis.set_major_formatter(FuncFormatter(_thousands))
            ax.grid(color=FAINT, linewidth=0.5, alpha=0.7)
            if maximum:
                ax.axhline(maximum[1], color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)), zorder=2)
            if reference:
                ax.plot(reference.steps, reference.mean, color=REAL, linewidth=1.2, zorder=3)
            ax.fill_between(curve.steps, curve.low, curve.high, color=SECOND, alpha=0.2, linewidth=0, zorder=4)
            ax.plot(curve.steps, curve.mean, color=SECOND, linewidth=1.5, zorder=5)
            ax.tick_params(length=3, labelleft=i % n == 0, left=i % n == 0)
            last = i + n >= len(curves)
            ax.tick_params(labelbottom=last, bottom=last)
            ax.set_xlabel(x_title if last else "", color=MUTED, fontsize=8)
            ax.set_ylabel(y_title if i % n == 0 else "", color=MUTED, fontsize=8)
            titles.append(ax.set_title(titled[i], loc="left", pad=5, fontweight="normal", color=INK))
            mark(curve.name, ax)
        shrink(titles, side * SCALE)
        write_heading(figure, heading, width, height)
        entries: list[tuple[str, Line2D | Patch]] = [
            ("mean over seeds", Line2D([], [], color=SECOND, linewidth=1.5)),
            (band, Patch(color=SECOND, alpha=0.2, linewidth=0)),
        ]
        if reference:
            entries.append((reference.name, Line2D([], [], color=REAL, linewidth=1.2)))
        if maximum:
            entries.append((maximum[0], Line2D([], [], color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))))
        _legend(figure, entries, width, height)
        return style.still(figure), (width, height)


def ranking(names: Sequence[str], columns: Sequence[Column], heading: str) -> tuple[Still, tuple[int, int]]:
    """One row per name, one column per metric: the mean with its interval, and below it every seed and their median.

    A column's floor is a grey band. Infinite seeds are triangles at the edge, with an infinity sign and
    their number; NaN is left out. Returns the picture and its size in layout pixels. Raises ValueError for
    no names, no columns, or series that do not match the names.
    """
    if not names or not columns:
        raise ValueError(f"{len(names)} names and {len(columns)} columns; at least one of each is needed")
    for column in columns:
        lengths = len(column.series.values), len(column.series.intervals)
        if lengths != (len(names), len(names)):
            raise ValueError(f"{column.series.label}: {lengths} values and intervals do not match {len(names)} names")
    with theme():
        scratch, folded = new_figure(10, 10), fold(names, NAMES - 12, 8.5)
        needed = max(scratch.text(0, 0, name, fontsize=8.5).get_window_extent().width for name in folded)
        beside = min(NAMES, math.ceil(needed) + 12)
        n = len(columns)
        side = min(MAX_COLUMN, (MAX_WIDTH - MARGIN - beside) // n - EDGE)
        width, top = MARGIN + beside + n * (side + EDGE), HEAD + SMALL_TITLE
        height = top + ROW * len(names) + AXIS
        figure = new_figure(width, height, SCALE)
        titles = []
        for i, column in enumerate(columns):
            ax = _axes(figure, (MARGIN + beside + i * (side + EDGE), top, side, ROW * len(names)))
            _column(ax, column, names)
            titles.append(ax.set_title(column.series.label, loc="left", pad=6, color=INK))
        shrink(titles, (side + EDGE - 8) * SCALE)
        written = [
            figure.text(
                (MARGIN + beside - 8) / width, 1 - (top + (i + 0.5) * ROW) / height, name,
                ha="right", va="center" if "\n" in name else "center_baseline", color=INK, fontsize=8.5, linespacing=1,
            )
            for i, name in enumerate(folded)
        ]  # fmt: skip
        shrink(written, (beside - 8) * SCALE)
        for name, text in zip(names, written, strict=True):
            mark(name, text)
        write_heading(figure, heading, width, height)
        entries: list[tuple[str, Line2D | Patch]] = [
            ("mean with interval", Line2D([], [], color=SECOND, marker="o", markersize=4.5, linewidth=1.8)),
            ("one seed", Line2D([], [], color=GENERATED, marker="o", markersize=2.5, linewidth=0)),
            ("median seed", Line2D([], [], color=INK, marker="|", markersize=6, linewidth=0)),
        ]
        if any(c.series.floor for c in columns):
            entries.append(("real against real", Patch(color=REAL, alpha=0.35, linewidth=0)))
        if any(math.isinf(v) for c in columns for runs in c.series.values for v in runs):
            entries.append(("infinite", Line2D([], [], color=GENERATED, marker=">", markersize=4, linewidth=0)))
        _legend(figure, entries, width, height)
        return style.still(figure), (width, height)


def _column(ax: Axes, column: Column, names: Sequence[str]) -> None:
    """Draw one metric of all rows."""
    series, n = column.series, len(names)
    finite = [v for run in [*series.values, *series.intervals, series.floor or ()] for v in run if math.isfinite(v)]
    if column.symlog is not None:
        ax.set_xscale("symlog", linthresh=column.symlog, linscale=0.5)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))
    if column.limits is not None:
        ax.set_xlim(column.limits)
    elif column.symlog is not None:
        ax.set_xlim(1.2 * min([-column.symlog / 2, *finite]), 2 * max([column.symlog, *finite]))
    else:
        low, high = min([0.0, *finite]), max([0.0, *finite])
        ax.set_xlim(low - 0.04 * (high - low) - 1e-9, high + 0.06 * (high - low or 1))
    if column.symlog is None:
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=ROUND))
    ax.set_ylim(n - 0.5, -0.5)
    ax.set_yticks([])
    ax.tick_params(length=3)
    ax.set_xlabel(column.x_title, color=MUTED, fontsize=8)
    ax.grid(axis="x", color=FAINT, linewidth=0.5, alpha=0.7)
    ax.hlines(np.arange(n - 1) + 0.5, 0, 1, color=FAINT, linewidth=0.5, transform=ax.get_yaxis_transform(), zorder=1)
    if series.floor is not None:
        ax.axvspan(*series.floor, color=REAL, alpha=0.35, linewidth=0, zorder=1)
        ax.axvline(sum(series.floor) / 2, color=REAL, linewidth=0.8, zorder=1)
    for row, name in enumerate(names):
        _row(ax, row, name, series.values[row], series.intervals[row])


def _row(ax: Axes, row: int, name: str, runs: Sequence[float], interval: tuple[float, float, float]) -> None:
    """Draw one metric of one row: its seeds and their median, the mean with its interval, and infinite seeds.

    A run that diverged is NaN.
    """
    mean, low, high = interval
    edge = ax.get_yaxis_transform()  # x from 0 to 1, y in data
    drawn: list[Artist] = [Rectangle((0, row - 0.5), 1, 1, transform=edge, facecolor=PAPER, alpha=UNSEEN, linewidth=0)]
    ax.add_artist(drawn[0])  # nothing to see; it makes the whole row react to the pointer
    seeds = [v for v in runs if math.isfinite(v)]
    drawn += ax.plot(seeds, [row + 0.24] * len(seeds), "o", color=GENERATED, markersize=2.6, alpha=0.6, mew=0)
    middle = statistics.median(v for v in runs if not math.isnan(v)) if seeds else math.nan
    if math.isfinite(middle):
        drawn += ax.plot(middle, row + 0.24, "|", color=INK, markersize=7, mew=1.2)
    if math.isfinite(mean):
        drawn.append(ax.hlines(row - 0.1, low, high, color=SECOND, linewidth=1.8))
        drawn += ax.plot(mean, row - 0.1, "o", color=SECOND, markersize=5, mec=PAPER, mew=0.7)
    for value, x, marker, sign, side in ((math.inf, 1.0, ">", "∞", "left"), (-math.inf, 0.0, "<", "−∞", "right")):
        infinite = sum(v == value for v in runs)
        if infinite:
            drawn += ax.plot(x, row, marker, color=GENERATED, markersize=4.5, transform=edge, clip_on=False)
            text = sign if infinite == 1 else f"{sign}×{infinite}"
            out = x + (x - 0.5) * 14 * SCALE / ax.get_window_extent().width
            drawn.append(ax.text(out, row, text, color=GENERATED, ha=side, va="center", transform=edge, fontsize=7.5))
    if all(math.isnan(v) for v in [*runs, mean]):
        said = "diverged" if runs else "not measured"
        drawn.append(ax.text(0.5, row, said, color=MUTED, ha="center", va="center", transform=edge, fontsize=7))
    for place, artist in enumerate(drawn):  # one row after the other, so that each is one mark
        artist.set_zorder(4 + row + 0.05 * place)
    mark(name, *drawn, detail=f"{mean:.3g} [{low:.3g}, {high:.3g}]" if math.isfinite(mean) else "")


def _axes(figure: Figure, box: tuple[int, int, int, int]) -> Axes:
    """Axes without a frame above and to the right; box: left, top, width, height in layout pixels."""
    (left, top, wide, tall), (width, height) = box, figure.get_size_inches() * DPI
    ax = figure.add_axes((left / width, 1 - (top + tall) / height, wide / width, tall / height))
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _legend(figure: Figure, entries: Sequence[tuple[str, Line2D | Patch]], width: int, height: int) -> None:
    """Write the legend as one line under the heading, smaller if it would not fit."""
    legend = figure.legend(
        [mark for _, mark in entries], [text for text, _ in entries], loc="center left", ncols=len(entries),
        bbox_to_anchor=(MARGIN / width, 1 - 42 / height), frameon=False, fontsize=8, labelcolor=MUTED,
        handlelength=1.6, columnspacing=1.4, borderpad=0, borderaxespad=0,
    )  # fmt: skip
    room, needed = (width - 2 * MARGIN) * SCALE, legend.get_window_extent().width
    for text in legend.get_texts():
        text.set_fontsize(8 * min(1.0, room / needed))


def _thousands(value: float, _: int) -> str:
    """Short tick labels for narrow charts: 20k for 20,000."""
    return f"{value:g}" if abs(value) < 1_000 else f"{value / 1e3:,g}k"
