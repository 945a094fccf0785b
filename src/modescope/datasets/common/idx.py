"""Read IDX, the format of the MNIST files (LeCun, Cortes and Burges 1998): a header, then bytes; plain or gzip.

Header, big-endian: two zero bytes, the type (8: unsigned byte), the number of axes, the length of each axis in 4 bytes.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from io import BufferedIOBase
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modescope.params.config import ConfigError

UNSIGNED_BYTE = 8
GZIP = b"\x1f\x8b"  # how a gzip file begins, whatever its name
LARGEST = 2**28  # bytes that a header may announce: five times MNIST, so a wrong one cannot fill the memory


def read(path: Path, label: str, axes: int) -> NDArray[np.uint8]:
    """The array of a file with this number of axes. No more is decompressed than its header announces.

    Raises ConfigError, one line that begins with the label: what was found, what is allowed, how to mend it.
    """
    if not path.is_file():
        raise ConfigError(f"{label}: not a file; allowed: an IDX file, plain or gzip")
    try:
        with path.open("rb") as file:
            zipped = file.read(len(GZIP)) == GZIP
        with gzip.open(path) if zipped else path.open("rb") as file:
            return _array(file, label, axes)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ConfigError(f"{label}: damaged gzip ({error}); copy the file again") from None
    except OSError as error:
        raise ConfigError(f"{label}: cannot be read: {error.strerror or error}") from None


def _array(file: BufferedIOBase, label: str, axes: int) -> NDArray[np.uint8]:
    allowed = bytes((0, 0, UNSIGNED_BYTE, axes))
    if (magic := file.read(4)) != allowed:
        found = f"it begins with 0x{magic.hex()}" if magic else "the file is empty"
        kind = f"0x{allowed.hex()}, unsigned bytes along {axes} axes"
        raise ConfigError(f"{label}: not the IDX file that belongs here: {found}; allowed: {kind}; copy it again")
    header = file.read(4 * axes)
    if len(header) < 4 * axes:
        raise ConfigError(f"{label}: truncated in the header, after {4 + len(header)} bytes; copy the file again")
    shape = struct.unpack(f">{axes}I", header)
    size, words = math.prod(shape), " x ".join(f"{n:,}" for n in shape)
    if not 0 < size <= LARGEST:
        raise ConfigError(f"{label}: the header announces {words} bytes; allowed: 1 to {LARGEST:,}; copy it again")
    content = file.read(size + 1)
    if len(content) != size:
        has = f"{len(content):,} bytes" if len(content) < size else "more"
        raise ConfigError(f"{label}: the header announces {words} bytes, the file has {has}; copy it again")
    return np.frombuffer(content, np.uint8).reshape(shape)
