"""Where files of one's own may lie: in one folder of the project, whatever params.yaml says."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from modescope.params.config import ConfigError

FORBIDDEN = "\\:\0\n\r"  # other systems' separators and drives, and what would break a line


def inside(path: str, folder: str) -> str:
    """The path itself. Raises ValueError unless it is relative and stays in its folder, links aside."""
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or not parts or any(c in path for c in FORBIDDEN):
        raise ValueError(f"must be relative to the folder {folder}/: no leading slash, no `..`, no \\ and no :")
    return path


def located(project: Path, folder: str, path: str) -> Path:
    """The resolved path of the file or folder at `path` in the project's folder.

    Raises ConfigError, one line, where there is nothing and for a link that leads out of the folder.
    """
    within, label = (project / folder).resolve(), f"{folder}/{path}"
    try:
        source = (within / path).resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a loop of links
        raise ConfigError(
            f"{label}: there is no such file; put it into the folder {folder}/, or correct `path`"
        ) from None
    if not source.is_relative_to(within):
        raise ConfigError(f"{label}: a link that leads out of the folder; put the file itself into {folder}/")
    return source
