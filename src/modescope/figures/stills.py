"""Still figures, drawn by seaborn and matplotlib: points in the plane, and metrics against a swept setting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from modescope.figures import style
from modescope.figures.canvas import Panel, draw, write_counter
from modescope.figures.style import FAINT, GENERATED, INK, MUTED, REAL, SECOND, Still, new_figure, theme

SCALE = 2  # pixels for each layout pixel, for dense screens and print
COLOURS = (GENERATED, SECOND)
CHART_HEIGHT, CHART_TOP, CHART_BOTTOM, CHART_LEFT = 210, 60, 44, 58
CHART_WIDTH = 1_000
DODGE = 0.8  # as in seaborn: the fraction of a category's width that its series share
BESIDE = 0.17  # offset of a mean to the right of its runs


def scatter(
    panels: Sequence[Panel],
    points: Sequence[NDArray[np.floating]],
    heading: str,
    step: int | None = None,
    columns: int | None = None,
) -> tuple[Still, tuple[int, int]]:
    """Generated points (n, 2) of every panel in red over the real points in grey; centres as crosses.

    n may be 0. The panels form one row or rows of `columns`. Returns the picture and its size in layout
    pixels, the same as that of `animation.animate`. Raises ValueError if panels and points do not match.
    """
    if len(points) != len(panels):
        raise ValueError(f"{len(panels)} panels do not match {len(points)} sets of points")
    with theme():
        canvas = draw(panels, heading, SCALE, columns)
        size = 7.0 if len(panels) < 3 else 3.0  # square points
        for ax, panel, xy in zip(canvas.axes, panels, points, strict=True):
            ax.scatter(panel.real[:, 0], panel.real[:, 1], s=size, c=REAL, alpha=0.45, linewidths=0)
            seen = xy[np.isfinite(xy).all(axis=1)]
            ax.scatter(seen[:, 0], seen[:, 1], s=size, c=GENERATED, alpha=0.6, linewidths=0)
            if panel.centres is not None:
                x, y = panel.centres.T
                ax.scatter(x, y, s=8 * size, c=INK, marker="+", linewidths=0.9)
        if step is not None:
            write_counter(canvas, step)
        return style.still(canvas.figure), (canvas.size[0] // SCALE, canvas.size[1] // SCALE)


@dataclass(frozen=True)
class Series:
    """One metric at every position of the x axis."""

    label: str
    values: Sequence[Sequence[float]]  # by position, one per run; may be infinite
    intervals: Sequence[tuple[float, float, float]]  # mean, low, high of the finite runs; NaN if there are none
    floor: tuple[float, float] | None = None  # low and high of the floor band (real against real)


@dataclass(frozen=True)
class Chart:
    """One set of axes."""

    title: str
    y_title: str
    series: Sequence[Series]
    symlog: float | None = None  # linear up to this value, logarithmic beyond
    limits: tuple[float, float] | None = None


def against(charts: Sequence[Chart], positions: Sequence[Sequence[str]], x_title: str) -> tuple[Still, tuple[int, int]]:
    """Charts side by side: the mean with its interval, every run as a small dot, the floor as a band.

    `positions` (by chart) are evenly spaced categories. An infinite run is a triangle at the top edge
    with an infinity sign. Returns the picture and its size in layout pixels. Raises ValueError for no charts
    or another number of lists of positions.
    """
    if not charts or len(charts) != len(positions):
        raise ValueError(f"{len(charts)} charts do not match {len(positions)} lists of positions")
    n = len(charts)
    side = min(420, (CHART_WIDTH - n * CHART_LEFT - 20) // n)
    width, height = n * (CHART_LEFT + side) + 20, CHART_TOP + CHART_HEIGHT + CHART_BOTTOM
    with theme():
        figure = new_figure(width, height, SCALE)
        for i, (chart, names) in enumerate(zip(charts, positions, strict=True)):
            box = (
                (CHART_LEFT + i * (CHART_LEFT + side)) / width,
                CHART_BOTTOM / height,
                side / width,
                CHART_HEIGHT / height,
            )
            _chart(figure.add_axes(box), chart, list(names), x_title)
        return style.still(figure), (width, height)


def _chart(ax: Axes, chart: Chart, names: list[str], x_title: str) -> None:
    """Draw one chart. The scale is set first, because the swarm of dots is laid out in screen coordinates."""
    if chart.symlog is not None:
        ax.set_yscale("symlog", linthresh=chart.symlog, linscale=0.5)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))
    finite = [v for s in chart.series for run in [*s.values, *s.intervals] for v in run if math.isfinite(v)]
    if chart.limits is not None:
        ax.set_ylim(chart.limits)
    elif finite:
        low, high = min(0.0, *finite), max(finite)
        ax.set_ylim(low - 0.04 * (high - low) - (low < 0) * 1e-3, high + 0.1 * (high - low) + 1e-3)
    if chart.symlog is not None and finite and chart.limits is None:
        ax.set_ylim(min(-chart.symlog / 2, *finite) * 1.2, max(chart.symlog, *finite) * 2)
    if chart.symlog is None:
        ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.grid(axis="y", color=FAINT, linewidth=0.5, alpha=0.7)
    ax.set_axisbelow(True)
    for i, series in enumerate(chart.series):
        if series.floor is not None:
            low, high = series.floor
            ax.axhspan(low, high, color=REAL, alpha=0.28, linewidth=0)
            ax.axhline((low + high) / 2, color=REAL, linewidth=0.8, alpha=0.8)
        offset = (i - (len(chart.series) - 1) / 2) * DODGE / len(chart.series)
        _series(ax, series, COLOURS[i % len(COLOURS)], offset)
    _dots(ax, chart, names)
    ax.set_xticks(range(len(names)), names)
    ax.set_xlabel(x_title, color=MUTED, fontsize=8)
    ax.set_ylabel(chart.y_title, color=MUTED, fontsize=8)
    ax.set_title(chart.title, loc="left", pad=28)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    _legend(ax, chart)


def _series(ax: Axes, series: Series, colour: str, offset: float) -> None:
    """Draw means joined by a line, intervals as bars beside the runs' dots, and infinite runs at the top edge."""
    mean, low, high = np.array(series.intervals, dtype=float).reshape(-1, 3).T
    x = np.arange(len(mean)) + offset + BESIDE
    ax.plot(x, mean, color=colour, linewidth=1.0, alpha=0.4, zorder=3)
    ax.vlines(x, low, high, color=colour, linewidth=1.8, zorder=4)
    ax.plot(x, mean, "o", color=colour, markersize=4.5, markeredgecolor="white", markeredgewidth=0.8, zorder=5)
    for place, runs in zip(x, series.values, strict=True):
        infinite = sum(math.isinf(v) for v in runs)
        if infinite:
            top = ax.get_xaxis_transform()  # x in data, y from 0 to 1
            ax.plot(place, 0.975, "^", color=colour, markersize=5, transform=top, clip_on=False, zorder=6)
            text = "∞" if infinite == 1 else f"∞×{infinite}"
            ax.text(place, 1.01, text, color=colour, ha="center", va="bottom", transform=top, fontsize=8)


def _dots(ax: Axes, chart: Chart, names: list[str]) -> None:
    """Draw every finite run as a dot, equal values side by side."""
    rows = [
        (names[position], series.label, value)
        for series in chart.series
        for position, runs in enumerate(series.values)
        for value in runs
        if math.isfinite(value)
    ]
    if not rows:
        return
    import seaborn as sns  # takes longer than all of matplotlib, and no other figure needs it

    frame = pd.DataFrame(rows, columns=["x", "series", "value"])
    labels = [s.label for s in chart.series]
    sns.swarmplot(
        frame, x="x", y="value", hue="series", order=names, hue_order=labels, dodge=len(labels) > 1, ax=ax, size=3,
        palette=list(COLOURS[: len(labels)]), alpha=0.6, legend=False, warn_thresh=1.0, zorder=2,
    )  # fmt: skip


def _legend(ax: Axes, chart: Chart) -> None:
    """Write the names of the series, in their colours, and of the floor above the axes."""
    entries = (
        [(s.label, COLOURS[i % len(COLOURS)]) for i, s in enumerate(chart.series)] if len(chart.series) > 1 else []
    )
    if any(s.floor is not None for s in chart.series):
        entries.append(("real against real", MUTED))
    x, pixel = 0.0, SCALE / ax.get_window_extent().width  # a layout pixel as a share of the axes
    for text, colour in entries:
        mark, tint = ("▬", REAL) if colour == MUTED else ("●", colour)
        ax.text(x, 1.105, mark, color=tint, transform=ax.transAxes, fontsize=7)
        ax.text(x + 14 * pixel, 1.105, text, color=MUTED, transform=ax.transAxes, fontsize=7.5)
        x += (28 + 6 * len(text)) * pixel
