"""Reads and writes the pipeline's files. A file is written whole or not at all."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modescope.store.hashing import sha256 as sha256

if TYPE_CHECKING:
    import pandas as pd  # takes a fifth of a second, and few stages write tables


def write(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Let `fill` write to a temporary file beside `path`, then rename it, so `path` is never half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("wb") as file:
            fill(file)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes atomically."""
    write(path, lambda file: file.write(content))


def write_json(path: Path, content: object) -> None:
    """Write JSON atomically, keys in their given order; NaN and infinities are refused (ValueError)."""
    write_bytes(path, (json.dumps(content, indent=2, allow_nan=False) + "\n").encode())


def write_npz(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write an uncompressed npz atomically; equal arrays give equal bytes. Object arrays are refused."""
    if objects := [name for name, array in arrays.items() if array.dtype.hasobject]:
        raise ValueError(f"{path}: object arrays cannot be written: {', '.join(objects)}")
    ordered = {name: np.asarray(array, order="C") for name, array in arrays.items()}  # else transposed bytes differ
    write(path, lambda file: np.savez(file, allow_pickle=False, **ordered))


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a table atomically; floats in the shortest form that reads back the same."""
    text = io.StringIO()
    frame.to_csv(text, index=False, lineterminator="\n")
    write_bytes(path, text.getvalue().encode())


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """Every array of an npz; pickled content is refused (ValueError)."""
    with np.load(path, allow_pickle=False) as content:
        return {name: content[name] for name in content.files}
