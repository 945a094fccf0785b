"""The figure of the places of all remedies at all settings, and what it says in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from modescope.figures import ranks as drawing
from modescope.figures.marks import Named
from modescope.formatting import estimate, in_letters, listing, number
from modescope.statistics import Estimate
from modescope.studies import Figure
from modescope.studies.common import ranks
from modescope.studies.common.ranks import FACTORS, Measured


def figure(found: Measured, caption: str, experiments: Iterable[str], titles: Mapping[str, str]) -> Figure:
    """A row a remedy, the best on average first; a column a setting. `titles` names the remedies for readers."""
    places = found.places
    order = np.argsort(places.mean(1), kind="stable").tolist()
    heading = "Places of the remedies at other settings"
    names, factors = [titles.get(remedy, remedy) for remedy in found.remedies], list(FACTORS.values())
    picture, _ = drawing.table(
        [Named(names[row], found.remedies[row]) for row in order],
        [[f"{value:g}" for value in setting] for setting in found.settings],
        factors,
        places[order],
        heading,
    )
    first, last = places.min(1), places.max(1)
    spoken = [f"{names[row]} {number(places[row].mean())} (from {first[row]:g} to {last[row]:g})" for row in order]
    drawn = (
        "One row per remedy, in the order of its mean place; one column per setting: "
        f"{listing(factors)}. The number is the place by mean modes covered over {found.values.shape[-1]} seeds; 1 is "
        "the best."
    )
    alt = f"{heading}, mean and range: {listing(spoken)}."
    means = places.mean(1)[order]
    alone = means[0] < means[1] and means[-2] < means[-1]  # first and last place are not shared
    finding = (
        f"Over {in_letters(len(found.settings))} other settings {names[order[0]]} ranks first on average, with a mean "
        f"place of {number(means[0])} of {len(order)}, and {names[order[-1]]} last"
    )
    return Figure(
        "places", heading, f"{drawn} {caption}", alt, picture, None, sorted(experiments), finding if alone else ""
    )


def agreeing(found: Measured) -> str:
    """How far the rankings agree, beside what noise leaves of perfect agreement."""
    same, different = ranks.halves(found)
    return (
        f"Over all pairs of settings, rankings agree with a mean Kendall’s τ of {estimate(ranks.agreement(found))}. "
        f"Rankings from two halves of the seeds agree with {number(same)} at the same setting and with "
        f"{number(different)} at different ones."
    )


def dependent(found: Measured, titles: Mapping[str, str]) -> str:
    """The remedies whose place depends on a factor, with the direction."""
    moved = []
    for row, remedy in enumerate(found.remedies):
        shifts = {factor: ranks.shift(found, row, factor) for factor in FACTORS}
        words = [_moved(shifts[factor], factor, found) for factor in FACTORS if _certain(shifts[factor])]
        if words:
            moved.append(f"{titles.get(remedy, remedy)} {listing(words)}")
    if not moved:
        return "No remedy’s place depends on the setting, as far as these seeds can tell."
    tests = len(found.remedies) * len(FACTORS)
    return (
        f"Places that depend on the setting: {'; '.join(moved)}. Of {tests} such intervals, {number(0.05 * tests)} "
        "would exclude 0 by chance alone."
    )


def _certain(shift: Estimate) -> bool:
    return shift.low > 0 or shift.high < 0


def _moved(shift: Estimate, factor: str, found: Measured) -> str:
    levels = [getattr(setting, factor) for setting in found.settings]
    places = number(abs(shift.value))
    return (
        f"{'falls' if shift.value > 0 else 'rises'} by {places} {'place' if places == '1' else 'places'} with "
        f"{FACTORS[factor]} from {min(levels):g} to {max(levels):g}"
    )
