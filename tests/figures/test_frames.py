"""Sheets of images, still and animated: positions and colours of the pixels, also for rare and grey colours."""

import io

import numpy as np
import pytest
from PIL import Image

from modescope.figures import frames
from modescope.figures.canvas import HEADING, MARGIN, PANEL_TITLE
from modescope.figures.frames import SEAM, Sheet

RNG = np.random.default_rng(0)


def opened(content):
    return Image.open(io.BytesIO(content))


def images(*axes, colours=3, size=8):
    """Images of a few flat colours, so that a palette can hold all of them."""
    return RNG.choice([-1.0, 0.0, 1.0], size=(*axes, colours, 1, 1)) * np.ones((size, size))


@pytest.mark.parametrize("colours", [1, 3])
def test_every_image_of_a_still_stands_in_its_place(colours):
    sheet = Sheet("a title", images(2, 5, colours=colours))
    picture = np.asarray(opened(frames.still([sheet], "Heading", zoom=3).png))
    assert picture.shape[1::-1] == tuple(2 * n for n in frames.size([sheet], zoom=3))
    pitch = 8 * 3 + SEAM
    for row in range(2):
        for column in range(5):
            y, x = (2 * (HEADING + PANEL_TITLE + row * pitch) + 20, 2 * (MARGIN + column * pitch) + 20)
            expected = np.broadcast_to(np.round((sheet.images[row, column, :, 0, 0] + 1) * 127.5), 3)
            np.testing.assert_array_equal(picture[y, x], expected)


def test_sheets_stand_beside_each_other_as_long_as_they_fit():
    sheets = [Sheet(str(i), images(1, 10, size=32)) for i in range(3)]
    narrow, below = frames.size(sheets[:1]), frames.size(sheets)
    assert below[0] <= 1_000
    assert below[1] > narrow[1]
    assert frames.size(sheets, columns=1)[0] == narrow[0]
    small = [Sheet(str(i), images(1, 4)) for i in range(3)]
    assert frames.size(small)[1] < frames.size(small, columns=1)[1]


def test_values_beyond_the_range_are_cut_and_what_is_not_finite_is_black():
    values = np.array([-9.0, 9.0, np.nan])[:, None, None, None] * np.ones((3, 3, 8, 8))
    picture = np.asarray(opened(frames.still([Sheet("", values[None])], "").png))
    y = 2 * (HEADING + PANEL_TITLE) + 5
    assert [picture[y, 2 * (MARGIN + k * (16 + SEAM)) + 5].tolist() for k in range(3)] == [[0] * 3, [255] * 3, [0] * 3]


def test_an_animation_has_a_frame_a_step_and_the_colours_of_its_images():
    moving = Sheet("moving", images(6, 2, 3))
    made = frames.animate([moving], range(0, 60, 10), "Heading")
    picture = opened(made.gif)
    assert made.steps == list(range(0, 60, 10))
    assert picture.n_frames == 6
    assert picture.size == made.size
    for k in range(6):
        picture.seek(k)
        pixels = np.asarray(picture.convert("RGB")).astype(int)
        for column in range(3):
            found = pixels[HEADING + PANEL_TITLE + 5, MARGIN + column * (16 + SEAM) + 5]
            expected = np.round((moving.images[k, 0, column, :, 0, 0] + 1) * 127.5)
            assert np.abs(found - expected).max() <= 8  # five bits per channel


def test_a_few_rare_pixels_keep_their_colour():
    plain = np.zeros((2, 1, 1, 3, 32, 32)) + RNG.normal(0, 0.03, size=(2, 1, 1, 3, 32, 32))
    plain[1, 0, 0, :, 5:8, 5:8] = np.array([1.0, -1.0, -1.0])[:, None, None]
    picture = opened(frames.animate([Sheet("", plain)], [0, 1], "").gif)
    picture.seek(1)
    red, green, blue = np.asarray(picture.convert("RGB"))[HEADING + PANEL_TITLE + 13, MARGIN + 13].astype(int)
    assert red > 235
    assert max(green, blue) < 20


def test_what_makes_no_figure_is_refused():
    with pytest.raises(ValueError, match="no sheets"):
        frames.still([], "")
    with pytest.raises(ValueError, match=r"sheets of \[6\] frames do not match 2 steps"):
        frames.animate([Sheet("", images(6, 2, 3))], [0, 1], "")


def test_the_same_images_give_the_same_bytes():
    sheets = [Sheet("a", images(3, 1, 2), ["row"])]
    assert frames.animate(sheets, [0, 1, 2], "x").gif == frames.animate(sheets, [0, 1, 2], "x").gif
    assert frames.still([Sheet("a", sheets[0].images[0])], "x") == frames.still([Sheet("a", sheets[0].images[0])], "x")
