"""A row of a forest plot: an effect with its interval beside the range in which its claim holds, in per cent."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from modescope.formatting import estimate, number
from modescope.statistics import Estimate

MIDDLE, REACH = 50.0, 44.0  # per cent: where the bound lies, and how far from it the farthest end of an interval
BAND = 15.0  # per cent: half the width of a range with two bounds, unless the interval needs more room


@dataclass(frozen=True)
class Row:
    """Positions from 0 (left) to 100; the scale is the row's own, and the side on which the claim holds is the right.

    A claim that holds for small effects is mirrored. A range with two bounds is a band around the middle.
    """

    point: float | None  # None without a value
    whisker: tuple[float, float] | None  # from left to right; None for a single seed
    holds: tuple[float, float] | None  # None where the rule has no bound
    bounds: tuple[float, ...]  # edges of `holds` that lie inside
    zero: float | None  # no effect, unless it lies outside
    beyond: tuple[bool, bool]  # whether something lies farther to the left, to the right, than can be drawn
    mirrored: bool


def row(effect: Estimate, low: float, high: float) -> Row:
    """The row of an effect whose claim holds from `low` to `high`; either may be infinite.

    An infinite value or end of an interval lies at the edge. Raises ValueError unless low <= high.
    """
    if not low <= high:
        raise ValueError(f"low ({low}) must not exceed high ({high})")
    mirrored = math.isinf(low) and math.isfinite(high)
    place = _scale(effect, low, high, mirrored=mirrored)
    ends = [end for end in (effect.low, effect.high) if not math.isnan(end)]
    whisker = _ordered(place(end) for end in ends) if len(ends) == 2 else None
    drawn = [effect.value, *ends]
    edges = [place(bound) for bound in (low, high) if math.isfinite(bound)]
    zero = place(0.0)
    return Row(
        point=None if math.isnan(effect.value) else place(effect.value),
        whisker=whisker,
        holds=_ordered((place(low), place(high))) if edges else None,
        bounds=tuple(sorted(edges)),
        zero=zero if 0 < zero < 100 else None,
        beyond=(
            (math.inf if mirrored else -math.inf) in drawn,
            (-math.inf if mirrored else math.inf) in drawn,
        ),
        mirrored=mirrored,
    )


def told(effect: Estimate, low: float, high: float) -> str:
    """The row in words: the effect with its interval, and where the claim holds."""
    measured = estimate(effect) if effect.n else "nothing measured"
    return f"{measured}; {ranged(low, high)}" if ranged(low, high) else measured


def ranged(low: float, high: float) -> str:
    """The range in which a claim holds, in words; empty without a bound."""
    if math.isfinite(low) and math.isfinite(high):
        return f"holds from {number(low)} to {number(high)}"
    if math.isfinite(low):
        return f"holds from {number(low)} up"
    return f"holds up to {number(high)}" if math.isfinite(high) else ""


def _scale(effect: Estimate, low: float, high: float, *, mirrored: bool) -> Callable[[float], float]:
    """Value -> per cent: linear, the finite numbers within REACH of the middle; infinite ones at the edges."""
    bounds = [bound for bound in (low, high) if math.isfinite(bound)]
    numbers = [x for x in (effect.value, effect.low, effect.high) if math.isfinite(x)]
    middle = sum(bounds or numbers[:1]) / max(1, len(bounds or numbers[:1]))
    farthest = max([abs(x - middle) for x in numbers], default=0.0)
    half = abs(bounds[1] - bounds[0]) / 2 if len(bounds) == 2 else 0.0
    wanted = [room / size for room, size in ((REACH, farthest), (BAND, half)) if size > 0]
    per_unit = min(wanted, default=0.0) * (-1 if mirrored else 1)

    def place(value: float) -> float:
        if math.isinf(value):
            return 100.0 if (value > 0) != mirrored else 0.0
        return round(MIDDLE + (value - middle) * per_unit, 2)

    return place


def _ordered(pair: Iterable[float]) -> tuple[float, float]:
    left, right = sorted(pair)
    return left, right
