"""Files of a figure: the strip shows exactly the frames of the animation, at the places its layout gives."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from modescope.figures import gif
from modescope.figures.style import Still
from modescope.report import media
from modescope.report.thumbnails import thumbnail
from modescope.studies import Figure, Piece

PALETTE = np.linspace(0, 1, 30).reshape(10, 3)
COLOURS = (PALETTE * 255).round().astype(np.uint8)


def frames(n: int, height: int = 5, width: int = 7) -> list[NDArray[np.uint8]]:
    """Index images (height, width) with a fixed background and one different pixel per frame."""
    rng = np.random.default_rng(0)
    base = rng.integers(0, len(PALETTE), (height, width)).astype(np.uint8)
    found = []
    for k in range(n):
        image = base.copy()
        image.flat[k % base.size] = (image.flat[k % base.size] + 1 + k % 8) % len(PALETTE)
        found.append(image)
    return found


def still(svg: bytes = b"") -> Still:
    """A PNG of 80 x 40 pixels."""
    file = io.BytesIO()
    Image.new("RGB", (80, 40)).save(file, "PNG")
    return Still(file.getvalue(), svg)


@given(n=st.integers(1, 60))
def test_the_frames_are_those_of_the_animation(n: int) -> None:
    steps, drawn = [10 * k for k in range(n)], frames(n)
    png, laid = media.strip(gif.encode(drawn, PALETTE, steps))
    sheet = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    height, width = drawn[0].shape
    assert sheet.shape == (laid["rows"] * height, laid["columns"] * width, 3)
    assert len(laid["steps"]) == min(n, media.MOST_FRAMES)
    assert laid["steps"] == sorted(set(laid["steps"]))
    assert (laid["steps"][0], laid["steps"][-1]) == (0, 10 * (n - 1))
    for place, step in enumerate(laid["steps"]):
        top, left = height * (place // laid["columns"]), width * (place % laid["columns"])
        assert (sheet[top : top + height, left : left + width] == COLOURS[drawn[step // 10]]).all()


def test_the_frames_stand_in_rows_where_they_are_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "WIDEST", 20)
    laid, kept = media.layout(gif.encode(frames(5), PALETTE, range(5)))
    assert laid == {"columns": 2, "rows": 3, "steps": [0, 1, 2, 3, 4]}
    assert kept == [0, 1, 2, 3, 4]


def test_more_frames_than_a_hand_can_step_through_are_left_out_evenly() -> None:
    _, kept = media.layout(gif.encode(frames(93), PALETTE))
    assert kept == [4 * k for k in range(24)]


def test_steps_that_are_not_known_are_not_made_up() -> None:
    assert media.layout(gif.encode(frames(4), PALETTE))[0]["steps"] == []
    assert media.layout(gif.encode(frames(4), PALETTE, [1, 2]))[0]["steps"] == []


def test_a_figure_is_a_still_an_animation_and_a_strip() -> None:
    moving = gif.encode(frames(3), PALETTE, [0, 5, 9])
    figure = Figure("x", "Title", "Caption.", "What it shows.", still(b"<svg/>"), moving, ["e"])
    files = dict(media.files(figure))
    assert list(files) == ["x.png", "x.svg", "x.gif", "x.strip.png"]
    assert (files["x.png"], files["x.svg"], files["x.gif"]) == (figure.still.png, b"<svg/>", moving)
    described = media.describe(figure)
    assert (described["width"], described["height"]) == (40, 20)
    assert described["strip"] == {"columns": 3, "rows": 1, "steps": [0, 5, 9]}
    assert media.describe(replace(figure, finding="It moves."))["finding"] == "It moves"


def test_pieces_are_files_of_their_own() -> None:
    piece = Piece("r1", "R1 (γ = 1)", "Paths.", still(b"<svg/>"), "r1", "r1")
    figure = Figure("portraits", "Title", "Caption.", "Alt.", still(), pieces=[piece])
    assert [name for name, _ in media.files(figure)] == ["portraits.png", "portraits_r1.png", "portraits_r1.svg"]
    (described,) = media.describe(figure)["pieces"]
    assert described == {
        "name": "portraits_r1", "title": "R1 (γ = 1)", "alt": "Paths.", "variant": "r1", "remedy": "r1",
        "width": 40, "height": 20,
    }  # fmt: skip


def test_a_still_of_pixels_alone_has_no_svg_and_no_strip() -> None:
    figure = Figure("x", "Title", "Caption.", "What it shows.", still())
    assert [name for name, _ in media.files(figure)] == ["x.png"]
    described = media.describe(figure)
    assert (described["vector"], described["strip"]) == (False, None)
    with pytest.raises(ValueError, match="not a PNG"):
        media.describe(Figure("x", "", "", "", Still(b"GIF89a")))


def test_a_colour_outside_of_the_palette_is_refused() -> None:
    places = media._places(np.array([[0, 0, 0], [255, 255, 255], [0, 0, 0]], np.uint8))
    inside = np.array([[[255, 255, 255], [0, 0, 0]]], np.uint8)
    assert media._indices(inside, places).tolist() == [[1, 0]]
    with pytest.raises(ValueError, match="palette"):
        media._indices(inside // 2, places)


def test_a_thumbnail_is_small_and_cut_where_it_is_tall() -> None:
    sizes = {}
    for kind, size in {"wide": (960, 120), "tall": (960, 4_000)}.items():
        file = io.BytesIO()
        Image.effect_noise(size, 90).save(file, "PNG")
        small = thumbnail(file.getvalue())
        sizes[kind] = Image.open(io.BytesIO(small)).size
        assert len(small) < min(len(file.getvalue()), 150_000)
    assert sizes == {"wide": (480, 60), "tall": (480, 300)}
