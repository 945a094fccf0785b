"""Where the user's files may lie: in one folder of the project, whatever params.yaml says."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePosixPath

from modescope.params.config import ConfigError

FORBIDDEN = "\\:"  # other systems' separators and drives


def inside(path: str, folder: str) -> str:
    """The path itself. Raises ValueError unless it is relative and stays in its folder, links aside."""
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or not parts or any(c in path for c in FORBIDDEN):
        raise ValueError(f"must be relative to the folder {folder}/: no leading slash, no `..`, no \\ and no :")
    if not path.isprintable():  # a line break would split the line of an error, and a terminal obeys others
        raise ValueError(f"must be relative to the folder {folder}/: no line breaks and other control characters")
    return path


def located(project: Path, folder: str, path: str) -> Path:
    """The file or folder at `path` in the project's folder, absolute.

    Raises ConfigError, one line, where there is nothing and for a link that leads out of the folder. A link that
    DVC made into its cache is allowed.
    """
    within, label = (project / folder).resolve(), f"{folder}/{path}"
    try:
        source = (within / path).resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a loop of links
        raise ConfigError(_missing(project, folder, path)) from None
    if source.is_relative_to(within):
        return source
    if not in_cache(source):
        raise ConfigError(f"{label}: a link that leads out of the folder; put the file itself into {folder}/")
    return within / path  # its name has the suffix, which the name in the cache lacks


def belongs(file: Path, folder: Path) -> bool:
    """Whether a file in the resolved folder lies there itself, or is DVC's link into its cache."""
    target = file.resolve()
    return target.is_relative_to(folder) or in_cache(target)


def in_cache(target: Path) -> bool:
    """Whether a file lies in a DVC cache: under files/md5/, by the hash of its own content.

    A cache may lie anywhere, so its place says nothing; a name that is the hash of the content does.
    """
    name = target.parent.name + target.name
    if target.parts[-4:-2] != ("files", "md5") or not re.fullmatch(r"[0-9a-f]{32}", name) or not target.is_file():
        return False
    with target.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest() == name


def _missing(project: Path, folder: str, path: str) -> str:
    """One line; where DVC tracks the file or a folder that holds it, `dvc pull` or `dvc checkout` brings it back."""
    place = Path(folder, path)
    for tracked in (place, *place.parents[:-1]):
        pointer = tracked.with_name(f"{tracked.name}.dvc")
        if (project / pointer).is_file():
            return (
                f"{folder}/{path}: there is no such file; DVC tracks it: run `dvc checkout {pointer.as_posix()}`, or "
                "`dvc pull` where the cache does not have it"
            )
    return (
        f"{folder}/{path}: there is no such file; put it into the folder {folder}/, or correct `path` (git ignores it: "
        "`dvc add` and a commit bring it to other worktrees)"
    )
