"""Formats numbers for readers: three significant digits, a typographic minus sign, ∞, and – for a missing value."""

from __future__ import annotations

import math
from collections.abc import Sequence

from modescope.statistics import Estimate

NONE = "–"
LETTERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


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


def percent(share: float) -> str:
    """A share with two significant digits: 0.2 %, 11 %, 100 %; never 100 % for less than all, – for not a number."""
    return percents([share])


def percents(shares: Sequence[float]) -> str:
    """The range of some shares: 3.2 to 11 %; one number where both ends are the same in print."""
    ends = [_hundredths(one) for one in (min(shares), max(shares))] if not any(map(math.isnan, shares)) else [NONE]
    return NONE if NONE in ends else f"{' to '.join(dict.fromkeys(ends))} %"


def _hundredths(share: float) -> str:
    rounded = float(f"{100 * share:.2g}")
    return number(math.floor(1000 * share) / 10 if rounded == 100 and share < 1 else rounded)


def numbers(values: Sequence[float]) -> str:
    """The range of some values: 1.65 to 3.02; one number where both ends are the same in print."""
    return " to ".join(dict.fromkeys(number(one) for one in (min(values), max(values))))


def counted(n: int, word: str) -> str:
    """`one mode`, `ten modes`, `100 modes`: in letters up to ten, as in running text."""
    return f"{in_letters(n)} {word}{'' if n == 1 else 's'}"


def in_letters(n: int) -> str:
    """A number up to ten as a word, above in figures."""
    return LETTERS[n] if 0 <= n < len(LETTERS) else f"{n:,}"


def sentence(text: str) -> str:
    """The text with a capital first."""
    return text[:1].upper() + text[1:]


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


def series(names: Sequence[str]) -> str:
    """A listing of names that may have commas of their own: then semicolons part them."""
    return "; ".join(names) if any("," in name for name in names) else listing(names)


def listing(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
