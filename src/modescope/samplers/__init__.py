"""Samplers draw points of a known distribution without training; one file each.

A sampler is its own configuration: the fields of the class are the `settings` of its entry under
`samplers:` in params.yaml, `sampler` is the name of its file.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from modescope.datasets import Array, Distribution
from modescope.params import registry
from modescope.params.settings import Strict


class Sampler(Strict):
    """A method that turns random variables into points of a distribution."""

    source: ClassVar[str]  # author, year

    def check(self, dataset: Distribution) -> None:
        """Raises ValueError, with the reason, if the sampler cannot draw from the dataset."""

    def sources(self, project: Path) -> dict[str, Path]:
        """The user's files that it reads, by their path in the project. Raises as `check_source`."""
        return {}

    def check_source(self, dataset: Distribution, n: int, seeds: int, project: Path) -> list[str]:
        """Open the files; returns how they were understood, a line each, where something had to be decided.

        Raises ConfigError, before anything is run, unless they give n points per seed.
        """
        return []

    @abstractmethod
    def draw(self, dataset: Distribution, n: int, rng: np.random.Generator) -> dict[str, Array]:
        """Draw `samples` (n, *shape), and arrays that describe the sampling for figures and metrics."""

    def runs(
        self, dataset: Distribution, n: int, rngs: Sequence[np.random.Generator], project: Path
    ) -> list[dict[str, Array]]:
        """The result of `draw` for every seed, each with its own generator; `project` holds the user's files."""
        return [self.draw(dataset, n, rng) for rng in rngs]


def build(name: str, settings: Mapping[str, Any]) -> Sampler:
    """The sampler of `samplers/<name>.py` with these settings.

    Raises LookupError for an unknown name and pydantic.ValidationError for bad settings.
    """
    return registry.find("samplers", name, Sampler).model_validate(dict(settings))
