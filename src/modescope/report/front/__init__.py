"""The front page: the answer, benefit against price, remedies by dataset, the claims as a forest plot, the studies."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from modescope.report.chapter import Chapter
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
    sheets: dict[str, str]  # CSV by path

    @property
    def files(self) -> Iterator[tuple[str, bytes]]:
        """(path, content) of the pictures and tables that the page offers."""
        for chart in self.charts:
            yield f"{chart.path}.svg", chart.still.svg
            yield f"{chart.path}.png", chart.still.png
        for path, text in self.sheets.items():
            yield path, text.encode()


def build(
    standings: Sequence[Standings],
    planar: Collection[str],
    chapters: Sequence[Chapter],
    remedies: Mapping[str, RemedyPage],
) -> Front:
    """The front page. `planar` are the datasets in the plane; `remedies` those that have a card, by variant."""
    return Front(
        answer=answer(standings, planar),
        charts=prices.charts(standings),
        heat=heat.heat(standings, remedies),
        blocks=verdicts.blocks(chapters),
        cards=[shelf.card(chapter) for chapter in chapters],
        sheets={heat.SHEET: heat.sheet(standings)} if standings else {},
    )
