"""Read points from npy, npz, CSV or Parquet into one finite array, or say in one line which cell is wrong.

Nothing in a file is executed: pickled content is refused. Parquet is read by PyArrow, the extra `parquet`.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modescope.params.config import ConfigError

SUFFIXES = (".csv", ".npy", ".npz", ".parquet")
MAGIC = b"\x93NUMPY"  # how every npy file begins
LARGEST = float(np.finfo(np.float32).max)  # the pipeline keeps points in single precision
Column = str | int


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

    def read(self) -> NDArray[np.float64]:
        """The points alone. Raises as `open`."""
        return self.open().points

    def open(self) -> Read:
        """The points, (n, ...), all finite, and how the file was understood; (n, columns) for a table.

        Raises ConfigError, one line with the file, the row and column if there is one, and what is allowed.
        """
        suffix = self.path.suffix.lower()
        if suffix not in SUFFIXES:
            raise self.refused(f"{suffix or 'extensionless'} files are not read; allowed: {', '.join(SUFFIXES)}")
        if not self.path.is_file():
            raise self.refused("not a file" if self.path.exists() else "there is no such file")
        if self.path.stat().st_size == 0:
            raise self.refused("the file is empty")
        if self.key is not None and suffix != ".npz":
            raise self.refused("key is only for npz files; leave it out")
        taken: list[str] = []
        try:
            if suffix == ".csv":
                return Read(self._csv(), taken)
            if suffix == ".parquet":
                return Read(self._parquet(), taken)
            return Read(self._array(self._npy() if suffix == ".npy" else self._npz(taken)), taken)
        except OSError as error:
            raise self.refused(f"cannot be read: {error.strerror or error}") from None

    def refused(self, wrong: str) -> ConfigError:
        """An error about this file, in one line."""
        line = "".join(c if c.isprintable() else "?" for c in " ".join(wrong.split()))
        return ConfigError(f"{self.label}: {line}")

    def _npy(self) -> NDArray[Any]:
        with self.path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise self.refused("not an npy file (a pickle is never read); write it with numpy.save")
        try:  # mapped, so that a header with a wrong size cannot allocate memory
            return np.load(self.path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]
        except (ValueError, EOFError, SyntaxError, TokenError) as error:
            raise self._unreadable(error) from None

    def _npz(self, taken: list[str]) -> NDArray[Any]:
        try:
            with zipfile.ZipFile(self.path) as members:
                keys = [name.removesuffix(".npy") for name in members.namelist() if name.endswith(".npy")]
            key = self.key if self.key is not None else keys[0] if len(keys) == 1 else None
            if key is None and (key := next((name for name in self.prefer if name in keys), None)) is not None:
                taken.append(f"array {key} of {', '.join(keys)}")
            if key not in keys:
                wanted = "key is missing" if key is None else f"there is no array {key!r}"
                raise self.refused(f"{wanted}; allowed: {', '.join(keys[:20]) or 'none'}")
            with np.load(self.path, allow_pickle=False) as content:
                return np.asarray(content[key])
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            MemoryError,
            NotImplementedError,
            SyntaxError,
            TokenError,
        ) as error:
            raise self._unreadable(error) from None
        except ValueError as error:
            raise error if isinstance(error, ConfigError) else self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> ConfigError:
        if "object" in str(error).lower() or "pickle" in str(error).lower():
            return self.refused("holds Python objects (a pickle is never read); save numbers")
        return self.refused(f"cannot be read ({error}); copy it again")

    def _array(self, found: NDArray[Any]) -> NDArray[np.float64]:
        if found.dtype.kind not in "iuf":
            raise self.refused(f"an array of {found.dtype}; allowed: integers and real floating-point numbers")
        if found.ndim == 0 or found.size == 0:
            raise self.refused(f"an array of shape {found.shape}; allowed: (n, ...), one row per point")
        points = found[:, None] if found.ndim == 1 else found
        if self.columns is not None:
            if points.ndim != 2:
                raise self.refused(f"columns are for arrays of shape (n, d), not {points.shape}")
            points = points[:, [self._number(column, points.shape[1]) for column in self.columns]]
        points = np.asarray(points, dtype=np.float64)
        if not (fine := np.abs(points) <= LARGEST).all():
            row, *rest = (int(i) for i in np.argwhere(~fine)[0])
            at = ", ".join(map(str, rest))
            raise self.refused(f"row {row}, column {at} (from 0): {points[row, *rest]}; allowed: finite numbers")
        return points

    def _csv(self) -> NDArray[np.float64]:
        try:
            with self.path.open(encoding="utf-8-sig") as file:
                cells = pd.read_csv(file, header=None, dtype=str, keep_default_na=False, skip_blank_lines=False)
        except UnicodeDecodeError as error:
            raise self.refused(f"not UTF-8 text at byte {error.start}") from None
        except pd.errors.EmptyDataError:
            raise self.refused("no rows of numbers") from None
        except (pd.errors.ParserError, ValueError) as error:
            raise self.refused(f"not a table of numbers separated by commas ({error})") from None
        cells = cells.fillna("")
        first = [str(name).strip() for name in cells.iloc[0]]
        headed = bool(np.isnan(np.asarray(pd.to_numeric(pd.Series(first), errors="coerce"), np.float64)).all())
        if len(first) > 1 and first == [str(i) for i in range(len(first))]:
            raise self.refused("row 1 numbers the columns; give them names, or write 0.0 if it is a point")
        names: list[Column] = [*first] if headed else [*range(len(first))]
        filled = np.flatnonzero((cells != "").any(axis=1))  # empty lines at the end are no points
        cells = cells.iloc[int(headed) : int(filled[-1]) + 1 if len(filled) else 0]
        return self._table([cells[i] for i in cells.columns], names, 1 + int(headed))

    def _parquet(self) -> NDArray[np.float64]:
        try:
            from pyarrow import lib, parquet, types
        except ImportError:
            raise self.refused("Parquet needs PyArrow: pip install 'modescope[parquet]', or use CSV") from None
        try:
            table = parquet.read_table(self.path)
        except (lib.ArrowException, OSError, ValueError) as error:
            raise self.refused(f"not a Parquet file, or a damaged one ({str(error)[:80]})") from None
        names = [str(name) for name in table.column_names]
        chosen = range(len(names)) if self.columns is None else [self._number(c, names) for c in self.columns]
        for i in chosen:
            if not (types.is_integer(table.schema.types[i]) or types.is_floating(table.schema.types[i])):
                raise self.refused(f"column {names[i]} holds {table.schema.types[i]}; allowed: numbers")
        return self._table([pd.Series(table.column(i).to_pylist(), dtype=object) for i in range(len(names))], names, 1)

    def _table(self, cells: list[pd.Series[Any]], names: Sequence[Column], start: int) -> NDArray[np.float64]:
        """Numbers of the chosen columns, (n, columns); the first row of `cells` is row `start` of the file."""
        if not cells or not len(cells[0]):
            raise self.refused("no rows of numbers")
        chosen = range(len(names)) if self.columns is None else [self._number(c, names) for c in self.columns]
        found = np.stack([np.asarray(pd.to_numeric(cells[i], errors="coerce"), np.float64) for i in chosen], axis=1)
        if not (fine := np.abs(found) <= LARGEST).all():  # false for NaN, too
            row, column = (int(i) for i in np.argwhere(~fine)[0])
            value = cells[chosen[column]].iloc[row]
            shown = "empty" if value is None or value == "" else repr(value)[:40]
            at = f"row {row + start}, column {names[chosen[column]]}"
            raise self.refused(f"{at}: {shown}; allowed: finite numbers")
        return found

    def _number(self, column: Column, there: Sequence[Column] | int) -> int:
        """The index of a column in `there`, the names of the columns or their number."""
        n, names = (there, []) if isinstance(there, int) else (len(there), [str(name) for name in there])
        if isinstance(column, int):
            if 0 <= column < n:
                return column
            raise self.refused(f"columns: there is no column {column}; allowed: 0 to {n - 1}")
        if names.count(column) != 1:
            wrong = "occurs twice" if column in names else "does not exist"
            allowed = ", ".join(names[:20]) if names else f"numbers, 0 to {n - 1}"
            raise self.refused(f"columns: {column!r} {wrong}; allowed: {allowed}")
        return names.index(column)
