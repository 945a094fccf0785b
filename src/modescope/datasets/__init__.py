"""Distributions to learn: one file each, with sampler, exact density where there is one, and mode centres.

A distribution is its own configuration: the fields of the class are the keys of its entry under
`datasets:` in params.yaml, `kind` is the name of its file.
"""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from modescope.params import registry
from modescope.params.config import MOST_POINTS
from modescope.params.settings import Strict
from modescope.seeding import stream

Array = NDArray[np.float64]


class Distribution(Strict):
    """What every dataset entry has; the files of this package add their own fields."""

    kind: str
    title: str = Field("", max_length=40, description="its name on the page; by default the name of its entry in words")
    n_train: int = Field(50_000, ge=2, le=MOST_POINTS, description="points of the fixed train set")
    n_test: int = Field(10_000, ge=20, le=MOST_POINTS, description="points of the fixed test set; metrics need some")
    seed: int = Field(0, ge=0, description="seed of the train and test sets")

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Shape of one point, without the batch axis."""

    @abstractmethod
    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Draw n points, (n, *shape)."""

    def sets(self, name: str, project: Path) -> dict[str, NDArray[Any]]:
        """What data/<name>.npz holds: `train` and `test`, (n, *shape) each, from separate random streams."""
        return {
            part: self.sample(n, stream("dataset", name, self.seed, part))
            for part, n in (("train", self.n_train), ("test", self.n_test))
        }

    @property
    def from_files(self) -> bool:
        """Whether the points are read from files of the project, so that no new ones can be drawn."""
        return False

    def sources(self, project: Path) -> dict[str, Path]:
        """The user's files and folders that it reads, by their path in the project. Raises as `check_source`."""
        return {}

    def check_source(self, project: Path) -> list[str]:
        """Open the files; returns how they were understood, a line each, where something had to be decided.

        Raises ConfigError, before anything is trained, if they cannot be used.
        """
        return []

    def log_density(self, x: Array) -> Array:
        """Natural logarithm of the exact density at x, (n, *shape) -> (n,); -inf outside the support.

        Raises NotImplementedError where no density is known (see `has_density`).
        """
        raise NotImplementedError(f"{self.kind} has no closed-form density")

    @property
    def has_density(self) -> bool:
        """Whether `log_density` is known."""
        return type(self).log_density is not Distribution.log_density

    @property
    def degenerate(self) -> bool:
        """Whether all mass lies in one point, so that the data have no scale for distances."""
        return False

    def cdf(self, x: Array) -> Array:
        """P(X <= x) of a distribution on the line, (n,) -> (n,).

        Raises NotImplementedError where it is not known, or where points have more than one coordinate.
        """
        raise NotImplementedError(f"{self.kind} has no closed-form distribution function")

    def quantile(self, u: Array) -> Array:
        """The x with P(X <= x) = u for u in (0, 1), (n,) -> (n,). Raises NotImplementedError as `cdf` does."""
        raise NotImplementedError(f"{self.kind} has no closed-form quantile function")

    @property
    def has_quantile(self) -> bool:
        """Whether `cdf` and `quantile` are known; only for one-dimensional distributions."""
        return self.shape == (1,) and type(self).quantile is not Distribution.quantile

    @property
    def centres(self) -> Array | None:
        """Mode centres, (n_modes, *shape), or None for a distribution without modes."""
        return None

    @property
    def mode_weights(self) -> Array | None:
        """Probability of each mode, (n_modes,), or None without modes."""
        return None

    @property
    def mode_std(self) -> float | None:
        """Standard deviation of each mode around its centre, in data units, or None without modes."""
        return None

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """(x_min, x_max, y_min, y_max) of a plot that shows the whole distribution."""
        raise NotImplementedError(f"{self.kind} is not drawn in a plane")


def build(spec: dict[str, Any]) -> Distribution:
    """The distribution of one `datasets:` entry.

    Raises LookupError for an unknown kind and pydantic.ValidationError for bad fields.
    """
    return registry.find("datasets", str(spec.get("kind")), Distribution).model_validate(spec)
