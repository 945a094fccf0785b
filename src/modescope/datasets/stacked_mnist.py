"""Stacked MNIST (Metz et al. 2017): three handwritten digits of 28 x 28 pixels, from the four MNIST files of the user.

The files lie in a folder of `own/` under their usual names, plain or with .gz. Train stacks are made of the 60,000
train pictures, test stacks of the 10,000 test pictures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from modescope.datasets import Array
from modescope.datasets.common import idx, paths
from modescope.datasets.common.stacks import DIGITS, Pictures, Stacks
from modescope.params.config import ConfigError

FOLDER, SIDE = "own", 28
PREFIXES = ("train", "t10k")  # of the train files and the test files
IMAGES, LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"


class StackedMnist(Stacks):
    """Three digits of 28 x 28 pixels, one a channel."""

    kind: Literal["stacked_mnist"] = "stacked_mnist"
    path: str = Field("mnist", min_length=1, max_length=500, description="folder inside own/ that holds the four files")
    size: Literal[28, 32] = Field(
        28, description="pixels a side; 32 adds a margin of two background pixels, for convolutional networks"
    )

    @property
    def side(self) -> int:
        """`size`."""
        return self.size

    @property
    def from_files(self) -> bool:
        """True: stacks are drawn where the files are, in `sets`."""
        return True

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Raises NotImplementedError: only `sets` reads the files."""
        raise NotImplementedError(f"{FOLDER}/{self.path}: no new stacks can be drawn without the files")

    def sources(self, project: Path) -> dict[str, Path]:
        """The four files. Raises ConfigError if one is missing."""
        names = [f"{prefix}-{name}" for prefix in PREFIXES for name in (IMAGES, LABELS)]
        return dict(self._file(project, name) for name in names)

    def check_source(self, project: Path) -> list[str]:
        """Read the files. Raises ConfigError, one line with the file, what is wrong and what is allowed."""
        self.pictures(project)
        return []

    def pictures(self, project: Path) -> tuple[Pictures, Pictures]:
        """The train and the test files, values scaled from 0 ... 255 to -1 ... 1. Raises as `check_source`."""
        train, test = (self._part(project, prefix) for prefix in PREFIXES)
        return train, test

    def _part(self, project: Path, prefix: str) -> Pictures:
        (images_label, images_path), (labels_label, labels_path) = (
            self._file(project, f"{prefix}-{name}") for name in (IMAGES, LABELS)
        )
        images, labels = idx.read(images_path, images_label, 3), idx.read(labels_path, labels_label, 1)
        if images.shape[1:] != (SIDE, SIDE):
            found = f"pictures of {images.shape[1]:,} x {images.shape[2]:,} pixels"
            raise ConfigError(f"{images_label}: {found}; allowed: {SIDE} x {SIDE}")
        if len(labels) != len(images):
            raise ConfigError(
                f"{labels_label}: {len(labels):,} labels for the {len(images):,} pictures of {images_label}; allowed: "
                "one a picture; copy both again"
            )
        counts = np.bincount(labels, minlength=DIGITS)
        if len(counts) > DIGITS:
            first = int(np.argmax(labels >= DIGITS))
            raise ConfigError(f"{labels_label}: label {first:,} (from 0) is {labels[first]}; allowed: 0 to 9")
        if counts.min() == 0:
            gone = ", ".join(str(digit) for digit in np.flatnonzero(counts == 0))
            raise ConfigError(f"{labels_label}: no picture of {gone}; every digit needs one, to be stacked")
        return Pictures(self._values(images), labels.astype(np.intp))

    def _values(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        margin = (self.size - SIDE) // 2
        padded: NDArray[Any] = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
        return padded.astype(np.float32) / np.float32(127.5) - np.float32(1)

    def _file(self, project: Path, name: str) -> tuple[str, Path]:
        """Label and place of a file, the plain one where both lie there. Raises ConfigError if there is none."""
        plain, zipped = f"{self.path}/{name}", f"{self.path}/{name}.gz"
        folder = project / FOLDER
        path = zipped if (folder / zipped).exists() and not (folder / plain).exists() else plain
        return f"{FOLDER}/{path}", paths.located(project, FOLDER, path)

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str) -> str:
        return paths.inside(path, FOLDER)
