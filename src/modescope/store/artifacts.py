"""Reads and writes the pipeline's files. A file is written whole or not at all."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modescope.store.hashing import sha256 as sha256

if TYPE_CHECKING:
    import pandas as pd  # takes a fifth of a second, and few stages write tables


def write(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Let `fill` write to a temporary file beside `path`, then rename it, so `path` is never half-written.

    Raises OSError with the name of what is at fault, as `path` if the disk is full; no part of it is left.
    """
    if not path.name:  # the root, or the folder that we are in
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _Sink(str(temporary), "w") as sink:
            with io.BufferedWriter(sink) as file:
                fill(file)
            if sink.failed is not None:
                raise sink.failed
        temporary.replace(path)
    except OSError as error:
        if error.errno is None or error.filename not in (None, str(temporary)):
            raise  # not about this file
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with suppress(OSError):  # for which there is one above
            temporary.unlink(missing_ok=True)


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """A new folder, which takes the place of `path` when the block ends well; the files of both are never mixed."""
    new, old = (path.with_name(f".{path.name}.{word}") for word in ("part", "old"))
    for left in (new, old):  # by a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    try:
        new.mkdir(parents=True)
        yield new
        if path.exists():
            path.rename(old)
        new.rename(path)
    finally:
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)


class _Sink(io.FileIO):
    """A file to write, which after its first failure swallows the rest.

    PyTorch turns an error of its file into a RuntimeError about positions, without a cause. So it learns of none.
    """

    failed: OSError | None = None

    def write(self, content: Any) -> int:
        """As FileIO; the first error is kept in `failed`."""
        if self.failed is None:
            try:
                return super().write(content)
            except OSError as error:
                self.failed = error
        size = memoryview(content).nbytes
        self.seek(size, io.SEEK_CUR)  # so that positions stay as they would be
        return size


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
