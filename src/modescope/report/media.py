"""What the page has to know of a figure beside its pictures: an entry of media/<study>/figures.json."""

from __future__ import annotations

import struct
from typing import Any

from modescope.figures.stills import SCALE
from modescope.studies import Figure


def describe(figure: Figure) -> dict[str, Any]:
    """Words, size on the page in CSS pixels, and whose runs are shown.

    A still has `stills.SCALE` pixels for each CSS pixel, as all of `modescope.figures` have. Raises
    ValueError unless it is a PNG.
    """
    if figure.still[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError(f"the still of {figure.name} is not a PNG")
    width, height = struct.unpack(">II", figure.still[16:24])
    return {
        "name": figure.name,
        "title": figure.title,
        "caption": figure.caption,
        "alt": figure.alt,
        "width": round(width / SCALE),
        "height": round(height / SCALE),
        "animation": figure.animation is not None,
        "experiments": figure.experiments,
    }
