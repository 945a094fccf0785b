"""One picture file, decoded as viewers show it: upright, without transparency, 8 bits a channel."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

SUFFIXES = {".bmp", ".dib", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
FORMATS = ("BMP", "DIB", "GIF", "JPEG", "PNG", "TIFF", "WEBP")  # of these suffixes; nothing else is opened
EIGHT_BITS = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"}
SIXTEEN_BITS = {"I;16", "I;16B", "I;16L", "I;16N"}
OTHER_MODES = {"I": "integers of 32 bits or with a sign", "F": "floating-point numbers", "LAB": "CIELAB colours"}
ON_ITS_SIDE = (5, 6, 7, 8)  # values of the EXIF orientation that swap width and height
AT_ONCE = 1 << 20  # pixels of 16 bits that are converted at a time, to save memory
Backdrop = Literal["black", "white"]

# Kinds of files by their first bytes: (place of the magic number, magic number, kind).
MAGIC = (
    (0, b"\x89PNG", "PNG picture"),
    (0, b"\xff\xd8\xff", "JPEG picture"),
    (0, b"GIF8", "GIF picture"),
    (8, b"WEBP", "WebP picture"),
    (0, b"II*\0", "TIFF picture"),
    (0, b"MM\0*", "TIFF picture"),
    (4, b"ftypavi", "AVIF picture"),
    (4, b"ftyphe", "HEIC picture"),
    (4, b"ftypmif1", "HEIC picture"),
    (4, b"ftypmsf1", "HEIC picture"),
    (4, b"jP  ", "JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000 picture"),
    (0, b"\xff\x0a", "JPEG XL picture"),
    (4, b"JXL ", "JPEG XL picture"),
    (0, b"8BPS", "Photoshop picture"),
    (4, b"ftyp", "video"),
    (0, b"\x1aE\xdf\xa3", "video"),
    (8, b"AVI ", "video"),
    (0, b"%PDF", "PDF document"),
    (0, b"PK\x03\x04", "ZIP archive"),
)


class PictureError(Exception):
    """A picture that is not used: what is wrong, and how to mend it."""

    def __init__(self, wrong: str, mend: str) -> None:
        super().__init__(wrong)
        self.wrong, self.mend = wrong, mend


class DamagedError(PictureError):
    """A file that `truncated: true` skips."""

    def __init__(self, wrong: str) -> None:
        super().__init__(wrong, "copy it again, or set truncated: true to skip such files")


def size(file: Path) -> tuple[int, int]:
    """(width, height) as displayed, from the header alone. Raises PictureError."""
    with _opened(file) as image:
        # Pillow itself turns the size that it reads from TIFF.
        turned = image.format != "TIFF" and image.getexif().get(ExifTags.Base.Orientation) in ON_ITS_SIDE
        return image.size[::-1] if turned else image.size


def decoded(file: Path, backdrop: Backdrop | None) -> Image.Image:
    """The picture in a mode of 8 bits, whose alpha channel, if any, can be dropped. Raises PictureError.

    The backdrop shows behind transparent pixels; without one they are refused.
    """
    with _opened(file) as image:
        with _silent() if image.format == "TIFF" else nullcontext():
            image.load()
        if image.format != "TIFF":  # which Pillow turned while it loaded it
            ImageOps.exif_transpose(image, in_place=True)
        if image.mode in SIXTEEN_BITS:
            if "transparency" in image.info:
                raise PictureError("has transparent pixels of 16 bits", "convert it to 8 bits a channel")
            return _eight_bits(image)
        return _opaque(image, backdrop) if image.has_transparency_data else image


def kind(file: Path) -> str | None:
    """What the first bytes say the file is, such as "HEIC picture"; None for other files. Raises OSError."""
    with file.open("rb") as opened:
        head = opened.read(16)
    return next((name for place, magic, name in MAGIC if head[place:].startswith(magic)), None)


@contextmanager
def _opened(file: Path) -> Iterator[Image.Image]:
    """The picture, not yet decoded. Raises PictureError, also for whatever the decoder raises inside."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow mends by itself, such as a wrong length in EXIF data
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=FORMATS) as image:
                _usable(image)
                yield image
    except PictureError:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise PictureError(f"claims to have more than {Image.MAX_IMAGE_PIXELS:,} pixels", "make it smaller") from None
    except UnidentifiedImageError:
        found = kind(file)
        raise DamagedError(f"is a damaged {found}" if found in _read() else f"is not a picture{_but(found)}") from None
    except MemoryError:
        raise PictureError("does not fit into memory", "make it smaller") from None
    except Exception as error:  # decoders raise OSError, SyntaxError, struct.error, IndexError and more on odd bytes
        raise DamagedError(f"is damaged ({printable(str(error) or type(error).__name__)})") from None


@contextmanager
def _silent() -> Iterator[None]:
    """Nothing on stderr: libtiff, which knows nothing of Python, writes its own lines there."""
    stderr, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(nothing)
        os.close(stderr)


def _usable(image: Image.Image) -> None:
    """Raises PictureError for what cannot be one picture of 8 bits a channel."""
    if image.mode in OTHER_MODES:
        raise PictureError(f"has pixels that are {OTHER_MODES[image.mode]}", "convert it to 8 bits a channel")
    if image.mode not in EIGHT_BITS | SIXTEEN_BITS:
        raise PictureError(f"has pixels of an unknown kind ({image.mode})", "convert it to 8 bits a channel")
    # An MPO file is a JPEG picture of a telephone with further views behind it; viewers show the first.
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise PictureError(
            "holds more than one picture", "save each as a file of its own, or use `kind: video` for an animation"
        )


def _eight_bits(image: Image.Image) -> Image.Image:
    """A grey picture of 16 bits with 8, rounded; of 12 in a TIFF file, where 4095 is white."""
    tags = getattr(image, "tag_v2", {})
    white = (1 << tags.get(ExifTags.Base.BitsPerSample, (16,))[0]) - 1
    table = (np.minimum(np.arange(1 << 16), white) * 255 + white // 2) // white
    if tags.get(ExifTags.Base.PhotometricInterpretation) == 0:  # 0 is white
        table = 255 - table
    values = np.asarray(image)
    found: NDArray[np.uint8] = np.empty(values.size, np.uint8)
    for begin in range(0, values.size, AT_ONCE):
        part = slice(begin, begin + AT_ONCE)
        found[part] = table[values.reshape(-1)[part]]
    return Image.fromarray(found.reshape(values.shape))


def _opaque(image: Image.Image, backdrop: Backdrop | None) -> Image.Image:
    """The picture before its backdrop, or itself if no pixel is transparent. Raises PictureError without a backdrop."""
    alpha = image.getchannel("A") if "A" in image.getbands() else image.convert("RGBA").getchannel("A")
    if alpha.getextrema()[0] == 255:
        return image
    if backdrop is None:
        raise PictureError("has transparent pixels", "set backdrop: white or backdrop: black to show it before one")
    behind = Image.new("RGB", image.size, backdrop)
    behind.paste(image.convert("RGB"), mask=alpha)
    return behind


def printable(text: str) -> str:
    """The text in one line: line breaks and what a terminal would obey are written as Python does."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def _read() -> set[str]:
    return {"PNG picture", "JPEG picture", "GIF picture", "WebP picture", "TIFF picture"}


def _but(found: str | None) -> str:
    return f" of these types but a {found}" if found else ""
