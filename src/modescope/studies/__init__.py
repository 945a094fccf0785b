"""Studies: one file an article, with its question, its figures, its claims and how each is judged."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import pandas as pd

from modescope.params import registry
from modescope.statistics import Estimate, Verdict
from modescope.store.runs import Runs, Scores


@dataclass(frozen=True)
class Figure:
    """A still picture, with an animation where there is one."""

    name: str  # file name without ending, unique in its study
    title: str
    caption: str  # what to see, with how it was measured
    alt: str  # the result in words, for who cannot see it
    still: bytes  # PNG
    animation: bytes | None = None  # GIF
    experiments: list[str] = field(default_factory=list)  # whose runs it shows


@dataclass(frozen=True)
class Claim:
    """One statement of an article and what the scores say of it."""

    key: str  # unique in its study, for permalinks
    text: str  # the article's statement in our words
    rule: str  # the condition on the measured effect that is tested
    effect: Estimate
    verdict: Verdict


@dataclass(frozen=True)
class Table:
    """A table of the page; the same frame is offered as CSV."""

    key: str  # file name of the CSV without ending, unique in its study
    title: str
    caption: str
    frame: pd.DataFrame


class Study(ABC):
    """An article's question; found by the name of its file."""

    question: ClassVar[str]
    introduction: ClassVar[str]  # a paragraph for the page
    source: ClassVar[str]  # the article
    headline_metric: ClassVar[str]  # what one number of a run would be, for metrics.json
    data_shape: ClassVar[tuple[int, ...] | None] = None  # of a point, where the figures and claims need one

    @abstractmethod
    def answer(self, scores: Scores) -> list[str]:
        """What was found, in a few sentences computed from the scores, for the top of the page."""

    @abstractmethod
    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """The figures in reading order, in parts that are drawn when they are asked for; `runs` by experiment name."""

    @abstractmethod
    def tables(self, scores: Scores) -> list[Table]:
        """The tables in reading order."""

    @abstractmethod
    def claims(self, scores: Scores) -> list[Claim]:
        """The article's claims, each judged from the scores."""

    def headline(self, scores: Scores) -> Table | None:
        """The one table of the study that the front page begins with; most have none."""
        return None


def build(name: str) -> Study:
    """The study of `studies/<name>.py`. Raises LookupError for an unknown name."""
    return registry.find("studies", name, Study)()
