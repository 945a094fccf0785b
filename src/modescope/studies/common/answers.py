"""Findings about a swept setting in words, computed from the scores: at its values, below and from the data's own."""

from __future__ import annotations

import math
from collections.abc import Callable

from modescope.formatting import counted, estimate, in_letters, listing, number, percent, percents
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask


def coverage(scores: Scores, experiment: str, key: str, noun: str) -> str:
    """Coverage at the least value of a swept key and at the value with the highest mean, and which intervals overlap.

    `noun` names one unit of the key. Empty if fewer than two values have scores, or if there is no floor.
    """
    dataset, arms = ask.dataset(scores, experiment), ask.along(ask.arms(scores, experiment), key)
    found = {value: ask.mean(scores, experiment, arm, "coverage") for value, arm in arms.items()}
    found = {value: e for value, e in found.items() if e.n}
    floor = ask.floor(scores, dataset, "coverage")
    if len(found) < 2 or not floor.size:
        return ""
    least, best = min(found), max(found, key=lambda value: found[value].value)
    close = [str(value) for value, e in found.items() if value != best and not e.high < found[best].low]
    those = f"{'those' if close[1:] else 'that'} of {listing(close)}" if close else "no other"
    return (
        f"{ask.title(scores, dataset)}: {counted(least, noun)} cover{'s' * (least == 1)} {estimate(found[least])} of "
        f"the real points; a perfect sampler covers {number(float(floor.mean()))}. The highest mean is "
        f"{estimate(found[best])}, with {counted(best, noun)}; its interval overlaps {those}."
    )


def means(scores: Scores, experiment: str, key: str, metric: str) -> dict[int, float]:
    """The mean by value of a swept key, ascending; values without scores are left out."""
    arms = ask.along(ask.arms(scores, experiment), key)
    found = {value: ask.mean(scores, experiment, arm, metric).value for value, arm in arms.items()}
    return {value: mean for value, mean in found.items() if not math.isnan(mean)}


def split(scores: Scores, key: str, metric: str, at: int) -> tuple[list[float], list[float]]:
    """The means of all experiments below a value of a swept key, and from it on."""
    found = [means(scores, e, key, metric) for e in ask.experiments(scores)]
    below, others = ([mean for one in found for v, mean in one.items() if (v < at) == low] for low in (True, False))
    return below, others


def covered(scores: Scores, key: str, noun: str, at: int) -> str:
    """Coverage below a value of a swept key and from it on, as a sentence; empty unless there are scores of both."""
    below, others = split(scores, key, "coverage", at)
    if not below or not others:
        return ""
    few = counted(at - 1, noun) if at == 2 else f"fewer than {counted(at, noun)}"
    return f"With {few}, a GAN covers {percents(below)} of the real points, with more {percents(others)}."


def best(
    scores: Scores,
    experiment: str,
    key: str,
    noun: str,
    metric: str,
    words: str,
    show: Callable[[float], str] = percent,
    *,
    most: bool = True,
) -> str:
    """Where the mean of a metric is best, then its means at the least and the greatest value of a swept key.

    `words` say what is best there: "Most modes are covered". Values that are best in print are all named. Empty if
    fewer than two values have scores, or if all means are alike in print.
    """
    found = means(scores, experiment, key, metric)
    shown = {value: show(mean) for value, mean in found.items()}
    if len(set(shown.values())) < 2:
        return ""
    top = shown[(max if most else min)(found, key=lambda value: found[value])]
    *others, last = [value for value, text in shown.items() if text == top]
    names = listing([*(in_letters(value) for value in others), counted(last, noun)])
    ends = [value for value in dict.fromkeys([min(found), max(found)]) if shown[value] != top]
    rest = ", ".join(f"{shown[value]} with {in_letters(value)}" for value in ends)
    return f"{words} with {names}, {top} on average{'; ' if rest else ''}{rest}."
