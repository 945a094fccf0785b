"""Pictures in a folder, in the order of their names: frames of a camera, or any pictures of the same size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from modescope.datasets.common import folders, pictures
from modescope.datasets.common.footage import Footage, Frames
from modescope.datasets.common.pictures import Backdrop, DamagedError, PictureError, printable


class Images(Footage):
    """Every `period`-th file of a folder; frame10 comes after frame9. Hidden files and other types are left out."""

    kind: Literal["images"] = "images"
    period: int = Field(1, ge=1, le=100_000, description="one frame every so many files")
    subfolders: bool | None = Field(
        None, description="true: read pictures in subfolders too; false: leave them out; if absent, they are refused"
    )
    backdrop: Backdrop | None = Field(None, description="colour behind transparent pixels; if absent, they are refused")

    def frames(self, source: Path) -> Iterator[Frames]:
        """See `Footage.frames`; the sizes of all files are compared before the first is decoded."""
        files = self._files(source)
        sizes: dict[tuple[int, int], Path] = {}  # the first file of every size
        for file in files:
            for size in self._size(file, source):
                sizes.setdefault(size, file)
        if len(sizes) > 1:
            (a, first), (b, other) = list(sizes.items())[:2]
            raise self.refused(
                f"mixed sizes: {_name(first, source)} has {a[0]} x {a[1]} pixels, {_name(other, source)} "
                f"{b[0]} x {b[1]}",
                "keep pictures of different sizes in separate folders",
            )
        for file in files:
            try:
                frame = self.reduced(pictures.decoded(file, self.backdrop))
            except PictureError as error:
                self._skip_or_refuse(error, file, source)
            else:
                yield frame

    def at_most(self, source: Path) -> int:
        """As `Footage.at_most`: the number of files."""
        return len(self._files(source))

    def _files(self, source: Path) -> list[Path]:
        if not source.is_dir():
            raise self.refused("not a folder", "name a folder of pictures; `kind: video` reads a file")
        try:
            files = folders.listed(source, self.subfolders)
        except PictureError as error:
            raise self.refused(error.wrong, error.mend) from None
        except OSError as error:
            raise self.refused(f"cannot be read: {error.strerror}", "change its permissions") from None
        if not files:
            types = ", ".join(sorted(pictures.SUFFIXES))
            raise self.refused(f"no pictures in the folder ({types})", "add some of these types")
        return files[:: self.period][: self.max_frames]

    def _size(self, file: Path, source: Path) -> list[tuple[int, int]]:
        """(width, height) as displayed, from the header alone; empty for a damaged file that is skipped."""
        try:
            size = pictures.size(file)
        except PictureError as error:
            self._skip_or_refuse(error, file, source)
            return []
        self.small_enough(*size)
        return [size]

    def _skip_or_refuse(self, error: PictureError, file: Path, source: Path) -> None:
        """Raises ConfigError, except for a damaged file where `truncated` says that it is skipped."""
        if not (self.truncated and isinstance(error, DamagedError)):
            raise self.refused(f"{_name(file, source)} {error.wrong}", error.mend) from None


def _name(file: Path, source: Path) -> str:
    return printable(file.relative_to(source).as_posix())
