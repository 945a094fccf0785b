"""Snapshots of a road junction from above: mostly empty, else with cars in patterns of known probability.

A frame is the fixed ground, one car in every lane that its pattern names, and sensor noise. The table
of patterns is the exact distribution of the modes, so lost modes can be counted. Article 003 asks
about the rare ones.
"""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from modescope.datasets import Array, Distribution
from modescope.datasets.common.junction_scene import CARS, GREYS, LANES, Window, draw_cars, ground, window
from modescope.params.config import MOST_POINTS
from modescope.seeding import stream

EMPTY = "empty"
LUMINANCE = np.array([0.299, 0.587, 0.114])  # of red, green and blue: ITU-R BT.601
TABLE = {EMPTY: 0.80, "n": 0.04, "e": 0.04, "s": 0.04, "w": 0.04, "ns": 0.015, "ew": 0.015, "nesw": 0.01}


class Junction(Distribution):
    """Square frames of `size` pixels a side, (3, size, size) or (1, size, size) in grey, in [-1, 1].

    The position of a car along its lane and its colour are uniformly distributed.
    """

    kind: Literal["junction"] = "junction"
    n_train: int = Field(6_000, ge=2, le=MOST_POINTS, description="frames of the fixed train set")
    n_test: int = Field(2_000, ge=20, le=MOST_POINTS, description="frames of the fixed test set")
    size: int = Field(32, ge=16, le=64, multiple_of=2, description="pixels a side; even, as lanes meet in the middle")
    grey: bool = False
    patterns: dict[str, float] = Field(
        TABLE, validate_default=True, description="probability of each pattern: `empty`, or letters of occupied lanes"
    )
    empty: float | None = Field(
        None, gt=0, lt=1, description="if given, probability of the empty junction; the others keep their proportions"
    )
    noise: float = Field(0.03, ge=0, le=0.1, description="standard deviation of the sensor noise, pixels in [-1, 1]")
    jitter: float = Field(0.045, ge=0, le=0.05, description="largest offset of a car along its lane, in image sides")
    colours: int = Field(
        4,
        ge=1,
        le=len(CARS),
        description="number of car colours: white, red, blue, yellow, green, orange; in grey, from black to white",
    )

    @field_validator("patterns")
    @classmethod
    def _is_a_table(cls, table: dict[str, float]) -> dict[str, float]:
        lanes = [lanes_of(name) for name in table]
        if len(set(lanes)) < len(lanes):
            raise ValueError(f"two patterns have the same lanes: {', '.join(table)}")
        if frozenset() not in lanes or len(lanes) < 2:
            raise ValueError(f"patterns must hold {EMPTY!r} and at least one other, not {', '.join(table)}")
        if any(probability <= 0 for probability in table.values()):
            raise ValueError(f"probabilities must be positive: {table}")
        if not math.isclose(math.fsum(table.values()), 1, abs_tol=1e-9):
            raise ValueError(f"probabilities must sum to 1, not {math.fsum(table.values()):g}")
        return table

    @property
    def shape(self) -> tuple[int, ...]:
        """Channels, rows, columns."""
        return (1 if self.grey else 3, self.size, self.size)

    @property
    def pattern_names(self) -> tuple[str, ...]:
        """The patterns in the order of the table."""
        return tuple(self.patterns)

    @property
    def pattern_weights(self) -> Array:
        """Probability of each pattern, (n_patterns,)."""
        weights = np.array(list(self.patterns.values()))
        if self.empty is not None:
            index = next(i for i, name in enumerate(self.patterns) if not lanes_of(name))
            weights *= (1 - self.empty) / (1 - weights[index])
            weights[index] = self.empty
        return np.asarray(weights / weights.sum())

    @property
    def occupancy(self) -> NDArray[np.bool_]:
        """Whether each pattern occupies each lane of LANES, (n_patterns, 4)."""
        return np.array([[lane in lanes_of(name) for lane in LANES] for name in self.patterns])

    @property
    def background(self) -> Array:
        """The junction without cars and noise, (channels, size, size)."""
        return self._values(self._ground)

    def window(self, lane: str) -> Window:
        """The rows and columns of a lane's slot."""
        return window(lane, self.size)

    def cars(self, lane: str, offsets: Array, colours: NDArray[np.intp]) -> Array:
        """Slots of a lane with one car each, without noise, (n, channels, rows, columns).

        Each car has an offset (n,) ahead of the slot's middle, in image sides, and a colour index (n,).
        """
        body = (GREYS if self.grey else CARS)[colours]  # (n, 3)
        return self._values(draw_cars(self._ground, lane, offsets, body))

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Draw n frames, (n, channels, size, size)."""
        return self.sample_labelled(n, rng)[0]

    def sample_labelled(self, n: int, rng: np.random.Generator) -> tuple[Array, NDArray[np.intp]]:
        """Draw n frames, (n, channels, size, size), and the index of each one's pattern, (n,)."""
        label = rng.choice(len(self.patterns), size=n, p=self.pattern_weights)
        return self.frames(label, rng), label

    def frames(self, label: NDArray[np.intp], rng: np.random.Generator) -> Array:
        """One frame for each pattern index, (n,) -> (n, channels, size, size)."""
        n = len(label)
        offset = rng.uniform(-self.jitter, self.jitter, (n, len(LANES)))
        colour = rng.integers(0, self.colours, (n, len(LANES)))
        x = rng.normal(scale=self.noise, size=(n, *self.shape))
        x += self.background
        occupied = self.occupancy[label]  # (n, 4)
        for k, lane in enumerate(LANES):
            which = np.flatnonzero(occupied[:, k])
            rows, columns = self.window(lane)
            cars = self.cars(lane, offset[which, k], colour[which, k])
            x[which, :, rows, columns] += cars - self.background[:, rows, columns]
        return np.clip(x, -1, 1, out=x)

    def sets(self, name: str, project: Path) -> dict[str, NDArray[Any]]:
        """Train and test frames, the index of each one's pattern (`train_label`, `test_label`), and `background`."""
        found: dict[str, NDArray[Any]] = {"background": self.background}
        for part, n in (("train", self.n_train), ("test", self.n_test)):
            frames, label = self.sample_labelled(n, stream("dataset", name, self.seed, part))
            found |= {part: frames, f"{part}_label": label}
        return found

    @cached_property
    def _ground(self) -> Array:
        return ground(self.size)

    def _values(self, rgb: Array) -> Array:
        """Frame values in [-1, 1] of colours in [0, 1], (..., 3, rows, columns)."""
        if self.grey:
            rgb = np.einsum("c,...chw->...hw", LUMINANCE, rgb)[..., None, :, :]
        return np.asarray(2 * rgb - 1)


def lanes_of(pattern: str) -> frozenset[str]:
    """The lanes that a pattern's name occupies. Raises ValueError for other letters and repeated ones."""
    lanes = "" if pattern == EMPTY else pattern
    if (not lanes and pattern != EMPTY) or set(lanes) - set(LANES) or len(set(lanes)) < len(lanes):
        raise ValueError(f"a pattern is {EMPTY!r} or some of the lanes {', '.join(LANES)}, once each, not {pattern!r}")
    return frozenset(lanes)
