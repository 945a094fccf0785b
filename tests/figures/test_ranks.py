"""The table of places: its cells, its size, and what does not fit."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from modescope.figures import ranks
from modescope.figures.stills import SCALE
from modescope.figures.style import FIELD_HIGH, Still

NAMES, TITLES = ["r1", "gan", "wgan"], ["width", "batch"]
SETTINGS = [["32", "64"], ["64", "64"]]
PLACES = np.array([[1.0, 1.0], [2.0, 3.0], [3.0, 2.0]])


def opened(drawn: Still) -> Image.Image:
    return Image.open(io.BytesIO(drawn.png)).convert("RGB")


def test_the_size_is_in_layout_pixels() -> None:
    drawn, size = ranks.table(NAMES, SETTINGS, TITLES, PLACES, "Places")
    assert opened(drawn).size == tuple(SCALE * side for side in size)


def test_the_first_place_is_the_darkest_and_the_last_is_paper() -> None:
    drawn, (_, height) = ranks.table(NAMES, SETTINGS, TITLES, PLACES, "Places")
    picture = opened(drawn)
    x = SCALE * (ranks.MARGIN + ranks.NAMES + 4)  # in the first column, left of the number
    top = height - ranks.MARGIN - ranks.ROW * len(NAMES)
    colours = [picture.getpixel((x, SCALE * (top + ranks.ROW * row + 4))) for row in range(3)]
    assert colours[0] == tuple(int(FIELD_HIGH[i : i + 2], 16) for i in (1, 3, 5))
    assert colours[2] == (255, 255, 255)
    assert colours[0] < colours[1] < colours[2]


@pytest.mark.parametrize(
    ("names", "settings", "places"),
    [
        (NAMES[:2], SETTINGS, PLACES),
        (NAMES, SETTINGS[:1], PLACES),
        (NAMES, [["32"], ["64"]], PLACES),
        ([], SETTINGS, np.empty((0, 2))),
    ],
)
def test_what_does_not_fit_is_refused(names: list[str], settings: list[list[str]], places: np.ndarray) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        ranks.table(names, settings, TITLES, places, "Places")
