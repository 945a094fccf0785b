"""What the study `point` finds, in sentences computed from the scores: its answer and the headings of its figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from modescope.formatting import counted, estimate, in_letters, listing, numbers, percent, percents
from modescope.statistics import judge
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask
from modescope.studies.point import settings as point
from modescope.studies.point.settings import Setting

NUMBER = "finds the number in"


def success(scores: Scores) -> str:
    """The best setting beside the baseline, and whether it is significantly better."""
    found = point.by_success(scores)
    if not found:
        return ""
    best, rate = found[0]
    base = next(((s, e) for s, e in found if s == point.find(scores, "baseline")), None)
    if base is None:
        return f"{best.title} {NUMBER} {percent(rate.value)} of the runs, the most of all settings."
    plain = f"{percent(base[1].value)} of {base[1].n:,} runs"
    if best == base[0] or judge(rate, base[1].high, 1.0) != "supported":
        others = ", and no setting significantly more often" if len(found) > 1 else ""
        return f"The baseline {NUMBER} {plain}{others}."
    return f"{best.title} {NUMBER} {percent(rate.value)} of the runs, the baseline in {plain}."


def groups(scores: Scores) -> list[str]:
    """Which settings succeed significantly more or less often than the baseline, best first."""
    baseline = point.find(scores, "baseline")
    if baseline is None or not len(point.successes(scores, baseline)):
        return []
    rate = point.share(scores, baseline)
    words = {"more": "Significantly more often", "less": "Significantly less often", "same": "Intervals overlap"}
    told: dict[str, list[str]] = {key: [] for key in words}
    for setting, found in point.by_success(scores):
        if setting != baseline:
            more = judge(found, rate.high, 1.0) == "supported"
            less = judge(found, 0.0, rate.low) == "supported"
            told["more" if more else "less" if less else "same"].append(f"{setting.title} ({percent(found.value)})")
    lists = [f"{words[key]}: {listing(those)}." for key, those in told.items() if those]
    return [f"The baseline’s share of successful runs is {estimate(rate)}.", *lists]


def progress(scores: Scores, found: Sequence[Setting], name: str, symbol: str, ideal: str) -> str:
    """Where the mean of w or b ends, over the settings."""
    means = [ask.finite_mean(scores, s.experiment, s.arm, f"final_{name}").value for s in found]
    means = [mean for mean in means if not np.isnan(mean)]
    return f"On average {symbol} ends at {numbers(means)}, where {ideal} is right." if means else ""


def typical(scores: Scores, found: Sequence[tuple[Setting, int]]) -> str:
    """In how many settings the seed that is shown succeeds."""
    hits = sum(bool(point.successes(scores, setting)[seed]) for setting, seed in found)
    if hits == len(found):
        return "In every setting, a typical seed finds the number."
    if not hits:
        return "In no setting does a typical seed find the number."
    return f"In {in_letters(hits)} of {counted(len(found), 'setting')}, a typical seed finds the number."


def failing(scores: Scores) -> str:
    """In how many settings seeds fail, and how many of them."""
    every = [rate.value for _, rate in point.by_success(scores)]
    shares = [1 - rate for rate in every if rate < 1]
    if not shares:
        return ""
    where = "every setting" if len(shares) == len(every) else f"{in_letters(len(shares))} of {len(every)} settings"
    return f"Seeds fail in {where}: {percents(shares)} of them."
