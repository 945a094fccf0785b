"""Distances that fall by powers of ten during training: measured lines over the exact ones, on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter
from numpy.typing import NDArray

from modescope.figures import style
from modescope.figures.canvas import MARGIN, write_heading
from modescope.figures.marks import mark
from modescope.figures.stills import SCALE
from modescope.figures.style import FAINT, INK, MUTED, Still, new_figure, theme

WIDTH, HEIGHT = 640, 330  # of the axes; lengths in layout pixels
LEFT, RIGHT, TOP, BOTTOM = 56, 170, 62, 44
OVER = 1.12  # of the height: labels may stand as high, beside the heading
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
APART = 0.036  # of the height: labels at the right end are at least so far from each other


@dataclass(frozen=True)
class Decay:
    """One entry: its distance at some steps, measured and exact."""

    name: str
    measured: NDArray[np.floating]  # (steps,)
    exact: NDArray[np.floating]  # (steps,); NaN where it is not known
    group: str


def still(
    decays: Sequence[Decay],
    steps: NDArray[np.number],
    colours: Mapping[str, str],
    heading: str,
    y_label: str,
    limits: tuple[float, float],
) -> tuple[Still, tuple[int, int]]:
    """One line an entry with its name at the right; `limits` of the vertical axis cut lines off.

    Returns the picture and its size in layout pixels. Raises ValueError without entries, and where one does not have a
    value for each step.
    """
    if not decays or any(d.measured.shape != steps.shape or d.exact.shape != steps.shape for d in decays):
        raise ValueError(f"{len(decays)} entries; at least one is needed, with a value at each of {len(steps)} steps")
    low, high = limits
    with theme():
        scratch = new_figure(10, 10)
        needed = max(scratch.text(0, 0, d.name, fontsize=7.5).get_window_extent().width for d in decays)
        width, height = MARGIN + LEFT + WIDTH + max(RIGHT, math.ceil(needed) + 2 * MARGIN), TOP + HEIGHT + BOTTOM
        figure = new_figure(width, height, SCALE)
        box = ((MARGIN + LEFT) / width, BOTTOM / height, WIDTH / width, HEIGHT / height)
        ax = figure.add_axes(box)
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power(value)))
        ax.yaxis.set_minor_formatter(NullFormatter())
        for decay in decays:
            drawn = ax.plot(steps, decay.measured, color=colours[decay.group], linewidth=2.6, alpha=0.45, zorder=2)
            drawn += ax.plot(steps, decay.exact, color=INK, linewidth=0.7, linestyle=(0, (2, 2)), zorder=3)
            mark(decay.name, *drawn)
        ax.set(xlim=(float(steps[0]), float(steps[-1])), ylim=limits)
        ax.grid(color=FAINT, linewidth=0.5, alpha=0.7)
        ax.set_axisbelow(True)
        ax.set_xlabel("step", color=MUTED, fontsize=8)
        ax.set_ylabel(y_label, color=MUTED, fontsize=8)
        ends = [float(np.clip(np.log(d.measured[-1] / low) / np.log(high / low), 0, 1)) for d in decays]
        for decay, y in zip(decays, apart(ends, APART), strict=True):
            colour = colours[decay.group]
            text = ax.text(1.012, y, decay.name, transform=ax.transAxes, color=colour, fontsize=7.5, va="center")
            mark(decay.name, text)
        write_heading(figure, heading, width, height)
        entries = {group: Line2D([], [], color=c, linewidth=2.6, alpha=0.6) for group, c in colours.items()}
        entries = {group: line for group, line in entries.items() if group in {d.group for d in decays}}
        entries["exact"] = Line2D([], [], color=INK, linewidth=0.7, linestyle=(0, (2, 2)))
        figure.legend(
            list(entries.values()), list(entries), loc="center left", bbox_to_anchor=(MARGIN / width, 1 - 42 / height),
            ncols=len(entries), frameon=False, fontsize=8, labelcolor=MUTED, borderpad=0, borderaxespad=0,
        )  # fmt: skip
        return style.still(figure), (width, height)


def power(value: float) -> str:
    """A power of ten as one writes it: 0.01 -> 10⁻²."""
    return f"10{str(round(math.log10(value))).translate(RAISED)}"


def apart(places: Sequence[float], least: float) -> list[float]:
    """The places, moved until neighbours are at least `least` apart, within 0 and OVER if they fit; the order stays."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    found = [places[i] for i in order]
    for _ in range(200):
        found[0], found[-1] = max(found[0], 0.0), min(found[-1], OVER)
        for a in range(len(found) - 1):
            missing = least - (found[a + 1] - found[a])
            if missing > 1e-9:
                found[a], found[a + 1] = found[a] - missing / 2, found[a + 1] + missing / 2
    moved = [0.0] * len(places)
    for i, value in zip(order, found, strict=True):
        moved[i] = value
    return moved
