"""A figure as files of media/<study>/: still (PNG, SVG), animation, strip of its frames, and entry of figures.json."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from modescope.figures.gif import packed
from modescope.figures.stills import SCALE
from modescope.studies import Figure

MOST_FRAMES = 24  # of a strip
WIDEST = 8_192  # pixels; every browser decodes a strip of this width


class Strip(TypedDict):
    """The layout of an animation's frames in one picture: row by row from the top left."""

    columns: int
    rows: int
    steps: list[int]  # one per frame; empty if the animation does not record them


def files(figure: Figure) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of the still in both formats and, if animated, of the GIF and the strip of its frames."""
    yield f"{figure.name}.png", figure.still.png
    if figure.still.svg:
        yield f"{figure.name}.svg", figure.still.svg
    for piece in figure.pieces:
        yield f"{figure.name}_{piece.name}.png", piece.still.png
        yield f"{figure.name}_{piece.name}.svg", piece.still.svg
    if figure.animation is not None:
        yield f"{figure.name}.gif", figure.animation
        yield f"{figure.name}.strip.png", strip(figure.animation)[0]


def describe(figure: Figure) -> dict[str, Any]:
    """The entry of figures.json: texts, size in CSS pixels, and the experiments that are shown.

    A still has `stills.SCALE` pixels per CSS pixel, like everything from `modescope.figures`. Raises
    ValueError if the still is not a PNG.
    """
    if figure.still.png[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError(f"the still of {figure.name} is not a PNG")
    return {
        "name": figure.name,
        "title": figure.title,
        "caption": figure.caption,
        "alt": figure.alt,
        **_size(figure.still.png),
        "vector": bool(figure.still.svg),
        "animation": figure.animation is not None,
        "strip": None if figure.animation is None else layout(figure.animation)[0],
        "experiments": figure.experiments,
        "finding": figure.finding.removesuffix("."),  # it is a heading
        "code": figure.code,
        "pieces": [
            {
                "name": f"{figure.name}_{piece.name}",
                "title": piece.title,
                "alt": piece.alt,
                "variant": piece.variant,
                "remedy": piece.remedy,
                **_size(piece.still.png),
            }
            for piece in figure.pieces
        ],
    }


def _size(png: bytes) -> dict[str, int]:
    """Width and height in CSS pixels."""
    width, height = struct.unpack(">II", png[16:24])
    return {"width": round(width / SCALE), "height": round(height / SCALE)}


def layout(gif: bytes) -> tuple[Strip, list[int]]:
    """The layout of a GIF's strip and the indices of its frames: evenly spaced, always with the first and the last."""
    with Image.open(io.BytesIO(gif)) as image:
        width, n = image.width, int(getattr(image, "n_frames", 1))
        comment = image.info.get("comment", b"")
    kept = sorted({round(i * (n - 1) / max(1, min(MOST_FRAMES, n) - 1)) for i in range(min(MOST_FRAMES, n))})
    known = [int(step) for step in comment.split() if step.isdigit()]
    columns = max(1, min(len(kept), WIDEST // width))
    steps = [known[k] for k in kept] if len(known) == n else []
    return {"columns": columns, "rows": -(-len(kept) // columns), "steps": steps}, kept


def strip(gif: bytes) -> tuple[bytes, Strip]:
    """The frames that `layout` chooses as one PNG with the GIF's palette, and their layout.

    Raises ValueError for a GIF with more than one palette.
    """
    laid, kept = layout(gif)
    with Image.open(io.BytesIO(gif)) as image:
        width, height = image.size
        palette = np.array(image.getpalette(), np.uint8).reshape(-1, 3)
        places = _places(palette)
        sheet = np.zeros((laid["rows"] * height, laid["columns"] * width), np.uint8)
        for place, k in enumerate(kept):
            image.seek(k)
            row, column = divmod(place, laid["columns"])
            inside = sheet[row * height : (row + 1) * height, column * width : (column + 1) * width]
            inside[:] = _indices(np.asarray(image.convert("RGB")), places)
    picture, file = Image.fromarray(sheet), io.BytesIO()
    picture.putpalette(palette.tobytes())
    picture.save(file, "PNG")
    return file.getvalue(), laid


def _places(palette: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """For every 24-bit colour 1 + its lowest index in the palette (colours, 3), and 0 if it is not there."""
    places = np.zeros(1 << 24, np.uint16)
    places[packed(palette[::-1])] = np.arange(len(palette), 0, -1)
    return places


def _indices(rgb: NDArray[np.uint8], places: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """(height, width, 3) -> (height, width): the palette index of each colour. Raises ValueError for other colours."""
    place = places[packed(rgb)]
    if not place.all():
        raise ValueError("a frame has a colour that is not in the GIF's palette")
    return (place - 1).astype(np.uint8)
