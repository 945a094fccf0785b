"""Pictures of the points as vector graphics: two panels in the plane, or histograms on the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modescope.datasets import Array
from modescope.formatting import number
from modescope.metrics.common.neighbours import flat
from modescope.scoring.found import Found
from modescope.scoring.modes import Mode, State
from modescope.scoring.plane import Plane, plane, ticks

MOST = 2_500  # points that a panel shows
BINS = 60
LEAST = 5.0  # radius of the smallest mode that is drawn, in pixels
NAMED = 30  # modes that have their number beside them at most
LEFT, TOP, RIGHT, BOTTOM, SIDE = 44.0, 8.0, 392.0, 356.0, 348.0  # the frame of a square panel, in pixels


@dataclass(frozen=True)
class Circle:
    """A mode as an ellipse, in pixels."""

    number: str
    x: float
    y: float
    rx: float
    ry: float
    state: State


@dataclass(frozen=True)
class Panel:
    """One picture: dots and lines as paths, each with the class of its colour."""

    title: str
    width: float
    height: float
    paths: list[tuple[str, str]]  # class, and `d`
    circles: list[Circle]
    across: list[tuple[float, str]]  # ticks of the horizontal axis: pixel, number
    up: list[tuple[float, str]]
    names: tuple[str, str]  # of the axes
    outside: int = 0  # generated points that the window does not show


def panels(found: Found, modes: Sequence[Mode], missing: NDArray[np.bool_] | None) -> list[Panel]:
    """The pictures of what was compared: real points beside generated ones, or both on the line.

    `missing` marks the real points (n,) that have no generated point near them.
    """
    if flat(found.real).shape[1] == 1:
        return [_line(found, modes)]
    centres = np.array([mode.centre for mode in modes]) if modes else None
    seen = plane(found.real, found.fake, found.others, centres)
    far = np.zeros(len(found.real), np.bool_) if missing is None else missing
    real, fake = seen.of(found.real)[:MOST], seen.of(found.fake)
    out = int(np.sum(((fake < seen.low) | (fake > seen.high)).any(axis=1)))
    circles = _circles(seen, modes, found.asked.dataset.mode_std or 0.0)
    axes = _axes(seen)
    far = far[:MOST]
    return [
        Panel("Real", 400, 400, [("real", _dots(seen, real[~far])), ("missed", _dots(seen, real[far]))], [], *axes),
        Panel("Generated", 400, 400, [("generated", _dots(seen, fake[:MOST]))], circles, *axes, out),
    ]


def _scale(seen: Plane) -> Array:
    """Pixels a unit, (2,)."""
    return np.asarray(SIDE / (seen.high - seen.low))


def _pixels(seen: Plane, at: Array) -> Array:
    """Coordinates (n, 2) as pixels, from the upper left corner."""
    x, y = ((at - seen.low) * _scale(seen)).T
    return np.column_stack([LEFT + x, BOTTOM - y])


def _dots(seen: Plane, at: Array) -> str:
    """A path that draws a dot at each place inside the window: a line of no length with round ends."""
    inside = at[((at >= seen.low) & (at <= seen.high)).all(axis=1)]
    return "".join(f"M{x:.1f} {y:.1f}h0" for x, y in _pixels(seen, inside).tolist())


def _circles(seen: Plane, modes: Sequence[Mode], std: float) -> list[Circle]:
    """The modes out to three deviations, or a little larger where that could not be seen."""
    if not modes:
        return []
    places = _pixels(seen, seen.of(np.array([mode.centre for mode in modes])))
    rx, ry = (max(LEAST, float(3 * std * scale)) for scale in _scale(seen))
    names = [str(mode.number) if len(modes) <= NAMED else "" for mode in modes]
    return [
        Circle(name, float(x), float(y), rx, ry, mode.state)
        for name, mode, (x, y) in zip(names, modes, places, strict=True)
    ]


def _axes(seen: Plane) -> tuple[list[tuple[float, str]], list[tuple[float, str]], tuple[str, str]]:
    """Ticks of both axes, and their names."""
    (left, low), (right, high), (x, y) = seen.low, seen.high, _scale(seen)
    across = [(float(LEFT + (at - left) * x), number(at)) for at in ticks(float(left), float(right))]
    up = [(float(BOTTOM - (at - low) * y), number(at)) for at in ticks(float(low), float(high))]
    return across, up, seen.names


def _line(found: Found, modes: Sequence[Mode]) -> Panel:
    """Histograms of both sets over the real range, with the modes as marks below."""
    real, fake = flat(found.real)[:, 0], flat(found.fake)[:, 0]
    low, high = float(real.min()), float(real.max())
    width = high - low or 1.0
    low, high = low - 0.1 * width, high + 0.1 * width
    edges = np.linspace(low, high, BINS + 1)
    shares = [np.histogram(x, edges)[0] / len(x) for x in (real, fake)]
    top = float(max(map(np.max, shares))) * 1.06
    out = int(np.sum((fake < low) | (fake > high)))

    def across(at: float) -> float:
        return 44 + (at - low) / (high - low) * 740

    def steps(share: Array) -> str:
        heights = [f"{TOP + (1 - value / top) * 212:.1f}" for value in share]
        ends = [f"{across(edge):.1f}" for edge in edges]
        return f"M{ends[0]} 220" + "".join(f"V{y}H{x}" for y, x in zip(heights, ends[1:], strict=True)) + "V220"

    std = found.asked.dataset.mode_std or 0.0
    radius = max(LEAST, 3 * std / (high - low) * 740)
    return Panel(
        "Real and generated",
        800,
        264,
        [("bars", steps(shares[0])), ("outline", steps(shares[1]))],
        [Circle("", across(float(mode.centre[0])), 220, radius, 5, mode.state) for mode in modes],
        [(across(at), number(at)) for at in ticks(low, high, 6)],
        [(TOP + (1 - at / top) * 212, f"{100 * at:.3g} %") for at in ticks(0, top, 3)],
        ("coordinate", "share of the points"),
        out,
    )
