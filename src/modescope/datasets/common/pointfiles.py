"""Read points from npy, npz, CSV or Parquet into one finite array, or say in one line what is wrong.

Nothing in a file is executed: pickled content is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modescope.datasets.common import arrays, parquet
from modescope.datasets.common.columns import Column as Column
from modescope.datasets.common.columns import UnfitError
from modescope.datasets.common.tables import table
from modescope.params.config import ConfigError

POINTER = b"version https://git-lfs"
TABLES = (".csv", ".tsv", ".txt")
SUFFIXES = (*TABLES, ".npy", ".npz", ".parquet")


@dataclass(frozen=True)
class Read:
    """The points of a file, and how it was understood."""

    points: NDArray[np.float64]  # (n, ...), all finite; (n, columns) for a table
    taken: list[str]  # what was taken for what, such as "row 1: names"; empty where nothing had to be decided


@dataclass(frozen=True)
class PointFile:
    """A file of points, and which part of it is used."""

    path: Path
    label: str  # the file as shown in messages
    columns: Sequence[Column] | None = None  # names in the header, or numbers from 0; None: all
    key: str | None = None  # the array of an npz; None: its only one, or else the first of `prefer` that it has
    prefer: Sequence[str] = ("test", "samples")  # our own archives: data/NAME.npz, and samples.npz of a run
    coordinates: int | None = None  # of a point, where known; decides between two readings of a table

    def read(self) -> NDArray[np.float64]:
        """The points alone. Raises as `open`."""
        return self.open().points

    def open(self) -> Read:
        """The points, (n, ...), all finite, and how the file was understood; (n, columns) for a table.

        Raises ConfigError, one line with the file, the row and column if there is one, and what is allowed.
        """
        try:
            return self._open()
        except UnfitError as error:
            raise self.refused(str(error)) from None
        except OSError as error:
            raise self.refused(f"cannot be read: {error.strerror or error}") from None

    def refused(self, wrong: str) -> ConfigError:
        """An error about this file, in one line."""
        return ConfigError(f"{self.label}: {_line(wrong)}")

    def _open(self) -> Read:
        suffix = self.path.suffix.lower()
        if suffix not in SUFFIXES:
            raise UnfitError(f"{suffix or 'extensionless'} files are not read; allowed: {', '.join(SUFFIXES)}")
        if not self.path.is_file():
            raise UnfitError("not a file" if self.path.exists() else "there is no such file")
        if self.path.stat().st_size == 0:
            raise UnfitError("the file is empty")
        if self.key is not None and suffix != ".npz":
            raise UnfitError("key is only for npz files; leave it out")
        with self.path.open("rb") as file:
            if file.read(len(POINTER)) == POINTER:
                raise UnfitError("a Git LFS pointer instead of the file; `git lfs pull` fetches it")
        taken: list[str] = []
        match suffix:
            case ".npy":
                points = arrays.read_npy(self.path, self.columns)
            case ".npz":
                points, taken = arrays.read_npz(self.path, self.columns, self.key, self.prefer)
            case ".parquet":
                points, taken = parquet.read(self.path, self.columns)
            case _:
                points, taken = table.read(self.path, self.columns, self.coordinates)
        return Read(points, [_line(sentence) for sentence in taken])


def _line(words: str) -> str:
    """One line that can be printed anywhere."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(words.split()))
