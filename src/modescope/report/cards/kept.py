"""How a remedy stands on each dataset whose modes are counted, beside the plain GAN: numbers, words and positions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modescope.formatting import NONE, interval, listing, number, numbers, plural
from modescope.statistics import Estimate
from modescope.studies.common.against import Direction
from modescope.studies.common.standings import Standing, Standings

RESULTS: Mapping[Direction, str] = {
    "more": "significantly more",
    "fewer": "significantly fewer",
    "same": "no significant difference",
}


@dataclass(frozen=True)
class Lane:
    """An estimate on the line from no mode (0) to all (100); both parts are None without a value."""

    point: float | None
    whisker: tuple[float, float] | None


@dataclass(frozen=True)
class Kept:
    """One entry of a remedy on one dataset."""

    study: str
    dataset: str  # its title
    swept: str  # what sets it apart from the remedy's other entries there; empty for a single one
    noun: str
    most: str  # as many as there are
    mine: str
    gan: str  # the plain GAN's; empty where it is the entry itself or was not trained
    lane: Lane
    beside: Lane | None  # the plain GAN's
    floor: tuple[float, float] | None  # real against real, on the same line
    result: str
    direction: Direction | None
    cost: str  # of a step in units of the plain GAN's
    diverged: str  # how many runs, in words; empty for none
    seeds: int


def kept(one: Standings, row: Standing, title: str) -> Kept:
    """A row of the standings; `title` is the remedy's."""
    plain = None if row.plain else one.plain
    return Kept(
        study=one.study,
        dataset=one.title,
        swept=_swept(row, title),
        noun=one.noun,
        most=number(one.n_modes),
        mine=_within(row.kept, one.n_modes),
        gan="" if plain is None else _within(plain.kept, one.n_modes),
        lane=_lane(row.kept, one.n_modes),
        beside=None if plain is None else _lane(plain.kept, one.n_modes),
        floor=None if one.floor is None else (_place(one.floor[0], one.n_modes), _place(one.floor[1], one.n_modes)),
        result="the plain GAN" if row.plain else "" if row.direction is None else RESULTS[row.direction],
        direction=row.direction,
        cost=NONE if math.isnan(row.cost) else f"{number(row.cost)} ×",
        diverged=f"{row.diverged} of {plural(row.diverged + row.kept.n, 'run')} diverged" if row.diverged else "",
        seeds=row.kept.n,
    )


def answer(rows: Sequence[tuple[Standings, Standing]]) -> str:
    """How a remedy does, in one or two sentences; `rows` are its entries on each dataset."""
    scored = [(one, row) for one, row in rows if row.kept.n]
    if not rows:
        return "No study counts the modes that it keeps."
    if not scored:
        return f"All of its runs diverged on {listing([_quoted(one) for one, _ in rows])}."
    if all(row.plain for _, row in scored):
        means = [
            f"{number(row.kept.value)} of {number(one.n_modes)} {one.noun} on {_quoted(one)}" for one, row in scored
        ]
        return f"All remedies are compared with it. It keeps {listing(means)}."
    compared = [(one, row) for one, row in scored if row.direction is not None]
    if not compared:
        return f"There is no plain GAN to compare it with on {listing([_quoted(one) for one, _ in scored])}."
    found = {
        direction: list(dict.fromkeys(_quoted(one) for one, row in compared if row.direction == direction))
        for direction in ("more", "fewer", "same")
    }
    parts = [f"significantly {d} modes on {listing(found[d])}" for d in ("more", "fewer") if found[d]]
    told = [f"Compared with the plain GAN, it keeps {' and '.join(parts)}."] if parts else []
    if found["same"]:
        told.append(f"On {listing(found['same'])} its difference from the plain GAN is not significant.")
    costs = [row.cost for _, row in compared if not math.isnan(row.cost)]
    if costs:
        told.append(f"A step costs {numbers(costs)} times the plain GAN’s.")
    return " ".join(told)


@dataclass(frozen=True)
class Worst:
    """The run of an entry with the fewest modes."""

    dataset: str
    row: Standing
    share: float  # of the modes that there are
    words: str


def worst(rows: Sequence[tuple[Standings, Standing]], title: str) -> list[Worst]:
    """The run with the fewest modes on each dataset, of runs with scores, of equal ones the first; `title` as above."""
    found: dict[str, Worst] = {}
    for one, row in rows:
        for seed, value in row.by_seed.items():
            share = value / one.n_modes if one.n_modes else 0.0
            if one.dataset not in found or share < found[one.dataset].share:
                swept = f" ({_swept(row, title)})" if _swept(row, title) else ""
                words = f"{one.title}{swept}: seed {seed} keeps {number(value)} of {number(one.n_modes)} {one.noun}."
                found[one.dataset] = Worst(one.dataset, row, share, words)
    return list(found.values())


def _swept(row: Standing, title: str) -> str:
    """What sets an entry apart from others of its remedy, from its title."""
    return row.entry.title.removeprefix(title).removeprefix(",").strip().replace("_", " ")


def _quoted(one: Standings) -> str:
    return f"“{one.title}”"


def _within(estimate: Estimate, most: float) -> str:
    """The estimate with its interval, cut where there are no numbers of modes."""
    if not estimate.n:
        return NONE
    return interval(estimate.value, max(0.0, estimate.low), min(most, estimate.high))


def _lane(estimate: Estimate, most: float) -> Lane:
    if not estimate.n or not most:
        return Lane(None, None)
    ends = [end for end in (estimate.low, estimate.high) if not math.isnan(end)]
    whisker = (_place(ends[0], most), _place(ends[1], most)) if len(ends) == 2 else None
    return Lane(_place(estimate.value, most), whisker)


def _place(value: float, most: float) -> float:
    return round(100 * min(1.0, max(0.0, value / most)), 2) if most else 0.0
