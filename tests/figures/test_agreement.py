"""Dots on the diagonal, common labels of bunches, and what is refused."""

import io
import math

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from modescope.figures import agreement
from modescope.figures.agreement import Dot, Square, labels

COLOURS = {"in": "#00593a", "out": "#d1242f"}


def dot(name="a", predicted=0.9, off=0.0, group="in"):
    return Dot(name, predicted, predicted + off, predicted + off - 0.01, predicted + off + 0.01, group)


def square(*dots):
    return Square("Factor", "predicted", "measured", dots)


def test_the_size_grows_with_the_squares_and_dots_are_drawn():
    one, size = agreement.still([square(dot(), dot("b", 1.0, group="out"))], COLOURS, "Heading")
    _, wider = agreement.still([square(dot()), square(dot())], COLOURS, "Heading")
    assert wider[0] > 1.8 * size[0]
    assert wider[1] == size[1]
    pixels = np.asarray(Image.open(io.BytesIO(one.png)).convert("RGB")).astype(int)
    assert pixels.shape[:2] == (2 * size[1], 2 * size[0])
    for colour in COLOURS.values():
        assert (np.abs(pixels - np.array(to_rgb(colour)) * 255) < 10).all(-1).sum() > 60


def test_a_dot_without_an_interval_is_drawn():
    agreement.still([square(Dot("a", 1.0, 1.0, math.nan, math.nan, "in"))], COLOURS, "Heading")


def test_neighbours_share_a_label_and_many_are_counted():
    dots = [dot("c", 0.99), dot("a", 0.9), dot("b", 0.905), dot("d", 0.991), dot("e", 0.992)]
    found = labels(dots, 0.01)
    assert [(sorted(d.name for d in bunch), text) for bunch, text in found] == [
        (["a", "b"], "a\nb"),
        (["c", "d", "e"], "3 remedies"),
    ]


@pytest.mark.parametrize("squares", [[], [square()]])
def test_nothing_to_draw_is_refused(squares):
    with pytest.raises(ValueError, match="needed"):
        agreement.still(squares, COLOURS, "Heading")
