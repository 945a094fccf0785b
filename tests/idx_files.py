"""IDX files as the tests need them, written byte by byte after the description of the format."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np


def encoded(array: np.ndarray) -> bytes:
    """Two zero bytes, type 8, the number of axes; the length of each axis, big-endian; then the bytes."""
    lengths = b"".join(int(n).to_bytes(4, "big") for n in array.shape)
    return bytes([0, 0, 8, array.ndim]) + lengths + array.astype(np.uint8).tobytes()


def write(path: Path, array: np.ndarray) -> None:
    content = encoded(array)
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def write_mnist(folder: Path, suffix: str = "", side: int = 28) -> dict[str, np.ndarray]:
    """Four small files: 30 train digits and 20 test digits. Returns their arrays by name."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, arrays = np.random.default_rng(0), {}
    for prefix, n in (("train", 30), ("t10k", 20)):
        arrays[f"{prefix}-images-idx3-ubyte"] = rng.integers(0, 256, (n, side, side)).astype(np.uint8)
        arrays[f"{prefix}-labels-idx1-ubyte"] = rng.permutation(np.arange(n) % 10).astype(np.uint8)
    for name, array in arrays.items():
        write(folder / f"{name}{suffix}", array)
    return arrays
