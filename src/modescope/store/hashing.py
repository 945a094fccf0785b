"""The hash of a file, without the libraries that read what is in it."""

from __future__ import annotations

import hashlib
from pathlib import Path


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes. Raises FileNotFoundError where there is none."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def package() -> str:
    """Hexadecimal SHA-256 of all source files of this package: their names and what is in them."""
    folder, digest = Path(__file__).resolve().parents[1], hashlib.sha256()
    for name, file in sorted((file.relative_to(folder).as_posix(), file) for file in folder.rglob("*.py")):
        digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
