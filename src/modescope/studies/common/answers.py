"""Findings in words, computed from the scores, with the intervals that overlap the best one."""

from __future__ import annotations

from modescope.formatting import estimate, listing, number, plural
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
        f"{ask.title(scores, dataset)}: {plural(least, noun)} cover{'s' * (least == 1)} {estimate(found[least])} of "
        f"the real "
        f"points; a perfect sampler covers {number(float(floor.mean()))}. The highest mean is "
        f"{estimate(found[best])}, with {plural(best, noun)}; its interval overlaps {those}."
    )
