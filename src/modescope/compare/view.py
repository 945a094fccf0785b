"""The view model of a comparison: a summary, every difference, and how much is equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from modescope.compare.onesided import OneSided, one_sided
from modescope.compare.paired import TOLD, Difference, differences
from modescope.compare.parameters import Setting
from modescope.compare.parameters import differences as setting_differences
from modescope.compare.sides import Side, Still
from modescope.formatting import listing, plural
from modescope.metrics import About

CHANCE = 0.05  # the fraction of 95 % intervals that exclude 0 if only chance differs


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
    lead: str
    settings: list[Setting]
    alike_settings: list[Setting]
    told: list[Difference]  # significant: the interval excludes 0
    open: list[Difference]  # inconclusive: the values differ, but the interval does not exclude 0
    alike: int  # number of metrics of arms with equal values for every common seed
    by_chance: float  # expected length of `told` if only chance differed
    one_sided: list[OneSided]
    pairs: list[Pair]  # figures that differ or that one side lacks
    alike_pictures: int
    about: Mapping[str, About]  # of every metric shown


def build(a: Side, b: Side, about: Mapping[str, About]) -> Comparison:
    """The view model of a comparison; `about` describes the metrics of the current code."""
    settings, alike_settings = setting_differences(a.params, b.params)
    found = differences(a.planned_scores(), b.planned_scores(), about)
    told = [d for d in found if d.outcome in TOLD]
    undecided = [d for d in found if d.outcome == "inconclusive"]
    pairs, alike_pictures = _pairs(a, b)
    shown = {d.metric for d in found}
    return Comparison(
        a=a,
        b=b,
        lead=_lead(len(settings), len(found), told, len(undecided)),
        settings=settings,
        alike_settings=alike_settings,
        told=told,
        open=undecided,
        alike=len(found) - len(told) - len(undecided),
        by_chance=CHANCE * (len(told) + len(undecided)),
        one_sided=one_sided(a, b),
        pairs=pairs,
        alike_pictures=alike_pictures,
        about={name: words for name, words in about.items() if name in shown},
    )


def _lead(settings: int, compared: int, told: list[Difference], undecided: int) -> str:
    changed = f"{_count(settings, 'setting')}."
    if not compared:
        return f"{changed} No experiment has scores with the same seeds on both sides, so no metric can be compared."
    measured = "1 mean (a metric of an arm)" if compared == 1 else f"{compared:,} means (each a metric of an arm)"
    if not told and not undecided:
        return f"{changed} Both sides measured {measured}, equal seed by seed."
    counts = Counter(d.outcome for d in told)
    words = f" (in B {listing([f'{counts[o]:,} {o}' for o in TOLD if counts[o]])})" if told else ""
    rest = compared - len(told) - undecided
    return (
        f"{changed} Both sides measured {measured}: {_count(len(told))} with an interval that excludes 0{words}, "
        f"{_count(undecided)} with one that does not, {f'{rest:,}' if rest else 'none'} "
        f"{'is' if rest == 1 else 'are'} equal."
    )


def _count(n: int, word: str = "") -> str:
    """`3 settings differ`, `No settings differ`, `1 differs`, `none differ`."""
    what = (plural(n, word) if n else f"No {word}s") if word else f"{n:,}" if n else "none"
    return f"{what} {'differs' if n == 1 else 'differ'}"


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
