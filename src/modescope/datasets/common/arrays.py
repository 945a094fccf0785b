"""Points from arrays, npy and npz, in blocks: a size is believed only as far as the file bears it out."""

from __future__ import annotations

import lzma
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

from modescope.datasets.common.columns import LARGEST, Column, UnfitError, indices

MAGIC = b"\x93NUMPY"  # how every npy file begins
MOST = 200_000_000  # numbers: 1.6 GB in double precision
BLOCK = 1_000_000  # numbers that are converted at a time
ONE_OF = re.compile(r"(?s)(.+)\[([0-9]{1,9})\]")  # such as samples[3]
DAMAGE = (  # what the libraries raise for damaged or hostile files
    ValueError,
    EOFError,
    SyntaxError,
    TokenError,
    MemoryError,
    OverflowError,
    TypeError,
    KeyError,
    RuntimeError,  # an archive with a password, or a method of compression that is not known
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
)


def read_npy(path: Path, columns: Sequence[Column] | None) -> NDArray[np.float64]:
    """The array, (n, ...), all finite; one of shape (n,) becomes (n, 1). Raises UnfitError and OSError."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise UnfitError("not an npy file (a pickle is never read); write it with numpy.save")
        file.seek(0)
        return _guarded(file, columns, None)


def read_npz(
    path: Path, columns: Sequence[Column] | None, key: str | None, prefer: Sequence[str]
) -> tuple[NDArray[np.float64], list[str]]:
    """An array of an archive, as `read_npy`, and which one was taken.

    `key` names the array, or one entry of it: samples[3]. Without it, the only array is taken, or the first of
    `prefer` that is there. Raises UnfitError and OSError.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            keys = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
            name, entry, taken = _key(archive, keys, key, prefer)
            with archive.open(f"{name}.npy") as file:
                return _guarded(file, columns, entry), taken
    except UnfitError:
        raise
    except DAMAGE as error:
        raise _damaged(error) from None


def _key(
    archive: zipfile.ZipFile, keys: Sequence[str], key: str | None, prefer: Sequence[str]
) -> tuple[str, int | None, list[str]]:
    """The name of the array, the entry of it or None for all of it, and what had to be decided."""
    allowed = ", ".join(keys[:20]) or "none"
    entry, taken = None, []
    if key is None:
        key = keys[0] if len(keys) == 1 else next((name for name in prefer if name in keys), None)
        if key is None:
            sparse = "; a sparse matrix: save its toarray()" if {"indptr", "format"} <= {*keys} else ""
            raise UnfitError(f"key is missing; allowed: {allowed}{sparse}")
        taken = [f"array {key} of {', '.join(keys[:20])}"] if len(keys) > 1 else []
    elif key not in keys:
        parts = ONE_OF.fullmatch(key)
        if parts is None or parts[1] not in keys:
            raise UnfitError(f"there is no array {key!r}; allowed: {allowed}")
        key, entry = parts[1], int(parts[2])
    if entry is None and key == "samples" and {"arm", "seed"} <= {*keys}:
        if "step" in keys:
            raise UnfitError("snapshots of a training, not its samples; allowed: samples.npz beside it")
        arms, seeds = (_labels(archive, name) for name in ("arm", "seed"))
        runs = [f"samples[{i}] ({arm}, seed {seed})" for i, (arm, seed) in enumerate(zip(arms, seeds, strict=False))]
        if len(runs) != 1:
            raise UnfitError(f"samples of {len(runs):,} runs; set key to one of them: {', '.join(runs[:8])}")
        entry, taken = 0, [f"array {runs[0]}"]
    return key, entry, taken


def _labels(archive: zipfile.ZipFile, name: str) -> list[str]:
    """The arms or seeds of the runs, at most a thousand."""
    with archive.open(f"{name}.npy") as file:
        shape, _, dtype = _header(file)
        if len(shape) != 1 or not 0 < shape[0] <= 1_000_000 or dtype.kind not in "Uiu" or dtype.itemsize > 4_000:
            raise UnfitError(f"{name} holds {dtype} of shape {shape}; allowed: a name or a number for every run")
        content = file.read(min(shape[0], 1_000) * dtype.itemsize)
    return [str(label) for label in np.frombuffer(content, dtype)] + [""] * max(0, shape[0] - 1_000)


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether in Fortran's order, and type of the array that follows."""
    version = npy.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise UnfitError(f"npy format {'.'.join(map(str, version))}; allowed: an array of numbers, by numpy.save")
    reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, in_columns, dtype = reader(file)
    if dtype.hasobject:
        raise UnfitError("holds Python objects (a pickle is never read); save numbers")
    if any(size < 0 for size in shape):
        raise UnfitError(f"an array of shape {shape}; copy it again")
    return shape, in_columns, dtype


def _guarded(file: IO[bytes], columns: Sequence[Column] | None, entry: int | None) -> NDArray[np.float64]:
    try:
        return _points(file, columns, entry)
    except UnfitError:
        raise
    except DAMAGE as error:
        raise _damaged(error) from None


def _points(file: IO[bytes], columns: Sequence[Column] | None, entry: int | None) -> NDArray[np.float64]:
    shape, in_columns, dtype = _header(file)
    if dtype.kind not in "iuf":
        raise UnfitError(f"an array of {dtype}; allowed: integers and real floating-point numbers")
    if (numbers := math.prod(shape)) > MOST:
        raise UnfitError(f"{numbers:,} numbers, shape {shape}; at most {MOST:,} are read; take a part of the rows")
    if entry is not None:
        if not shape or entry >= shape[0]:
            raise UnfitError(f"there is no entry {entry} in an array of shape {shape}; allowed: 0 to {shape[0] - 1}")
        if in_columns:
            raise UnfitError("an entry of an array in Fortran's order; save it with numpy.ascontiguousarray")
        shape = shape[1:]
        _skip(file, entry * math.prod(shape) * dtype.itemsize)
    if not shape or not math.prod(shape):
        raise UnfitError(f"an array of shape {shape}; allowed: (n, ...), one row per point")
    if len(shape) == 1:
        shape = (*shape, 1)
    chosen = None
    if columns is not None:
        if len(shape) != 2:
            raise UnfitError(f"columns are for arrays of shape (n, d), not {shape}")
        chosen = indices(columns, None, shape[1])
    blocks = _in_columns(file, shape, dtype) if in_columns else _blocks(file, shape, dtype)
    points: NDArray[np.float64] = np.empty((shape[0], *((len(chosen),) if chosen is not None else shape[1:])))
    start = 0
    for block in blocks:
        kept = np.asarray(block if chosen is None else block[:, chosen], np.float64)
        if not (fine := np.abs(kept) <= LARGEST).all():  # false for NaN, too
            row, *rest = (int(i) for i in np.argwhere(~fine)[0])
            at = f"row {start + row}, column {', '.join(map(str, rest))} (from 0)"
            raise UnfitError(f"{at}: {kept[row, *rest]}; allowed: finite numbers")
        points[start : start + len(kept)] = kept
        start += len(kept)
    return points


def _blocks(file: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[Any]) -> Iterator[NDArray[Any]]:
    """Some rows at a time, (rows, ...)."""
    width = math.prod(shape[1:])
    step = max(1, BLOCK // width)
    for start in range(0, shape[0], step):
        rows = min(step, shape[0] - start)
        yield _values(file, rows * width, dtype).reshape(rows, *shape[1:])


def _in_columns(file: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[Any]) -> Iterator[NDArray[Any]]:
    """All rows at once: they do not lie one behind the other."""
    yield _values(file, math.prod(shape), dtype).reshape(shape, order="F")


def _values(file: IO[bytes], n: int, dtype: DTypeLike) -> NDArray[Any]:
    size = n * np.dtype(dtype).itemsize
    content = file.read(size)
    if len(content) < size:
        raise UnfitError("ends too early; copy it again")
    return np.frombuffer(content, dtype)


def _skip(file: IO[bytes], size: int) -> None:
    while size > 0 and (found := len(file.read(min(size, 1 << 24)))):
        size -= found


def _damaged(error: BaseException) -> UnfitError:
    return UnfitError(f"cannot be read ({str(error) or type(error).__name__}); copy it again"[:300])
