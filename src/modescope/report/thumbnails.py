"""The small picture of a study on the front page: its first still, a few kilobytes instead of hundreds."""

from __future__ import annotations

import io

from PIL import Image

WIDTH, HEIGHT = 480, 300  # pixels, for a card of half that on a fine screen
COLOURS = 48


def thumbnail(png: bytes) -> bytes:
    """The picture at this width, cut below this height where it is taller, with few colours, as PNG."""
    with Image.open(io.BytesIO(png)) as image:
        height = max(1, round(image.height * WIDTH / image.width))
        small = image.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.crop((0, 0, WIDTH, min(height, HEIGHT))).quantize(COLOURS, dither=Image.Dither.NONE).save(
        file, "PNG", optimize=True
    )
    return file.getvalue()
