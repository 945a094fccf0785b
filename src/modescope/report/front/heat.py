"""Remedies by dataset: the share of modes that each keeps, as cells with a level of colour."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modescope.formatting import interval, number, plural
from modescope.report import links
from modescope.report.front.words import count, span
from modescope.store.plan import RemedyPage
from modescope.studies.common.entries import Entry
from modescope.studies.common.standings import Standing, Standings

LEVELS = 10  # of colour, from no mode to all of them
DIRECTIONS = {"more": "significantly more than the plain GAN", "fewer": "significantly fewer than the plain GAN"}


@dataclass(frozen=True)
class Cell:
    """One remedy on one dataset."""

    text: str  # the mean count, `diverged`, or a dash where it was not trained
    level: int | None  # of colour; None without a count
    direction: str  # more or fewer, else empty
    words: str  # the interval and the comparison, for whoever asks


@dataclass(frozen=True)
class Row:
    """One remedy on all datasets."""

    remedy: str
    title: str
    href: str  # of its card; empty where it has none
    plain: bool
    adversary: bool
    cells: list[Cell]
    mean: str  # of the shares, over the datasets with a count
    cost: str


@dataclass(frozen=True)
class Heat:
    """The table; rows in the order of the mean share."""

    columns: list[tuple[str, str, str]]  # study, title of the dataset, what is counted
    rows: list[Row]


def heat(standings: Sequence[Standings], remedies: Mapping[str, RemedyPage]) -> Heat | None:
    """The table of the datasets with a plain GAN; None where there is none. `remedies` are those with a card."""
    shown = [one for one in standings if one.plain is not None]
    if not shown:
        return None
    found: dict[str, list[Standing | None]] = {}
    for remedy in dict.fromkeys(row.entry.remedy for one in shown for row in one.rows):
        found[remedy] = [one.row(remedy) for one in shown]
    shares = {remedy: _mean(rows, shown) for remedy, rows in found.items()}
    order = sorted(found, key=lambda remedy: (math.isnan(shares[remedy]), -shares[remedy]))
    return Heat(
        [(one.study, one.title, f"{one.noun}, of {round(one.n_modes):,}") for one in shown],
        [_row(remedy, found[remedy], shown, shares[remedy], remedies) for remedy in order],
    )


def card(entry: Entry, remedies: Mapping[str, RemedyPage]) -> str:
    """The address of a remedy's card; empty where its variant has none."""
    return links.card(entry) if entry.variant in remedies else ""


def _row(
    remedy: str,
    found: Sequence[Standing | None],
    shown: Sequence[Standings],
    share: float,
    remedies: Mapping[str, RemedyPage],
) -> Row:
    known = [row for row in found if row is not None]
    costs = sorted(row.cost for row in known if not math.isnan(row.cost))
    entry = known[0].entry
    return Row(
        remedy=remedy,
        title=entry.title,
        href=card(entry, remedies),
        plain=any(row.plain for row in known),
        adversary=any(row.adversary for row in known),
        cells=[_cell(row, one) for row, one in zip(found, shown, strict=True)],
        mean="–" if math.isnan(share) else f"{100 * share:.0f} %",
        cost=span([_times(cost) for cost in (costs[0], costs[-1])]) if costs else "–",
    )


def _cell(row: Standing | None, one: Standings) -> Cell:
    if row is None:
        return Cell("–", None, "", "not trained")
    lost = f"{plural(row.diverged, 'run')} diverged" if row.diverged else ""
    if not row.kept.n:
        return Cell("diverged", None, "", lost)
    share = row.kept.value / one.n_modes
    level = min(LEVELS - 1, max(0, math.floor(share * LEVELS)))
    measured = f"{interval(row.kept.value, row.kept.low, row.kept.high)}, {plural(row.kept.n, 'seed')}"
    compared = DIRECTIONS.get(row.direction or "", "")
    return Cell(
        text=count(row.kept.value, one.n_modes),
        level=level,
        direction=str(row.direction) if compared else "",
        words="; ".join(part for part in (measured, compared, lost) if part),
    )


def _mean(rows: Sequence[Standing | None], shown: Sequence[Standings]) -> float:
    pairs = [(row, one) for row, one in zip(rows, shown, strict=True) if row is not None and row.kept.n]
    shares = [row.kept.value / one.n_modes for row, one in pairs]
    return sum(shares) / len(shares) if shares else math.nan


def _times(cost: float) -> str:
    return number(float(f"{cost:.2g}"))
