"""The user's own points, from a table or an array in the folder `own/` of the project: CSV, Parquet, npy or npz.

They are split at random into a train and a test set. If the entry gives their modes, mode coverage is measured.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from modescope.datasets import Array, Distribution
from modescope.datasets.common import paths
from modescope.datasets.common.pointfiles import PointFile
from modescope.params.config import MOST_POINTS, ConfigError
from modescope.params.settings import Strict
from modescope.seeding import stream

FOLDER = "own"
FEWEST = 20  # points per set; also the least that `evaluation.samples` and `n_test` allow
Names = Annotated[
    list[str | int], Field(min_length=1, max_length=1_000, description="names in the header, or numbers from 0")
]
Size = Annotated[int, Field(ge=1, le=65_536)]


class Modes(Strict):
    """The known modes of the user's points, taken as isotropic Gaussians of equal width."""

    centres: list[list[float]] = Field(min_length=1, max_length=10_000, description="one list of coordinates per mode")
    std: float = Field(gt=0, description="standard deviation of every mode along every axis, in data units")
    weights: list[Annotated[float, Field(gt=0)]] | None = Field(
        None, description="probability of each mode; equal if absent"
    )


class Points(Distribution):
    """The chosen columns of a table, or the rows of an array (n, *point_shape)."""

    kind: Literal["points"] = "points"
    n_train: int = Field(50_000, ge=FEWEST, le=MOST_POINTS, description="train points at most; the file may hold fewer")
    n_test: int = Field(10_000, ge=FEWEST, le=MOST_POINTS, description="test points at most; the file may hold fewer")
    path: str = Field(min_length=1, max_length=500, description="inside the folder own/, with forward slashes")
    columns: Names | None = Field(None, description="of a table or an array (n, d), one per coordinate")
    point_shape: list[Size] | None = Field(
        None, min_length=1, max_length=4, description="instead of columns: the shape of a row of an npy or npz array"
    )
    key: str | None = Field(None, description="name of the array in an npz that holds several")
    test_share: float = Field(0.3, gt=0, lt=1, description="share of the points in the test set")
    window: list[float] | None = Field(
        None, min_length=4, max_length=4, description="for points in the plane: x_min, x_max, y_min, y_max of the plots"
    )
    modes: Modes | None = Field(None, description="centres, std and weights of the modes, where they are known")

    @property
    def shape(self) -> tuple[int, ...]:
        """(columns,), or point_shape."""
        return (len(self.columns),) if self.columns is not None else tuple(self.point_shape or ())

    @property
    def from_files(self) -> bool:
        """True: no new points can be drawn."""
        return True

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Raises NotImplementedError: no new points can be drawn."""
        raise NotImplementedError(f"{FOLDER}/{self.path}: no new points can be drawn from a file")

    def sources(self, project: Path) -> dict[str, Path]:
        """The file itself. Raises ConfigError if it is missing."""
        return {f"{FOLDER}/{self.path}": paths.located(project, FOLDER, self.path)}

    def check_source(self, project: Path) -> list[str]:
        """Read the file. Raises ConfigError, one line with the file, what is wrong and what is allowed."""
        points, taken = self._read(project)
        if self.shape == (2,) and self.window is None:
            low, high = points.min(0), points.max(0)
            around = [end for axis in (0, 1) for end in padded(float(low[axis]), float(high[axis]))]
            raise ConfigError(f"{FOLDER}/{self.path}: points in the plane are plotted; add window: {around}")
        return [f"{FOLDER}/{self.path}: {'; '.join(taken)}"] if taken else []

    def sets(self, name: str, project: Path) -> dict[str, NDArray[Any]]:
        """The arrays train (n, *shape) and test (m, *shape), disjoint rows of the file in random order.

        Raises ConfigError as `check_source` does.
        """
        points, _ = self._read(project)
        order = stream("dataset", name, self.seed, "split").permutation(len(points))
        n_test = round(self.test_share * len(points))
        return {"train": points[order[n_test:]][: self.n_train], "test": points[order[:n_test]][: self.n_test]}

    @property
    def centres(self) -> Array | None:
        """Mode centres as given, (n_modes, *shape), or None."""
        return None if self.modes is None else np.array(self.modes.centres, np.float64).reshape(-1, *self.shape)

    @property
    def mode_weights(self) -> Array | None:
        """Probability of each mode, (n_modes,), or None."""
        if self.modes is None:
            return None
        n = len(self.modes.centres)
        return np.full(n, 1 / n) if self.modes.weights is None else np.array(self.modes.weights)

    @property
    def mode_std(self) -> float | None:
        """Standard deviation of every mode along every axis, in data units, or None."""
        return None if self.modes is None else self.modes.std

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The window. Raises NotImplementedError without one."""
        if self.window is None:
            raise NotImplementedError(f"{FOLDER}/{self.path} cannot be drawn in a plane without a window")
        x_min, x_max, y_min, y_max = self.window
        return x_min, x_max, y_min, y_max

    def _read(self, project: Path) -> tuple[NDArray[np.float64], list[str]]:
        """The points, (n, *shape), and how the file was understood."""
        label = f"{FOLDER}/{self.path}"
        file, known = paths.located(project, FOLDER, self.path), math.prod(self.shape)
        read = PointFile(file, label, self.columns, self.key, prefer=(), coordinates=known).open()
        found = read.points
        if found.shape[1:] != self.shape:
            raise ConfigError(f"{label}: points of shape {found.shape[1:]}; allowed: {self.shape}, as point_shape says")
        n_test = round(self.test_share * len(found))
        if min(n_test, len(found) - n_test) < FEWEST:
            raise ConfigError(
                f"{label}: {len(found)} points with test_share {self.test_share} leave {len(found) - n_test} to train "
                f"and {n_test} to test; {FEWEST} of each are needed"
            )
        return found, read.taken

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str) -> str:
        return paths.inside(path, FOLDER)

    @model_validator(mode="after")
    def _fits_together(self) -> Points:
        if (self.columns is None) == (self.point_shape is None):
            raise ValueError("give either columns (of a table) or point_shape (of an array's rows)")
        if self.columns is not None and len(set(self.columns)) < len(self.columns):
            raise ValueError("columns: a column is named twice")
        if self.window is not None:
            x_min, x_max, y_min, y_max = self.window
            if self.shape != (2,) or x_min >= x_max or y_min >= y_max:
                raise ValueError("window: only for points with two coordinates, with x_min < x_max and y_min < y_max")
        if self.modes is not None:
            dim, weights = math.prod(self.shape), self.modes.weights
            if any(len(centre) != dim for centre in self.modes.centres):
                raise ValueError(f"modes.centres: every centre must have {dim} coordinates")
            if weights is not None and len(weights) != len(self.modes.centres):
                raise ValueError(f"modes.weights: {len(weights)} given for {len(self.modes.centres)} modes")
            if weights is not None and not math.isclose(math.fsum(weights), 1, abs_tol=1e-9):
                raise ValueError(f"modes.weights must sum to 1, not to {math.fsum(weights)}")
        return self


def padded(low: float, high: float) -> tuple[float, float]:
    """The interval and a twentieth of its length on either side, rounded to three digits of that length."""
    length = high - low or 1.0
    digits = 2 - math.floor(math.log10(length))
    return round(low - 0.05 * length, digits), round(high + 0.05 * length, digits)
