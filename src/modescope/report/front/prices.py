"""Benefit against price on the front page: one chart a dataset that has a plain GAN, as SVG and PNG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from modescope.figures import benefit
from modescope.figures.marks import Named
from modescope.figures.style import Still
from modescope.report.drawings import inline
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
    cards: Mapping[str, str]  # address of the card by remedy, of those that have one

    @property
    def path(self) -> str:
        """Of the picture without its extension, relative to the page."""
        return f"assets/front_benefit_{self.dataset}"

    @property
    def anchor(self) -> str:
        """The id of the chart on the page."""
        return f"front-figure-benefit-{self.dataset}".replace("_", "-")

    @property
    def drawing(self) -> Markup:
        """The chart as a part of the page."""
        return inline(self.still.svg, self.anchor, self.alt, self.cards)


def charts(standings: Sequence[Standings], remedies: Mapping[str, RemedyPage]) -> list[Chart]:
    """A chart for each dataset with a plain GAN whose costs are known; all have the same axes.

    The marks of `remedies`, those that have a card, lead there.
    """
    shown = [(one, _marks(one)) for one in standings if one.plain is not None]
    shown = [(one, marks) for one, marks in shown if len(marks) > 1]
    costs = benefit.price_range([mark.cost for _, marks in shown for mark in marks])
    return [_chart(one, marks, costs, remedies) for one, marks in shown]


def _chart(
    one: Standings, marks: Sequence[benefit.Mark], costs: tuple[float, float], remedies: Mapping[str, RemedyPage]
) -> Chart:
    floor = None if one.floor is None else (one.floor[0] / one.n_modes, one.floor[1] / one.n_modes)
    heading = f"{one.title}: share of {round(one.n_modes):,} {one.noun}"
    still, _ = benefit.chart(marks, heading, floor, costs)
    found = {row.entry.remedy: card(row.entry, remedies) for row in one.rows}
    cards = {remedy: href for remedy, href in found.items() if href}
    return Chart(one.dataset, one.title, f"{heading} kept, over the cost of a step. {_told(one)}", still, cards)


def _marks(one: Standings) -> list[benefit.Mark]:
    """The rows with scores and a known cost."""
    return [
        benefit.Mark(
            Named(row.entry.title, row.entry.remedy),
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
