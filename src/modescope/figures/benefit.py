"""Benefit against price: the share of modes that a remedy keeps over the cost of its step, one chart a dataset."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from modescope.figures import labels, marks, style
from modescope.figures.labels import Box
from modescope.figures.stills import SCALE
from modescope.figures.style import FAINT, GENERATED, INK, MUTED, PAPER, REAL, SECOND, Still, new_figure, theme

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 380, 350, 40, 8, 34, 40  # layout pixels
PRICES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # ticks of the horizontal axis
ROOM = 1.25  # of the axis beyond the lowest and the highest cost, as a factor
TOP_SHARE = 1.07  # of the vertical axis, so that a mark at 1 is whole
Kind = Literal["plain", "more", "fewer", "same"]
COLOURS: dict[Kind, str] = {"plain": INK, "more": SECOND, "fewer": GENERATED, "same": REAL}
DOT = 6.0  # points
NEAR, FAR = 8, 26  # how often a name is moved on, without and with lines below it


@dataclass(frozen=True)
class Mark:
    """One remedy on one dataset."""

    name: str  # that knows its remedy
    cost: float  # of a step, in units of the plain GAN's
    share: float  # of the modes, 0 to 1
    low: float  # of its interval; NaN for a single seed
    high: float
    kind: Kind  # the plain GAN, significantly more or fewer modes, or neither


def chart(
    shown: Sequence[Mark], heading: str, floor: tuple[float, float] | None, costs: tuple[float, float]
) -> tuple[Still, tuple[int, int]]:
    """The chart of a dataset; `floor` is the range of real points' share, `costs` the range of the horizontal axis.

    The plain GAN has a horizontal and a vertical line. Its mark and those that differ from it significantly are
    labelled, as far as there is room. Returns the picture and its size in layout pixels. Raises ValueError without
    marks, and for a cost that has no logarithm.
    """
    if not shown or min(mark.cost for mark in shown) <= 0:
        raise ValueError(f"a chart needs marks whose costs are positive, not {[mark.cost for mark in shown]}")
    with theme():
        figure = new_figure(WIDTH, HEIGHT, SCALE)
        ax = figure.add_axes((LEFT / WIDTH, BOTTOM / HEIGHT, 1 - (LEFT + RIGHT) / WIDTH, 1 - (TOP + BOTTOM) / HEIGHT))
        _axes(ax, costs)
        figure.text(4 / WIDTH, 1 - 14 / HEIGHT, heading, fontsize=9.5, fontweight="bold", va="center")
        if floor is not None:
            ax.axhspan(*floor, color=FAINT, linewidth=0, zorder=0)
        plain = next((mark for mark in shown if mark.kind == "plain"), None)
        if plain is not None:
            ax.axhline(plain.share, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
            ax.axvline(plain.cost, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        order: list[Kind] = ["same", "fewer", "more", "plain"]
        for mark in sorted(shown, key=lambda mark: order.index(mark.kind)):
            _mark(ax, mark)
        _label(figure, ax, sorted(shown, key=lambda mark: (-order.index(mark.kind), -mark.share)))
        return style.still(figure), (WIDTH, HEIGHT)


def price_range(costs: Sequence[float]) -> tuple[float, float]:
    """The horizontal axis for these costs, a little wider."""
    return min([*costs, 1.0]) / ROOM, max([*costs, 1.0]) * ROOM


def _axes(ax: Axes, costs: tuple[float, float]) -> None:
    ax.set_xscale("log")
    ax.set_xlim(costs)
    ax.set_ylim(-0.02, TOP_SHARE)
    ax.xaxis.set_major_locator(FixedLocator([price for price in PRICES if costs[0] <= price <= costs[1]]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda price, _: f"{price:g}×"))
    ax.yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f} %"))
    ax.grid(axis="y", color=FAINT, linewidth=0.6, zorder=0)
    ax.tick_params(length=0)
    ax.set_xlabel("cost of a step, plain GAN = 1×", color=MUTED, fontsize=8)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)


def _mark(ax: Axes, mark: Mark) -> None:
    colour, filled, drawn = COLOURS[mark.kind], mark.kind != "same", []
    if mark.low == mark.low:
        ends = [min(max(end, 0.0), 1.0) for end in (mark.low, mark.high)]
        drawn += ax.plot([mark.cost] * 2, ends, color=colour, linewidth=1.1, alpha=0.75 if filled else 0.6, zorder=2)
    drawn += ax.plot(
        [mark.cost], [mark.share], marker="D" if mark.kind == "plain" else "o", markersize=DOT,
        markerfacecolor=colour if filled else PAPER, markeredgecolor=colour, markeredgewidth=1.3, linewidth=0, zorder=3,
    )  # fmt: skip
    _tell(mark, *drawn)


def _tell(mark: Mark, *artists: Artist) -> None:
    """Let artists be marks of the remedy, which say how much it keeps at which price."""
    whisker = f" [{100 * mark.low:.0f}, {100 * mark.high:.0f}]" if mark.low == mark.low else ""
    told = f"{100 * mark.share:.0f}{whisker} %, {mark.cost:.2g} times the cost"
    marks.mark(mark.name, *artists, detail=told)


def _label(figure: Figure, ax: Axes, shown: Sequence[Mark]) -> None:
    """Names beside the marks, in this order as long as there is room; those without significance have none."""
    half = DOT * figure.dpi / 72 / 2 * 1.2
    places = [tuple(ax.transData.transform((mark.cost, mark.share))) for mark in shown]
    taken = [Box(x - half, y - half, x + half, y + half) for x, y in places]
    thin, inside = _lines(ax, shown), Box(*ax.bbox.extents)
    for mark, (x, y) in zip(shown, places, strict=True):
        if mark.kind == "same":
            continue
        weight = "bold" if mark.kind == "plain" else "normal"
        words = figure.text(0, 0, mark.name, fontsize=7.5, color=INK, fontweight=weight)
        extent = words.get_window_extent()
        size = (extent.width, extent.height)
        found = labels.place((x, y), size, [*taken, *thin], inside, half, NEAR)
        found = found or labels.place((x, y), size, taken, inside, half, FAR)  # over a line, if it must be
        if found is None:
            words.remove()
            continue
        _tell(mark, words)
        taken.append(found)
        words.set_position((found.left / figure.bbox.width, found.bottom / figure.bbox.height))
        words.set_verticalalignment("bottom")
        end = found.nearest((x, y))
        if math.dist(end, (x, y)) > 2 * half:
            line = ax.transData.inverted().transform([(x, y), end])
            ax.plot(line[:, 0], line[:, 1], color=MUTED, linewidth=0.5, zorder=1.5)


def _lines(ax: Axes, shown: Sequence[Mark]) -> list[Box]:
    """The whiskers and the plain GAN's lines, which names should not cross."""
    found = []
    for mark in shown:
        (x, low), (_, high) = ax.transData.transform([(mark.cost, mark.low), (mark.cost, mark.high)])
        if low == low:
            found.append(Box(x - 1, low, x + 1, high))
        if mark.kind == "plain":
            y = ax.transData.transform((mark.cost, mark.share))[1]
            found += [Box(x - 1, ax.bbox.y0, x + 1, ax.bbox.y1), Box(ax.bbox.x0, y - 1, ax.bbox.x1, y + 1)]
    return found
