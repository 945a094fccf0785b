"""Stacks of three digits, one a channel: 1,000 combinations, each of which is a mode (Metz et al. 2017).

Pictures of single digits are split into train and test before they are stacked, so that no test digit is in a train
stack. The digit of every channel is drawn by its weight, then one of its pictures, all alike.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from modescope.datasets import Array, Distribution
from modescope.params.config import MOST_POINTS
from modescope.seeding import stream

DIGITS, CHANNELS = 10, 3
Weight = Annotated[float, Field(gt=0)]  # a combination of weight 0 could neither be covered nor lost


class Pictures(NamedTuple):
    """Single digits."""

    values: NDArray[np.float32]  # (n, side, side), from -1 (background) to 1
    labels: NDArray[np.intp]  # (n,), 0 to 9


class Stacks(Distribution):
    """Three independent digits, (3, side, side); subclasses give the pictures and their side."""

    n_train: int = Field(
        20_000, ge=2, le=MOST_POINTS, description="stacks of the fixed train set, of train pictures only"
    )
    n_test: int = Field(
        10_000, ge=20, le=MOST_POINTS, description="stacks of the fixed test set, of test pictures only"
    )
    digit_weights: list[Weight] | None = Field(
        None,
        min_length=DIGITS,
        max_length=DIGITS,
        description="probability of each digit, the same in every channel; equal if absent",
    )

    @property
    @abstractmethod
    def side(self) -> int:
        """Pixels along a side of a picture."""

    @abstractmethod
    def pictures(self, project: Path) -> tuple[Pictures, Pictures]:
        """All train and all test pictures; no picture is in both, and each digit is in either.

        Raises ConfigError, one line, if files of the project are read and cannot be used.
        """

    @property
    def shape(self) -> tuple[int, ...]:
        """(3, side, side)."""
        return (CHANNELS, self.side, self.side)

    @property
    def weights(self) -> Array:
        """Probability of each digit in a channel, (10,)."""
        return np.full(DIGITS, 1 / DIGITS) if self.digit_weights is None else np.array(self.digit_weights)

    @property
    def mode_weights(self) -> Array:
        """Probability of each combination, (1000,), in the order of `combinations`: the product of its digits'."""
        one = self.weights
        return np.asarray(np.einsum("a,b,c->abc", one, one, one).ravel())

    def stacked(
        self, pictures: Pictures, n: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Stacks of the pictures, (n, 3, side, side), and the digits in their channels, (n, 3)."""
        order = np.argsort(pictures.labels, kind="stable")
        counts = np.bincount(pictures.labels, minlength=DIGITS)
        digits = rng.choice(DIGITS, (n, CHANNELS), p=self.weights)
        which = (np.cumsum(counts) - counts)[digits] + rng.integers(0, counts[digits])  # place in `order`
        return pictures.values[order[which]], digits

    def sets(self, name: str, project: Path) -> dict[str, NDArray[Any]]:
        """Stacks `train` and `test`; what they are made of: `pictures_<part>` (n, side, side) and `labels_<part>` (n,).

        The pictures depend on the seed and not on the name, so that two entries may share a classifier.
        Raises ConfigError as `pictures` does.
        """
        found: dict[str, NDArray[Any]] = {}
        parts = zip(("train", "test"), (self.n_train, self.n_test), self.pictures(project), strict=True)
        for part, n, pictures in parts:
            found[part] = self.stacked(pictures, n, stream("dataset", name, self.seed, part))[0]
            found |= {f"pictures_{part}": pictures.values, f"labels_{part}": pictures.labels}
        return found

    @field_validator("digit_weights")
    @classmethod
    def _are_probabilities(cls, weights: list[float] | None) -> list[float] | None:
        if weights is not None and not math.isclose(math.fsum(weights), 1, abs_tol=1e-9):
            raise ValueError(f"must sum to 1, not to {math.fsum(weights):g}")
        return weights


def combinations(digits: NDArray[np.integer[Any]]) -> NDArray[np.intp]:
    """Index of each combination, (n, 3) -> (n,): 100 a + 10 b + c for the digits a, b, c of channels 0, 1, 2."""
    return np.asarray(digits @ np.array([100, 10, 1]), np.intp)
