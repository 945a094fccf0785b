"""The view model of a comparison: its finding, every difference, verdicts that changed, and how much is equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modescope.compare import effects, finding, verdicts
from modescope.compare.names import Names
from modescope.compare.onesided import OneSided, one_sided
from modescope.compare.paired import TOLD, Difference, differences
from modescope.compare.parameters import Setting
from modescope.compare.parameters import differences as setting_differences
from modescope.compare.sides import Side, Still
from modescope.metrics import About
from modescope.store.plan import RemedyPage


@dataclass(frozen=True)
class Pair:
    """One figure on both sides; None for a side that lacks it."""

    study: str
    name: str
    title: str
    a: Still | None
    b: Still | None


@dataclass(frozen=True)
class Comparison:
    """Two sides and their differences."""

    a: Side
    b: Side
    heading: str  # the finding
    lead: str
    names: Mapping[str, Names]  # of "A" and "B"; what both sides have is called as in B
    settings: list[Setting]
    alike_settings: list[Setting]
    differences: list[Difference]  # of all measures, in the order of B
    told: list[Difference]  # significant: the interval excludes 0
    studies: list[effects.Study]  # the same as a forest plot
    open: list[Difference]  # inconclusive: the values differ, but the interval does not exclude 0
    alike: int  # number of metrics of arms with equal values for every common seed
    by_chance: str  # how many would be significant by chance, as a sentence
    verdicts: verdicts.Verdicts
    one_sided: list[OneSided]
    pairs: list[Pair]  # figures that differ or that one side lacks
    alike_pictures: int
    about: Mapping[str, About]  # of every metric shown


def build(a: Side, b: Side, about: Mapping[str, About], declared: Mapping[str, RemedyPage] | None = None) -> Comparison:
    """The view model of a comparison; `about` and `declared` describe metrics and variants of the current code."""
    settings, alike_settings = setting_differences(a.params, b.params)
    found = differences(a.planned_scores(), b.planned_scores(), about)
    told = [d for d in found if d.outcome in TOLD]
    undecided = [d for d in found if d.outcome == "inconclusive"]
    pairs, alike_pictures = _pairs(a, b)
    shown = {d.metric for d in found}
    names = {letter: Names(one, about, declared or {}) for letter, one in (("A", a), ("B", b))}
    return Comparison(
        a=a,
        b=b,
        heading=finding.heading(found),
        lead=finding.lead(len(settings), found),
        names=names,
        settings=settings,
        alike_settings=alike_settings,
        differences=found,
        told=told,
        studies=effects.by_study(told, names["B"], about),
        open=undecided,
        alike=len(found) - len(told) - len(undecided),
        by_chance=finding.by_chance(found),
        verdicts=verdicts.compared(a.verdicts, b.verdicts),
        one_sided=one_sided(a, b),
        pairs=pairs,
        alike_pictures=alike_pictures,
        about={name: words for name, words in about.items() if name in shown},
    )


def _pairs(a: Side, b: Side) -> tuple[list[Pair], int]:
    """(figures that differ, number of identical figures), over the studies with stills on both sides."""
    pairs, alike = [], 0
    for study, after in b.stills.items():
        before = a.stills.get(study)
        if before is None:
            continue
        for name in dict.fromkeys([*after, *before]):
            x, y = before.get(name), after.get(name)
            if x is not None and y is not None and x.digest == y.digest:
                alike += 1
                continue
            title = (y or x).title  # type: ignore[union-attr]  # one of them has it
            pairs.append(Pair(study, name, title, x, y))
    return pairs, alike
