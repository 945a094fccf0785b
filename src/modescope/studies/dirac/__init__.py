"""Why does one remedy converge and another circle for ever? The Dirac-GAN, solved and trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table


class Dirac(Study):
    """Works with any settings of a point and a line."""

    question: ClassVar[str] = "Why does one remedy converge, while another circles for ever?"
    introduction: ClassVar[str] = ""
    source: ClassVar[str] = (
        "L. Mescheder, A. Geiger and S. Nowozin, “Which Training Methods for GANs do actually Converge?”, ICML 2018"
    )
    headline_metric: ClassVar[str] = "converged"
    data_shape: ClassVar[tuple[int, ...] | None] = (1,)

    def answer(self, scores: Scores) -> list[str]:
        return []

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        return []

    def tables(self, scores: Scores) -> list[Table]:
        return []

    def claims(self, scores: Scores) -> list[Claim]:
        return []
