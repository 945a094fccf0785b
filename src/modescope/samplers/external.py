"""Samples made elsewhere, by any generator in any framework, scored and shown with the others.

The files lie in the folder `own/` of the project: one per seed, or one for all seeds, which is split at random into
equal parts. Such parts come from one training run, so they show the variation of sampling, not of training.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, field_validator

from modescope.datasets import Array, Distribution
from modescope.datasets.common import paths
from modescope.datasets.common.pointfiles import PointFile
from modescope.datasets.points import FOLDER, Names
from modescope.params.config import ConfigError
from modescope.samplers import Sampler

Paths = Annotated[list[str], Field(min_length=1, max_length=1_000)]


class External(Sampler):
    """Points from files, in the units and the shape of the dataset."""

    path: str | Paths = Field(description="inside the folder own/: one file, or a list with one file per seed")
    key: str | None = Field(None, description="name of the array in an npz that holds several")
    columns: Names | None = Field(None, description="of a table or an array (n, d), one per coordinate")

    source: ClassVar[str] = "samples made elsewhere"

    def sources(self, project: Path) -> dict[str, Path]:
        """Every file. Raises ConfigError if one is missing."""
        files = [self.path] if isinstance(self.path, str) else self.path
        return {f"{FOLDER}/{file}": paths.located(project, FOLDER, file) for file in files}

    def check_source(self, dataset: Distribution, n: int, seeds: int, project: Path) -> list[str]:
        """Read every file. Raises ConfigError, one line with the file, what is wrong and what is allowed."""
        _, taken = self._read(dataset, n, seeds, project)
        return taken

    def draw(self, dataset: Distribution, n: int, rng: np.random.Generator) -> dict[str, Array]:
        """Raises NotImplementedError: no new points can be drawn."""
        raise NotImplementedError("sampler external cannot draw new points; it reads files")

    def runs(
        self, dataset: Distribution, n: int, rngs: Sequence[np.random.Generator], project: Path
    ) -> list[dict[str, Array]]:
        """`samples` (n, *shape) for every seed: n random points of its file or part, since files may be sorted.

        Raises ConfigError as `check_source` does.
        """
        files, _ = self._read(dataset, n, len(rngs), project)
        if len(files) < len(rngs):
            files = np.array_split(rngs[0].permutation(files[0]), len(rngs))
        return [{"samples": rng.permutation(points)[:n]} for points, rng in zip(files, rngs, strict=True)]

    def _read(self, dataset: Distribution, n: int, seeds: int, project: Path) -> tuple[list[Array], list[str]]:
        """The points of every file, one file per seed or one for all, and how the files were understood."""
        files = [self.path] if isinstance(self.path, str) else self.path
        if len(files) not in (1, seeds):
            raise ConfigError(f"path: {len(files)} files for {seeds} seeds; allowed: one per seed, or one for all")
        needed = n * seeds if len(files) == 1 else n
        found: list[Array] = []
        taken: list[str] = []
        for path in files:
            label = f"{FOLDER}/{path}"
            file = paths.located(project, FOLDER, path)
            known = math.prod(dataset.shape)
            read = PointFile(file, label, self.columns, self.key, prefer=("samples",), coordinates=known).open()
            points = read.points
            if points.shape[1:] != dataset.shape:
                raise ConfigError(f"{label}: points of shape {points.shape[1:]}; the dataset's have {dataset.shape}")
            if len(points) < needed:
                raise ConfigError(
                    f"{label}: {len(points):,} points are too few; {needed:,} are needed, {n:,} for each seed "
                    "that uses it"
                )
            found.append(points)
            taken += [f"{label}: {'; '.join(read.taken)}"] if read.taken else []
        return found, taken

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str | list[str]) -> str | list[str]:
        for one in [path] if isinstance(path, str) else path:
            paths.inside(one, FOLDER)
        return path
