"""Benefit against price on the front page: one chart a dataset that has a plain GAN, as SVG and PNG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modescope.figures import benefit
from modescope.figures.marks import Named
from modescope.figures.style import Still
from modescope.report.front.heat import card
from modescope.report.front.words import counted
from modescope.store.plan import RemedyPage
from modescope.studies.common.standings import Standing, Standings


@dataclass(frozen=True)
class Chart:
    """The chart of one dataset."""

    dataset: str
    title: str
    alt: str  # what it shows, in words
    still: Still
    width: int  # layout pixels
    height: int

    @property
    def path(self) -> str:
        """Of the picture without its extension, relative to the page."""
        return f"assets/front_benefit_{self.dataset}"


def charts(standings: Sequence[Standings], remedies: Mapping[str, RemedyPage]) -> list[Chart]:
    """A chart for each dataset with a plain GAN whose costs are known; all have the same axes.

    The marks of `remedies`, those that have a card, lead there.
    """
    shown = [(one, _marks(one, remedies)) for one in standings if one.plain is not None]
    shown = [(one, marks) for one, marks in shown if len(marks) > 1]
    costs = benefit.price_range([mark.cost for _, marks in shown for mark in marks])
    return [_chart(one, marks, costs) for one, marks in shown]


def _chart(one: Standings, marks: Sequence[benefit.Mark], costs: tuple[float, float]) -> Chart:
    floor = None if one.floor is None else (one.floor[0] / one.n_modes, one.floor[1] / one.n_modes)
    heading = f"{one.title}: share of {round(one.n_modes):,} {one.noun}"
    still, (width, height) = benefit.chart(marks, heading, floor, costs)
    return Chart(one.dataset, one.title, f"{heading} kept, over the cost of a step. {_told(one)}", still, width, height)


def _marks(one: Standings, remedies: Mapping[str, RemedyPage]) -> list[benefit.Mark]:
    """The rows with scores and a known cost."""
    return [
        benefit.Mark(
            Named(row.entry.title, row.entry.remedy),
            card(row.entry.variant, row.entry.remedy, remedies),
            row.cost,
            row.kept.value / one.n_modes,
            row.kept.low / one.n_modes,
            row.kept.high / one.n_modes,
            "plain" if row.plain else row.direction or "same",
        )
        for row in one.rows
        if row.kept.n and row.cost > 0 and math.isfinite(row.cost)
    ]


def _told(one: Standings) -> str:
    """Who differs from the plain GAN, in a sentence or two."""

    def those(direction: str) -> list[Standing]:
        return [row for row in one.rows if row.direction == direction]

    found = [f"Significantly {d}: {counted(those(d), one.n_modes)}." for d in ("more", "fewer") if those(d)]
    return " ".join(found) or "None differs significantly from the plain GAN."
