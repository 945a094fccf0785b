"""Formats numbers for readers: three significant digits, a typographic minus sign, ∞, and – for a missing value."""

from __future__ import annotations

import math

from modescope.statistics import Estimate

NONE = "–"


def number(value: float) -> str:
    """Three significant digits: 0.0412, 12.3, 1,234; ∞ for an infinity, – for not a number."""
    if math.isnan(value):
        return NONE
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value != 0 and not 1e-4 <= abs(value) < 1e6:
        mantissa, exponent = f"{value:.2e}".split("e")
        text = f"{float(mantissa):g}e{int(exponent)}"
    elif abs(value) >= 100:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.3g}"
    return text.replace("-", "−")


def interval(value: float, low: float, high: float) -> str:
    """`0.41 [0.38, 0.44]`; only the value if there is no interval."""
    if math.isnan(low) and math.isnan(high):
        return number(value)
    return f"{number(value)} [{number(low)}, {number(high)}]"


def estimate(e: Estimate) -> str:
    """An estimate with its 95 % interval."""
    return interval(e.value, e.low, e.high)


def plural(n: int, word: str) -> str:
    """`1 seed`, `3 seeds`, `1,000 seeds`."""
    return f"{n:,} {word}" + ("" if n == 1 else "s")


def in_words(name: str) -> str:
    """A name of params.yaml as words: eight_gaussians -> Eight Gaussians."""
    return name.replace("_", " ").title()


def listing(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
