"""The field's own benchmark of lost modes: 1,000 combinations of three digits, counted by a classifier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table, some
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import datasets
from modescope.studies.common.standings import Standings, standings
from modescope.studies.thousand import claims, classifying, counts, maps, progress, published, remedies, stacks


class Thousand(Study):
    """Works with any experiments on stacked digits, grouped by dataset; other data are left out."""

    question: ClassVar[str] = "How many of a thousand modes does each remedy keep?"
    introduction: ClassVar[str] = (
        "Papers on lost modes measure themselves on Stacked MNIST: a picture shows three digits, one in each colour, "
        "so there are 1,000 combinations, and a classifier counts how many of them a generator shows. Here the same is "
        "done with the 1,797 digits of 8 × 8 pixels that come with scikit-learn, so that no download is needed and all "
        "remedies train within minutes. Digits are split into train and test pictures before they are stacked. The "
        "papers count a combination as soon as one stack is taken for it, even if the digits can hardly be read. So a "
        "strict count stands beside theirs: it takes only stacks in which each digit is recognised with confidence."
    )
    source: ClassVar[str] = "Metz et al. 2017, Srivastava et al. 2017, Lin et al. 2018 and Huang et al. 2024"
    headline_metric: ClassVar[str] = counts.CONFIDENT

    def answer(self, scores: Scores) -> list[str]:
        """What the plain GAN shows and which remedies show more, by dataset; then what the classifier can do."""
        found = [sentence for dataset in datasets(scores) for sentence in remedies.answer(scores, dataset)]
        return [*found, *classifying.answer(scores)]

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """For each dataset the ranking, stacks, modes during training and which are missing; then the classifiers."""
        of_datasets = (part for dataset in datasets(scores) for part in self._of_dataset(runs, scores, dataset))
        return [*of_datasets, classifying.figures(scores)]

    def _of_dataset(self, runs: Mapping[str, Runs], scores: Scores, dataset: str) -> list[Iterator[Figure]]:
        return [
            some(remedies.figure, scores, dataset),
            some(stacks.every, runs, scores, dataset),
            some(stacks.beside, runs, scores, dataset),
            some(progress.figure, scores, dataset),
            some(maps.figure, runs, scores, dataset),
        ]

    def tables(self, scores: Scores) -> list[Table]:
        """For each dataset its leaderboard and the differences to the plain GAN; then what papers printed."""
        kinds = (remedies.table, remedies.significance)
        found = [made for dataset in datasets(scores) for kind in kinds if (made := kind(scores, dataset)) is not None]
        return [*found, published.table(scores)] if found else []

    def standings(self, scores: Scores) -> list[Standings]:
        """Combinations shown with confidence; not where they differ in probability, since there a count is no merit."""
        alike = [d for d in datasets(scores) if not ask.floor(scores, d, counts.RARE).size]
        found = (standings("thousand", scores, d, counts.CONFIDENT, "combinations") for d in alike)
        return [one for one in found if one is not None]

    def claims(self, scores: Scores) -> list[Claim]:
        """The papers' claims, on every dataset with the experiments that they need."""
        return list(claims.claims(scores))
