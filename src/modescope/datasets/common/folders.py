"""Which files of a folder are its pictures, in the order of their names; none is left out without a word."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from modescope.datasets.common import paths, pictures
from modescope.datasets.common.pictures import PictureError, printable

# Pictures of these types are not read. They are refused by their suffix where `pictures.kind` does not know them.
FOREIGN_TYPES = (
    "apng arw avif cr2 cr3 dng exr heic heif ico j2k jp2 jpx jxl nef orf pbm pgm pnm ppm psd qoi raf raw rw2 svg tga"
)
FOREIGN = {f".{name}" for name in FOREIGN_TYPES.split()}
MEND = "save it as PNG or JPEG, or move it out of the folder"


def listed(source: Path, subfolders: bool | None) -> list[Path]:
    """All pictures of the folder; those of its subfolders too if asked. Their names may begin with no dot.

    Raises PictureError for a picture that is not read, for a link that leads out of the folder or nowhere, and where
    `subfolders` is None although one holds pictures. Raises OSError for a folder that cannot be read.
    """
    found = [file for file in _files(source) if _is_picture(file, source)]
    below = _below(source) if subfolders is not False else []
    if subfolders:
        found += [file for file in below if _is_picture(file, source)]
    elif filled := _holders(below, source):
        names = ", ".join(printable(name) for name in filled[:3]) + (", ..." if len(filled) > 3 else "")
        raise PictureError(
            f"its {'subfolder holds' if len(filled) == 1 else f'{len(filled)} subfolders hold'} pictures ({names})",
            "set subfolders: true to read them too, false to leave them out, or name one of them in `path`",
        )
    return sorted(found, key=lambda file: order(file.relative_to(source)))


def order(name: Path) -> list[list[tuple[int, str]]]:
    """A key that sorts the numbers in names by value: frame9, then frame10; of subfolders, one after the other."""
    return [
        [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", step)]
        for step in name.parts
    ]


def _files(folder: Path) -> Iterator[Path]:
    """What lies in the folder itself: no folders, nothing hidden."""
    for file in sorted(folder.iterdir()):
        if not file.name.startswith(".") and not file.is_dir():
            yield file


def _below(source: Path) -> list[Path]:
    """The files in subfolders at any depth, nothing hidden. Raises PictureError for a link to another folder."""
    found: list[Path] = []
    for place, names, _ in os.walk(source, onerror=_raised):
        folder = Path(place)
        names[:] = sorted(name for name in names if not name.startswith("."))
        if linked := [name for name in names if (folder / name).is_symlink()]:
            raise PictureError(f"the subfolder {printable(linked[0])} is a link", "copy the folder itself")
        found += _files(folder) if folder != source else []
    return found


def _holders(files: list[Path], source: Path) -> list[str]:
    """The subfolders of the source that hold any of these files that is a picture, in the order of their names."""
    held = {file.relative_to(source).parts[0] for file in files if file.suffix.lower() in pictures.SUFFIXES | FOREIGN}
    return sorted(held, key=lambda name: order(Path(name)))


def _is_picture(file: Path, source: Path) -> bool:
    """Whether the file is one to read; false for files that are no pictures. Raises PictureError as `listed`."""
    name, suffix = printable(file.relative_to(source).as_posix()), file.suffix.lower()
    wanted = suffix in pictures.SUFFIXES
    if not file.is_file():
        if wanted:
            raise PictureError(f"{name} is no file, or a link to none", "copy the picture itself")
        return False
    if (wanted or suffix in FOREIGN) and not paths.belongs(file, source):
        raise PictureError(f"{name} is a link that leads out of the folder", "copy the picture itself")
    if wanted:
        return True
    if suffix in FOREIGN:
        raise PictureError(f"{name} is a picture of a type that is not read", MEND)
    kind = pictures.kind(file) if paths.belongs(file, source) else None
    if kind is not None and kind.endswith("picture"):
        raise PictureError(
            f"{name} is a {kind} without a suffix of one",
            f"rename it (allowed: {', '.join(sorted(pictures.SUFFIXES))}), or move it out of the folder",
        )
    return False


def _raised(error: OSError) -> None:
    raise error
