"""Animations: pixels, size limit, reproducible bytes, and bad input."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from numpy.typing import NDArray
from PIL import Image

from modescope.figures import animation
from modescope.figures.canvas import Panel, draw
from modescope.figures.gif import FRAME_MS, LAST_MS
from modescope.figures.style import GENERATED, theme

EXTENT = (-1.0, 1.0, -1.0, 1.0)
RED = np.array(to_rgb(GENERATED)) * 255


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def panel(title: str = "", n: int = 500) -> Panel:
    return Panel(EXTENT, rng().uniform(-0.9, 0.9, (n, 2)), title)


def decode(gif: bytes) -> list[NDArray[np.uint8]]:
    """Every frame as a viewer shows it, (height, width, 3)."""
    image, frames = Image.open(io.BytesIO(gif)), []
    for k in range(image.n_frames):
        image.seek(k)
        frames.append(np.asarray(image.convert("RGB")))
    return frames


def reddish(frame: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pixels below the legend with far more red than green."""
    red = frame[..., 0].astype(int) - frame[..., 1] > 60
    red[:56] = False
    return red


def test_points_stand_where_they_belong_and_nowhere_else() -> None:
    empty = Panel(EXTENT, np.zeros((0, 2)))
    targets = np.array([[-0.5, 0.5], [0.0, 0.0], [0.25, -0.75]])
    made = animation.animate([empty], [targets[:, None]], [0, 1, 2], "heading")
    with theme():
        left, top, width, height = draw([empty], "heading").boxes[0]
    for frame, (x, y) in zip(decode(made.gif), targets, strict=True):
        rows, columns = np.nonzero(reddish(frame))
        assert len(rows) in range(1, 10)
        assert columns.mean() == pytest.approx(left + width * (x + 1) / 2, abs=1.5)
        assert rows.mean() == pytest.approx(top + height * (1 - y) / 2, abs=1.5)


def test_what_is_not_finite_or_outside_is_not_drawn() -> None:
    points = np.array([[np.nan, 0], [np.inf, 0], [-np.inf, np.nan], [1e30, 0], [3, 0], [0, -1.01]])
    made = animation.animate([panel()], [np.stack([points, points])], [0, 1], "heading")
    assert not any(reddish(frame).any() for frame in decode(made.gif))


def test_many_points_in_one_place_are_darker_than_one() -> None:
    one, many = np.zeros((1_000, 2)), np.zeros((1_000, 2))
    one[1:] = 5
    made = animation.animate([Panel(EXTENT, np.zeros((0, 2)))], [np.stack([one, many])], [0, 1], "heading")
    light, dark = (frame[reddish(frame)].astype(int).sum(-1).min() for frame in decode(made.gif))
    assert dark < light


def test_frames_decode_to_the_pictures_that_were_painted() -> None:
    """Only changes are stored; together they give back every picture."""
    panels = [panel("left"), panel("right")]
    points = rng().uniform(-1, 1, (2, 6, 200, 2))
    made = animation.animate(panels, list(points), [0, 1, 20, 300, 4_000, 50_000], "heading")
    with theme():
        painter = animation.Painter(draw(panels, "heading"), panels)
    palette = (animation._palette() * 255).round().astype(np.uint8)
    for k, shown in enumerate(decode(made.gif)):
        assert np.array_equal(shown, palette[painter.frame(list(points[:, k]), made.steps[k])])


def test_the_counter_tells_the_step() -> None:
    still = np.zeros((2, 1, 2))
    first, last = decode(animation.animate([panel()], [still], [7, 12_345], "heading").gif)
    changed = np.argwhere((first != last).any(-1))
    assert len(changed)
    assert changed[:, 0].max() < 56  # above the panel


def test_loops_for_ever_and_holds_the_last_frame() -> None:
    points = rng().uniform(-1, 1, (3, 50, 2))
    image = Image.open(io.BytesIO(animation.animate([panel()], [points], [0, 5, 10], "heading").gif))
    durations = []
    for k in range(image.n_frames):
        image.seek(k)
        durations.append(image.info["duration"])
    assert image.info["loop"] == 0
    assert durations == [FRAME_MS] * 2 + [LAST_MS]


def test_too_large_an_animation_loses_frames_but_not_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    points, steps = rng().uniform(-1, 1, (60, 400, 2)), list(range(0, 600, 10))
    whole = animation.animate([panel()], [points], steps, "heading")
    assert whole.steps == steps
    monkeypatch.setattr(animation, "LIMIT", len(whole.gif) // 3)
    made = animation.animate([panel()], [points], steps, "heading")
    assert len(made.gif) <= animation.LIMIT
    assert len(made.steps) > 12
    assert (made.steps[0], made.steps[-1]) == (0, 590)
    monkeypatch.setattr(animation, "LIMIT", 2_000)
    with pytest.raises(ValueError, match="two frames take"):
        animation.animate([panel()], [points], steps, "heading")


def test_equal_arrays_give_equal_bytes() -> None:
    points = rng().uniform(-1, 1, (4, 100, 2))
    a, b = (animation.animate([panel("a"), panel("b")], [points, points], [0, 1, 2, 3], "heading") for _ in range(2))
    assert a == b


def test_in_rows_every_panel_has_its_own_points_and_one_of_real_points_alone_has_none() -> None:
    empty = [Panel(EXTENT, np.zeros((0, 2)), "title")] * 5
    corner = np.array([[[0.5, -0.5]]])
    made = animation.animate(empty, [corner[:, :0], *[corner] * 4], [0], "heading", columns=3)
    with theme():
        boxes = draw(empty, "heading", columns=3).boxes
    (frame,) = decode(made.gif)
    centres = [np.argwhere(reddish(frame[t : t + h, x : x + w])) for x, t, w, h in boxes]
    assert [len(c) > 0 for c in centres] == [False, True, True, True, True]
    for found, (_, _, width, height) in list(zip(centres, boxes, strict=True))[3:]:
        assert found.mean(0) == pytest.approx([0.75 * height, 0.75 * width], abs=1.5)


@pytest.mark.parametrize(("panels", "points", "steps"), [(1, 2, 2), (1, 1, 3), (1, 1, 0)])
def test_arrays_that_do_not_match_are_refused(panels: int, points: int, steps: int) -> None:
    with pytest.raises(ValueError, match="do not match"):
        animation.animate([panel()] * panels, [np.zeros((2, 1, 2))] * points, list(range(steps)), "heading")
