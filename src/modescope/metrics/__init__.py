"""Metric families: one file each, `score(real, fake, dataset)` -> {name: value}.

A family is its own configuration: the fields of the class are the keys of its entry under
`metrics:` in params.yaml; the entry's name is the name of its file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from modescope import datasets
from modescope.classifiers import Classifier
from modescope.datasets import Distribution
from modescope.metrics.common import ties
from modescope.metrics.common.ties import Ties
from modescope.params import registry
from modescope.params.settings import Strict
from modescope.seeding import stream

Array = NDArray[np.float64]
Views = Mapping[str, Array]


class About(NamedTuple):
    """How the page describes a metric: label, explanation, range, and which direction is better."""

    label: str
    sentence: str
    range: str
    better: Literal["higher", "lower", "neither"]


class Metric(Strict):
    """A family of metrics that compare generated points with real ones."""

    about: ClassVar[Mapping[str, About]]

    def applies(self, dataset: Distribution) -> bool:
        """Whether the family is defined for this dataset; by default, for every dataset that is not a single point."""
        return not dataset.degenerate

    @property
    def min_points(self) -> int:
        """Smallest number of real points, and of generated points, that can be scored with these settings."""
        return 1

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """Scores of the generated points `fake` (n, *shape) against equally many test points `real` (n, *shape)."""
        return {}

    def score_views(self, real: Array, views: Views, dataset: Distribution) -> dict[str, float]:
        """Scores of the further arrays of a run (`Runs.views`, and its `samples`) against `real` (n, *shape)."""
        return {}

    def score_classes(
        self, real: Array, fake: Array, dataset: Distribution, classifier: Classifier, rng: np.random.Generator
    ) -> dict[str, float]:
        """Scores as of `score`, by what the classifier of the study sees in the points; only where there is one."""
        return {}

    def score_training(
        self, real: Array, fake: Array, train: Array, dataset: Distribution, rng: np.random.Generator
    ) -> dict[str, float]:
        """Scores as of `score`, beside the points (m, *shape) that the generator was trained on; only where known."""
        return {}

    @property
    def needs_training_points(self) -> bool:
        """Whether the family has scores only where the training points are known."""
        return type(self).score_training is not Metric.score_training

    def voided(self, ties: Ties) -> dict[str, str]:
        """The metrics of this family that mean nothing on points with such ties, by name, each with the reason."""
        return {}


def build(entries: Mapping[str, dict[str, Any]]) -> dict[str, Metric]:
    """The families of the `metrics:` entries, by name.

    Raises LookupError for an unknown family and pydantic.ValidationError for bad fields.
    """
    return {name: registry.find("metrics", name, Metric).model_validate(spec) for name, spec in entries.items()}


def with_training(entries: Mapping[str, dict[str, Any]], specs: Mapping[str, dict[str, Any]]) -> list[str]:
    """The datasets (entries `specs`) whose training points a family of the entries needs. Raises as `build`."""
    families = [family for family in build(entries).values() if family.needs_training_points]
    built = {name: datasets.build(spec) for name, spec in specs.items()}
    return [name for name, dataset in built.items() if any(family.applies(dataset) for family in families)]


def score_all(
    families: Mapping[str, Metric],
    real: Array,
    fake: Array,
    dataset: Distribution,
    names: tuple[str | int, ...],
    views: Views | None = None,
    classifier: Classifier | None = None,
    train: Array | None = None,
) -> dict[str, float]:
    """All metrics of the families that apply to the dataset, by name; without `fake` points, only those of `views`.

    NaN where ties between points void a metric; `voided` says why. `train` are the training points (m, *shape).
    Each family has its own random stream, seeded by `names` and the family's name: adding a family changes no other.
    """
    scores: dict[str, float] = {}
    for name, family in families.items():
        if family.applies(dataset):
            if len(fake):
                scores |= family.score(real, fake, dataset, stream(*names, name))
                if classifier is not None:
                    scores |= family.score_classes(real, fake, dataset, classifier, stream(*names, name, "classes"))
                if train is not None:
                    scores |= family.score_training(real, fake, train, dataset, stream(*names, name, "training"))
            if views:
                scores |= family.score_views(real, {"samples": fake, **views}, dataset)
    void = voided(families, real, fake, dataset, train) if len(fake) else {}
    return {name: np.nan if name in void else value for name, value in scores.items()}


def voided(
    families: Mapping[str, Metric], real: Array, fake: Array, dataset: Distribution, train: Array | None = None
) -> dict[str, str]:
    """The metrics of the families that mean nothing on points that tie so, by name, each with the reason."""
    asked = [f for f in families.values() if f.applies(dataset) and type(f).voided is not Metric.voided]
    if not asked:
        return {}
    found = ties.found(real, fake, train)
    return {name: reason for family in asked for name, reason in family.voided(found).items()}
