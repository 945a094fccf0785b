"""Samplers: points of a known distribution drawn without training anything; one file each.

A sampler is its own configuration: the fields of the class are the `settings` of its entry under
`samplers:` in params.yaml, `sampler` is the name of its file.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from modescope import registry
from modescope.datasets import Array, Distribution
from modescope.settings import Strict


class Sampler(Strict):
    """A way from random variables to points of a distribution."""

    source: ClassVar[str]  # author, year

    def check(self, dataset: Distribution) -> None:
        """Raises ValueError, with the reason, where the sampler cannot draw from the dataset."""

    @abstractmethod
    def draw(self, dataset: Distribution, n: int, rng: np.random.Generator) -> dict[str, Array]:
        """`samples` (n, *shape), and what else figures and metrics may use of how they came about, (..., ...)."""


def build(name: str, settings: Mapping[str, Any]) -> Sampler:
    """The sampler of `samplers/<name>.py` with these settings.

    Raises LookupError for an unknown name and pydantic.ValidationError for bad settings.
    """
    return registry.find("samplers", name, Sampler).model_validate(dict(settings))
