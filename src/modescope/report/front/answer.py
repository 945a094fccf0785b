"""The answer in two sentences and what stands below them: few templates, filled in from the standings.

A remedy is named only where it keeps significantly more than the plain GAN on the data of the sentence.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from modescope.formatting import listing, plural
from modescope.report.front import choosing
from modescope.report.front.words import clause, cost, counted, counts, named, of_all, title
from modescope.studies.common.standings import Standing, Standings

MOST_NAMED, MOST_DATASETS = 3, 3


@dataclass(frozen=True)
class Answer:
    """What fixes mode loss, and what it costs."""

    problem: str  # how many modes a plain GAN keeps
    remedy: str  # what keeps more, and the price
    more: list[str]  # further remedies, and what of it holds on other data
    measured: str  # how, in a sentence
    standings: Standings  # of the dataset in question
    plain: Standing
    best: Standing | None  # the best affordable remedy
    beside: str  # what is shown beside the plain GAN, and by which rule it was chosen


def answer(standings: Sequence[Standings], planar: Collection[str]) -> Answer | None:
    """The answer from the standings; None where no plain GAN has scores. `planar` are the datasets in the plane."""
    one = choosing.dataset(standings, planar)
    if one is None or one.plain is None:
        return None
    helpful = choosing.helpful(one, standings)
    best = choosing.best(helpful)
    first = _first(helpful)
    others = [other for other in choosing.with_plain(standings) if other is not one][:MOST_DATASETS]
    return Answer(
        problem=f"A plain GAN keeps {of_all(one.plain, one)}.",
        remedy=_remedy(one, first, helpful),
        more=[*_further(one, first, helpful), *(_elsewhere(other, first) for other in others)],
        measured=_measured(one, one.plain, helpful),
        standings=one,
        plain=one.plain,
        best=best,
        beside=_beside(best, "most data" if len(others) and helpful != choosing.better(one) else "this data"),
    )


def _first(helpful: Sequence[Standing]) -> list[Standing]:
    """Those of the heading, the cheapest first: GANs, affordable ones if there are any, the highest means."""
    gans = [row for row in helpful if row.adversary]
    chosen = [row for row in gans if choosing.affordable(row)] or gans
    return sorted(chosen[:MOST_NAMED], key=lambda row: (row.cost, -row.kept.value))


def _remedy(one: Standings, first: Sequence[Standing], helpful: Sequence[Standing]) -> str:
    most = one.n_modes
    match len(first):
        case 0 if helpful:
            without = clause(f"{counted(helpful, most)} {_do(helpful, 'does', 'do')}", cost(helpful))
            return f"No GAN with a remedy keeps significantly more. Without an adversary, {without}."
        case 0:
            return _nothing(one)
        case 1:
            kept, price = f"keeps {counts(first, most)}", cost(first)
            if len(choosing.better(one)) == 1:
                return f"{clause(f'One remedy, {named(first)}', f'{kept}, significantly more', price)}."
            adjective = "An affordable" if choosing.affordable(first[0]) else "A"
            return f"{clause(f'{adjective} remedy, {named(first)}', kept, price)}."
    return f"{clause(f'{named(first)} keep {counts(first, most)}', cost(first))}."


def _nothing(one: Standings) -> str:
    """Why no remedy is named."""
    others = [row for row in one.rows if not row.plain]
    if any(row.direction is not None for row in others):
        return "No remedy keeps significantly more."
    if not others:
        return "No remedy was trained beside it."
    if one.plain is not None and one.plain.kept.n == 1:
        return "With a single seed, no remedy can be compared with it."
    return "No remedy has enough runs to be compared with it."


def _further(one: Standings, first: Sequence[Standing], helpful: Sequence[Standing]) -> list[str]:
    """Sentences on what helps as well: dearer remedies, and what trains no adversary."""
    if not first:
        return []
    sentences = []
    rest = sorted((row for row in helpful if row.adversary and row not in first), key=lambda row: row.cost)
    if rest:
        does = f"So {_do(rest, 'does', 'do')} {counted(rest, one.n_modes)}"
        sentences.append(f"{clause(does, cost(rest))}.")
    without = [row for row in helpful if not row.adversary]
    if without:
        does = f"{counted(without, one.n_modes)} {_do(without, 'does', 'do')} so too"
        highest = "the highest mean of these" if helpful[0] in without else ""
        sentences.append(f"Without an adversary, {clause(does, cost(without), highest)}.")
    return sentences


def _elsewhere(one: Standings, first: Sequence[Standing]) -> str:
    """What holds on another dataset: which remedies of the heading help there, else which others."""
    assert one.plain is not None  # of those with a plain GAN
    start = f"On “{one.title}”, where a plain GAN keeps {of_all(one.plain, one)},"
    rows, remedies = choosing.better(one), [row.entry.remedy for row in first]
    same = [row for row in rows if row.entry.remedy in remedies]
    if same and len(same) == len(first):
        return f"{start} {'it keeps' if len(first) == 1 else 'they keep'} {counts(same, one.n_modes)}."
    if same:
        return f"{start} only {counted(same, one.n_modes)} of these {_do(same, 'does', 'do')} so."
    if not rows:
        return f"{start} {_lower(_nothing(one))}"
    others = rows[:MOST_NAMED]
    who = f"{counted(others, one.n_modes)} {_do(others, 'does', 'do')}"
    if not first:
        return f"{start} {counted(others, one.n_modes)} {_do(others, 'keeps', 'keep')} significantly more."
    return f"{start} {'it does not' if len(first) == 1 else 'none of them keeps significantly more'}, but {who}."


def _beside(best: Standing | None, data: str) -> str:
    """The rule of `choosing.best` for remedies that help on `data`."""
    if best is None:
        return "The plain GAN"
    if choosing.affordable(best):
        rule = f"the highest mean of those that help on {data} and cost at most {choosing.AFFORDABLE:g} times as much"
    else:
        rule = f"the cheapest of those that help on {data}"
    return f"The plain GAN beside {title(best)}: {rule}"


def _measured(one: Standings, plain: Standing, helpful: Sequence[Standing]) -> str:
    seeds = f"a mean over {plural(plain.kept.n, 'seed')}" if plain.kept.n > 1 else "a single seed"
    lost = [f"{row.diverged} of {title(row)}" for row in (plain, *helpful) if row.diverged]
    without = f" Runs that diverged are in no mean: {listing(lost)}." if lost else ""
    return f"Measured on “{one.title}”, {seeds}; cost is that of a training step.{without}"


def _do(rows: Sequence[Standing], singular: str, several: str) -> str:
    return singular if len(rows) == 1 else several


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
