"""Files that a command writes where its user says."""

from __future__ import annotations

from pathlib import Path

from modescope.params.config import ConfigError


def output(option: str, path: Path) -> Path:
    """The file behind the path that an option names, links followed: it takes the place of what is there.

    Raises ConfigError, one line, for a folder and for a device or pipe, which would be lost.
    """
    if path.exists() and not path.is_file():
        found = "a folder" if path.is_dir() else "neither a file nor a folder"
        raise ConfigError(f"{option} {path}: {found}; name a file, which need not be there")
    return path.resolve() if path.is_symlink() else path
