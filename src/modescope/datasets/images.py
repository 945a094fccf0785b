"""Pictures in a folder, in the order of their names: frames of a camera, or any pictures of the same size."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from pydantic import Field

from modescope.datasets.common import paths
from modescope.datasets.common.footage import Footage, Frames
from modescope.params.config import ConfigError

SUFFIXES = {".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
FORMATS = ("BMP", "JPEG", "PNG", "TIFF", "WEBP")  # of these suffixes; nothing else is opened
EIGHT_BITS = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"}


class Images(Footage):
    """Every `period`-th file of a folder; frame10 comes after frame9. Subfolders and other files are skipped."""

    kind: Literal["images"] = "images"
    period: int = Field(1, ge=1, le=100_000, description="one frame every so many files")

    def frames(self, source: Path) -> Iterator[Frames]:
        """See `Footage.frames`; the sizes of all files are compared before the first is decoded."""
        files = self._files(source)
        sizes = {size: file for file in reversed(files) for size in self._size(file)}
        if len(sizes) > 1:
            (a, first), (b, other) = sorted(sizes.items(), key=lambda item: order(item[1]))[:2]
            raise self.refused(
                f"mixed sizes: {first.name} has {a[0]} x {a[1]} pixels, {other.name} {b[0]} x {b[1]}",
                "keep pictures of different sizes in separate folders",
            )
        for file in files:
            try:
                with self._opened(file) as image:
                    frame = self.reduced(ImageOps.exif_transpose(image))
            except _DamagedError:
                if not self.truncated:
                    raise
            else:
                yield frame

    def _files(self, source: Path) -> list[Path]:
        if not source.is_dir():
            raise self.refused("not a folder", "name a folder of pictures; `kind: video` reads a file")
        listed = [f for f in source.iterdir() if f.suffix.lower() in SUFFIXES and not f.name.startswith(".")]
        files = sorted((file for file in listed if file.is_file()), key=order)
        if not files:
            raise self.refused(f"no pictures in the folder ({', '.join(sorted(SUFFIXES))})", "add some of these types")
        for file in files:
            if not paths.belongs(file, source):
                raise self.refused(f"{file.name} is a link that leads out of the folder", "copy the picture itself")
        return files[:: self.period][: self.max_frames]

    def _size(self, file: Path) -> list[tuple[int, int]]:
        """(width, height) as displayed, from the header alone; empty for a damaged file that is skipped."""
        try:
            with self._opened(file) as image:
                self.small_enough(*image.size)
                if image.mode not in EIGHT_BITS:
                    raise self.refused(f"{file.name} has pixels of more than 8 bits", "convert it to 8 bits")
                turned = image.getexif().get(ExifTags.Base.Orientation, 1) >= 5
                return [image.size[::-1] if turned else image.size]
        except _DamagedError:
            if not self.truncated:
                raise
            return []

    @contextmanager
    def _opened(self, file: Path) -> Iterator[Image.Image]:
        """The picture, not yet decoded. Raises ConfigError if it claims to be too large or is damaged."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                with Image.open(file, formats=FORMATS) as image:
                    yield image
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise self.refused(
                f"{file.name} claims to have more than {Image.MAX_IMAGE_PIXELS:,} pixels", "make it smaller"
            ) from None
        except UnidentifiedImageError:
            raise self._damaged(file, "is not a picture") from None
        except (OSError, SyntaxError, ValueError) as error:  # what Pillow's decoders raise, SyntaxError included
            if isinstance(error, ConfigError):
                raise
            raise self._damaged(file, f"is damaged ({error})") from None

    def _damaged(self, file: Path, wrong: str) -> ConfigError:
        mend = "copy it again, or set truncated: true to skip such files"
        return _DamagedError(str(self.refused(f"{file.name} {wrong}", mend)))


class _DamagedError(ConfigError):
    """A file that `truncated: true` skips."""


def order(file: Path) -> list[tuple[int, str]]:
    """A key that sorts the numbers in names by value: frame9, then frame10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", file.name)]
