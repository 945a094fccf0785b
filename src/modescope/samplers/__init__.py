"""Samplers: points of a known distribution drawn without training anything; one file each.

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
    """A way from random variables to points of a distribution."""

    source: ClassVar[str]  # author, year

    def check(self, dataset: Distribution) -> None:
        """Raises ValueError, with the reason, where the sampler cannot draw from the dataset."""

    def sources(self, project: Path) -> dict[str, Path]:
        """The user's files that it reads, by their path in the project. Raises as `check_source`."""
        return {}

    def check_source(self, dataset: Distribution, n: int, seeds: int, project: Path) -> None:
        """Raises ConfigError, before anything is run, where the files it reads do not give n points a seed."""
        return

    @abstractmethod
    def draw(self, dataset: Distribution, n: int, rng: np.random.Generator) -> dict[str, Array]:
        """`samples` (n, *shape), and what else figures and metrics may use of how they came about, (..., ...)."""

    def runs(
        self, dataset: Distribution, n: int, rngs: Sequence[np.random.Generator], project: Path
    ) -> list[dict[str, Array]]:
        """What `draw` gives for every seed, each from its own generator; files of one's own lie in the project."""
        return [self.draw(dataset, n, rng) for rng in rngs]


def build(name: str, settings: Mapping[str, Any]) -> Sampler:
    """The sampler of `samplers/<name>.py` with these settings.

    Raises LookupError for an unknown name and pydantic.ValidationError for bad settings.
    """
    return registry.find("samplers", name, Sampler).model_validate(dict(settings))
