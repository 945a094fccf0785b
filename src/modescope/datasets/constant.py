"""One constant number: the data of the simplest possible GAN (article 002)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from modescope.datasets import Array, Distribution
from modescope.params.config import MOST_POINTS


class Constant(Distribution):
    """Every point is `value`; a point has the shape (1,). Its distribution has no density."""

    kind: Literal["constant"] = "constant"
    n_train: int = Field(20, ge=2, le=MOST_POINTS, description="all equal, so a few are enough")
    n_test: int = Field(20, ge=20, le=MOST_POINTS, description="all equal, so a few are enough")
    value: float = Field(1.0, description="1 in article 002")

    @property
    def shape(self) -> tuple[int, ...]:
        """(1,)."""
        return (1,)

    @property
    def degenerate(self) -> bool:
        """True: all mass lies in one point."""
        return True

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """`value` n times, (n, 1); `rng` is not used."""
        return np.full((n, 1), self.value)
