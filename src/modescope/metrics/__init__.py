"""Metric families: one file each, `score(real, fake, dataset)` -> {name: value}.

A family is its own configuration: the fields of the class are the keys of its entry under
`metrics:` in params.yaml; the entry's name is the name of its file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from modescope.datasets import Distribution
from modescope.params import registry
from modescope.params.settings import Strict
from modescope.seeding import stream

Array = NDArray[np.float64]
Views = Mapping[str, Array]


class About(NamedTuple):
    """One metric for a reader: a sentence, its range, and which direction is better."""

    label: str
    sentence: str
    range: str
    better: Literal["higher", "lower", "neither"]


class Metric(Strict):
    """A family of scores of generated points against real ones."""

    about: ClassVar[Mapping[str, About]]

    def applies(self, dataset: Distribution) -> bool:
        """Whether the family is defined for this dataset: unless it says otherwise, for all that are not one point."""
        return not dataset.degenerate

    @property
    def min_points(self) -> int:
        """The fewest points a side that can be scored with these settings."""
        return 1

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """The scores of `fake` (n, *shape) against as many real points of the test set `real` (n, *shape)."""
        return {}

    def score_views(self, real: Array, views: Views, dataset: Distribution) -> dict[str, float]:
        """The scores of what else a run shows, its `samples` among it, against `real` (n, *shape): see `Runs.views`."""
        return {}


def build(entries: Mapping[str, dict[str, Any]]) -> dict[str, Metric]:
    """The families of the `metrics:` entries, by name.

    Raises LookupError for an unknown family and pydantic.ValidationError for bad fields.
    """
    return {name: registry.find("metrics", name, Metric).model_validate(spec) for name, spec in entries.items()}


def score_all(
    families: Mapping[str, Metric],
    real: Array,
    fake: Array,
    dataset: Distribution,
    names: tuple[str | int, ...],
    views: Views | None = None,
) -> dict[str, float]:
    """Every metric of every family that applies to the dataset, by name; without `fake` points, of `views` alone.

    Each family draws from its own stream, of `names` and its own name: another family changes nothing.
    """
    scores: dict[str, float] = {}
    for name, family in families.items():
        if family.applies(dataset):
            if len(fake):
                scores |= family.score(real, fake, dataset, stream(*names, name))
            if views:
                scores |= family.score_views(real, {"samples": fake, **views}, dataset)
    return scores
