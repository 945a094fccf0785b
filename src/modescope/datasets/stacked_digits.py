"""Stacks of three handwritten digits of 8 x 8 pixels, which come with scikit-learn: Stacked MNIST without a download.

The 1,797 digits are the test part of Alpaydin and Kaynak's Optical Recognition of Handwritten Digits (1998), grey
values 0 to 16.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from modescope.datasets import Array
from modescope.datasets.common.stacks import DIGITS, Pictures, Stacks
from modescope.seeding import stream

SIDE, WHITE = 8, 16


class StackedDigits(Stacks):
    """Three digits of 8 x 8 pixels, one a channel, from 1,797 pictures that are split before they are stacked."""

    kind: Literal["stacked_digits"] = "stacked_digits"
    test_share: float = Field(
        0.25, ge=0.05, le=0.95, description="share of every digit's pictures that only test stacks have"
    )

    @property
    def side(self) -> int:
        """8."""
        return SIDE

    def pictures(self, project: Path = Path()) -> tuple[Pictures, Pictures]:
        """All train and all test pictures, the same share of each digit; which ones, the seed says."""
        every, rng = load(), stream("stacked_digits", self.seed, "split")
        in_test = np.zeros(len(every.labels), bool)
        for digit in range(DIGITS):
            rows = rng.permutation(np.flatnonzero(every.labels == digit))
            in_test[rows[: round(self.test_share * len(rows))]] = True
        train, test = (Pictures(every.values[part], every.labels[part]) for part in (~in_test, in_test))
        return train, test

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Stacks of test pictures, (n, 3, 8, 8)."""
        return self.stacked(self.pictures()[1], n, rng)[0].astype(np.float64)


@lru_cache(maxsize=1)
def load() -> Pictures:
    """All 1,797 digits, values scaled from 0 ... 16 to -1 ... 1."""
    from sklearn.datasets import load_digits  # takes most of a second, and only stages that draw digits need it

    digits = load_digits()
    values = (digits.images * (2 / WHITE) - 1).astype(np.float32)
    return Pictures(values, digits.target.astype(np.intp))
