"""Studies: one package per article, with its question, figures and claims, and how each claim is judged."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal, ParamSpec

import pandas as pd

from modescope.params import registry
from modescope.statistics import Estimate, Verdict
from modescope.store.runs import Runs, Scores
from modescope.studies.common import origin
from modescope.studies.common.entries import Entry
from modescope.studies.common.standings import Standings

if TYPE_CHECKING:  # matplotlib takes a second to import, and only what draws needs it
    from modescope.figures.style import Still

P = ParamSpec("P")
# Why a claim is open, or in which way it is contradicted; empty where the verdict says it all.
Reason = Literal[
    "",
    "too short",  # too little was learned to judge it
    "nothing to gain",  # what is to be beaten leaves less to gain than the smallest effect that matters
    "too few seeds",  # the interval reaches beyond the bound on both sides
    "nothing measured",  # no run has a value
    "no material effect",  # the interval lies within the smallest effect that matters, in both directions
    "opposite effect",  # the interval lies beyond the smallest effect that matters, in the other direction
    "no effect or the opposite",  # it lies below the smallest effect that matters, and reaches into the other direction
]


@dataclass(frozen=True)
class Piece:
    """A part of a figure as a small picture of its own, about one remedy, for the pages of single remedies."""

    name: str  # unique in its figure: the file is <figure>_<name>
    title: str
    alt: str
    still: Still
    variant: str
    remedy: str  # key that is followed through the pages


@dataclass(frozen=True)
class Figure:
    """A still picture, with an optional animation."""

    name: str  # file name without extension, unique in its study
    title: str
    caption: str  # what is drawn, what to look at, how it was measured
    alt: str  # the result in words, for readers who cannot see the picture
    still: Still
    animation: bytes | None = None  # GIF
    experiments: list[str] = field(default_factory=list)  # experiments whose runs it shows
    finding: str = ""  # what the picture shows, as a sentence computed from the scores: its heading on the page
    code: str = ""  # path:line of the code that draws it
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class Claim:
    """One statement of an article and what the scores say about it."""

    key: str  # unique in its study, for permalinks
    statement: str  # the article's statement in our words, without the data that it is about
    rule: str  # the condition on the measured effect that is tested
    effect: Estimate
    verdict: Verdict
    reason: Reason = ""
    where: str = ""  # the data, for readers: claims with one statement are shown side by side
    low: float = -math.inf  # the claim holds for effects from low to high
    high: float = math.inf
    remedies: tuple[str, ...] = ()  # the variants that it is about

    @property
    def text(self) -> str:
        """The statement with the data that it is about."""
        return f"{self.where}: {self.statement}" if self.where else self.statement


@dataclass(frozen=True)
class Table:
    """A table of the page, which also offers the frame as CSV."""

    key: str  # file name of the CSV without extension, unique in its study
    title: str
    caption: str
    frame: pd.DataFrame
    entries: Sequence[Entry | None] = ()  # by row, whose scores it has: named by its title; the CSV keeps its label
    headings: Mapping[str, str] = field(default_factory=dict)  # column -> its words for readers, beside its metric


class Study(ABC):
    """An article's question; found by the name of its package."""

    question: ClassVar[str]
    introduction: ClassVar[str]  # a paragraph for the page
    source: ClassVar[str]  # the article
    headline_metric: ClassVar[str]  # its mean per experiment goes into metrics.json
    data_shape: ClassVar[tuple[int, ...] | None] = None  # of a data point, if figures and claims require one

    @abstractmethod
    def answer(self, scores: Scores) -> list[str]:
        """The findings in a few sentences computed from the scores, for the top of the page."""

    @abstractmethod
    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """The figures in reading order, in parts that processes draw side by side: iterators that draw lazily.

        `runs` is keyed by experiment name. It reads a run when it is asked for, so no part should look at them before.
        """

    @abstractmethod
    def tables(self, scores: Scores) -> list[Table]:
        """The tables in reading order."""

    @abstractmethod
    def claims(self, scores: Scores) -> list[Claim]:
        """The article's claims, each judged from the scores."""

    def standings(self, scores: Scores) -> list[Standings]:
        """How the remedies stand on each dataset whose modes are counted; none for most studies."""
        return []


def some(draw: Callable[P, Figure | None], *args: P.args, **kwargs: P.kwargs) -> Iterator[Figure]:
    """The figure that `draw` returns for these arguments, if it returns one; drawn when it is asked for."""
    figure = draw(*args, **kwargs)
    if figure is not None:
        yield replace(figure, code=figure.code or origin.of_function(draw))


def build(name: str) -> Study:
    """The study in `studies/<name>`. Raises LookupError for an unknown name."""
    return registry.find("studies", name, Study)()
