"""The front page: the answer, benefit against price, remedies by dataset, the claims as a forest plot, the studies."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from modescope.report.chapter import Chapter
from modescope.report.explorer import Explorer, Twin
from modescope.report.front import heat, prices, shelf, verdicts
from modescope.report.front.answer import Answer, answer
from modescope.report.front.heat import Heat
from modescope.report.front.prices import Chart
from modescope.report.front.shelf import StudyCard
from modescope.report.front.verdicts import Block
from modescope.store.plan import RemedyPage
from modescope.studies.common.standings import Standings


@dataclass(frozen=True)
class Front:
    """The view model of the front page."""

    answer: Answer | None  # None where no plain GAN has scores
    charts: list[Chart]
    heat: Heat | None
    blocks: list[Block]
    cards: list[StudyCard]
    twin: Twin | None  # the plain GAN and the best affordable remedy, in training

    @property
    def files(self) -> Iterator[tuple[str, bytes]]:
        """(path, content) of the pictures that the page offers."""
        for chart in self.charts:
            yield f"{chart.path}.svg", chart.still.svg
            yield f"{chart.path}.png", chart.still.png


def build(
    standings: Sequence[Standings],
    planar: Collection[str],
    chapters: Sequence[Chapter],
    remedies: Mapping[str, RemedyPage],
    explorer: Explorer,
) -> Front:
    """The front page. `planar` are the datasets in the plane; `remedies` those that have a card, by variant."""
    found = answer(standings, planar)
    return Front(
        answer=found,
        twin=None if found is None else _twin(found, explorer),
        charts=prices.charts(standings, remedies),
        heat=heat.heat(standings, remedies),
        blocks=verdicts.blocks(chapters),
        cards=[shelf.card(c, answer([one for one in standings if one.study == c.name], planar)) for c in chapters],
    )


def _twin(found: Answer, explorer: Explorer) -> Twin | None:
    """The plain GAN beside the best affordable remedy, or alone; None where their runs are not in the explorer."""
    best = None if found.best is None else found.best.entry.remedy
    return explorer.pair(found.standings.dataset, found.plain.entry.remedy, best)
