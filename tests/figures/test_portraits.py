"""Portraits: sizes of still and animation, dots where the runs are, arrows kept beneath, and what is refused."""

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from modescope.figures import portraits
from modescope.figures.portraits import Portrait, lattice
from modescope.figures.style import GENERATED, SECOND

EXTENT = (-1.0, 1.0, -1.0, 1.0)
LABELS = {"labels": ("x", "y")}


def circling(runs=60, moments=40, radius=0.7):
    angle = np.linspace(0, 1.5, moments) + np.linspace(0, 1.4, runs)[:, None]
    return radius * np.stack([np.cos(angle), np.sin(angle)], -1)


def panel(title="a", **changes):
    x, y = lattice(EXTENT)
    return Portrait(title, **({"field": (y, -x), "paths": circling(), "note": "circles"} | changes))


def image(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def near(pixels, colour, tolerance=40):
    return (np.abs(pixels.astype(int) - np.array(to_rgb(colour)) * 255) < tolerance).all(-1)


@pytest.mark.parametrize("n", [1, 3])
def test_still_and_animation_have_the_same_size(n):
    shown = [panel(str(i)) for i in range(n)]
    drawn, size = portraits.still(shown, EXTENT, "Heading", step=9, columns=2, **LABELS)
    made = portraits.animate(shown, EXTENT, {0: 0, 20: 10, 39: 20}, "Heading", columns=2, **LABELS)
    assert made.size == size
    assert image(drawn.png).shape[:2] == (2 * size[1], 2 * size[0])
    assert made.steps == [0, 10, 20]
    assert Image.open(io.BytesIO(made.gif)).n_frames == 3


def test_a_still_has_paths_and_ends_in_their_colours():
    drawn, _ = portraits.still([panel()], EXTENT, "Heading", step=9, **LABELS)
    without, _ = portraits.still([panel(paths=circling(radius=5.0))], EXTENT, "Heading", step=9, **LABELS)
    for colour in (SECOND, GENERATED):
        assert near(image(drawn.png), colour).sum() > near(image(without.png), colour).sum() + 50


def test_dots_move_and_arrows_stay():
    made = portraits.animate([panel()], EXTENT, {0: 0, 39: 20}, "Heading", **LABELS)
    frames = []
    for k in (0, 1):
        opened = Image.open(io.BytesIO(made.gif))
        opened.seek(k)
        frames.append(np.asarray(opened.convert("RGB")))
    red = [near(frame, GENERATED) for frame in frames]
    assert red[0].sum() > 20
    assert (red[0] != red[1]).sum() > 20
    bare = portraits.animate([panel(field=None)], EXTENT, {0: 0, 39: 20}, "Heading", **LABELS)
    for k in (0, 1):
        opened = Image.open(io.BytesIO(bare.gif))
        opened.seek(k)
        assert (np.asarray(opened.convert("RGB")) != frames[k]).any(-1).sum() > 300  # the arrows


def test_tails_are_short():
    long = panel(paths=circling(runs=1, moments=200))
    made = portraits.animate([long], EXTENT, {0: 0, 199: 10}, "Heading", **LABELS)
    opened = Image.open(io.BytesIO(made.gif))
    opened.seek(1)
    last = near(np.asarray(opened.convert("RGB")), SECOND).sum()
    drawn, _ = portraits.still([long], EXTENT, "Heading", step=9, **LABELS)
    assert 20 < last < near(image(drawn.png), SECOND).sum()


def test_a_field_at_rest_has_no_direction_and_no_warning():
    zero = np.zeros((portraits.ARROWS, portraits.ARROWS))
    portraits.still([panel(field=(zero, zero))], EXTENT, "Heading", step=0, **LABELS)


@pytest.mark.parametrize(
    ("shown", "extent", "options", "match"),
    [
        ([], EXTENT, {}, "0 portraits"),
        ([panel()], EXTENT, {"columns": 0}, "in 0 columns"),
        ([panel()], (1.0, -1.0, -1.0, 1.0), {}, "empty extent"),
        ([panel(paths=np.zeros((3, 4)))], EXTENT, {}, r"shape \(3, 4\)"),
        ([panel(paths=np.zeros((3, 4, 3)))], EXTENT, {}, "shape"),
    ],
)
def test_what_cannot_be_drawn_is_refused(shown, extent, options, match):
    with pytest.raises(ValueError, match=match):
        portraits.still(shown, extent, "Heading", step=1, **LABELS, **options)


@pytest.mark.parametrize("moments", [{}, {0: 0, 40: 1}])
def test_moments_that_are_not_there_are_refused(moments):
    with pytest.raises(ValueError, match="at least"):
        portraits.animate([panel()], EXTENT, moments, "Heading", **LABELS)
