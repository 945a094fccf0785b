"""Layers over a field, still and animated: colours and points at the right pixels, the size limit."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from numpy.typing import NDArray
from PIL import Image

from modescope.figures import layers, painting
from modescope.figures.layers import Layer, Plane
from modescope.figures.style import AMBER, DARK_GREEN, FIELD_HIGH, FIELD_LOW, MODES, PAPER, theme

EXTENT = (-1.0, 1.0, 0.0, 4.0)
MANY = [Layer(np.zeros((1, 1, 2)), f"#0000{i:02d}") for i in range(20)]


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def plane(
    points: NDArray[np.floating],
    colour: str | NDArray[np.integer] = DARK_GREEN,
    field: NDArray[np.floating] | None = None,
) -> Plane:
    return Plane(EXTENT, [Layer(points, colour, "label")], "title", field, "x", "y")


def decode(picture: bytes) -> list[NDArray[np.intp]]:
    """Every frame, (height, width, 3)."""
    image, frames = Image.open(io.BytesIO(picture)), []
    for k in range(getattr(image, "n_frames", 1)):
        image.seek(k)
        frames.append(np.asarray(image.convert("RGB")).astype(int))
    return frames


def both(planes: list[Plane], frames: int) -> list[tuple[NDArray[np.intp], list[tuple[int, int, int, int]], int]]:
    """The last frame of the still and of the animation, with the boxes of the planes and the scale."""
    with theme():
        boxes = [layers._draw(planes, "heading", scale).boxes for scale in (layers.SCALE, 1)]
    still, moving = layers.still(planes, "heading")[0], layers.animate(planes, list(range(frames)), "heading").gif
    return [(decode(still.png)[0], boxes[0], layers.SCALE), (decode(moving)[-1], boxes[1], 1)]


def inside(picture: NDArray[np.intp], box: tuple[int, int, int, int]) -> NDArray[np.intp]:
    left, top, width, height = box
    return picture[top : top + height, left : left + width]


def like(picture: NDArray[np.intp], colour: str) -> NDArray[np.bool_]:
    """Which pixels are close to a colour."""
    return (np.abs(picture - np.array(to_rgb(colour)) * 255) < 30).all(-1)


def test_a_still_has_the_layout_of_its_animation() -> None:
    planes = [plane(np.zeros((2, 1, 2))), plane(np.zeros((1, 1, 2)))]
    drawn, size = layers.still(planes, "heading", 3)
    assert size == layers.animate(planes, [0, 3], "heading").size
    assert Image.open(io.BytesIO(drawn.png)).size == (size[0] * layers.SCALE, size[1] * layers.SCALE)
    assert size[0] <= 1_000


def test_points_stand_where_they_belong() -> None:
    points = np.array([[[0.5, 0.5]], [[-0.5, 3.0]]])
    for picture, (box,), scale in both([plane(points)], 2):
        rows, columns = np.nonzero(like(inside(picture, box), DARK_GREEN))
        assert len(rows)
        assert columns.mean() / box[2] == pytest.approx(0.25, abs=0.01)
        assert rows.mean() / box[3] == pytest.approx(0.25, abs=0.01)
        assert np.ptp(rows) < 8 * scale


def test_a_field_is_low_and_high_where_its_values_are_and_paper_in_the_middle() -> None:
    field = np.array([[[0.0, 0.5], [0.5, 1.0]]])  # low at the bottom left, high at the top right
    for picture, (box,), scale in both([plane(np.zeros((2, 0, 2)), field=field)], 2):
        panel, edge = inside(picture, box), 4 * scale
        for (row, column), colour in {
            (-edge, edge): FIELD_LOW, (edge, -edge): FIELD_HIGH, (edge, edge): PAPER, (-edge, -edge): PAPER,
        }.items():  # fmt: skip
            assert panel[row, column] == pytest.approx(np.array(to_rgb(colour)) * 255, abs=1)


def test_a_field_moves_with_the_frames_and_its_levels_are_as_many_as_said() -> None:
    field = np.stack([np.full((3, 3), 0.0), np.linspace(0, 1, 9).reshape(3, 3)])
    first, last = decode(layers.animate([plane(np.zeros((1, 0, 2)), field=field)], [0, 1], "heading").gif)
    with theme():
        (box,) = layers._draw([plane(np.zeros((1, 0, 2)), field=field)], "heading", 1).boxes
    colours = [len(np.unique(inside(f, box)[3:-3, 3:-3].reshape(-1, 3), axis=0)) for f in (first, last)]
    assert colours == [1, painting.LEVELS]


@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (2, 3), (7, 5)])
def test_levels_interpolate_between_places_from_edge_to_edge(rows: int, cols: int) -> None:
    field = rng().uniform(0, 1, (rows, cols))
    made = painting.levels(field, 40, 30)
    x, y = (np.arange(40) + 0.5) / 40 * (cols - 1), (np.arange(30)[::-1] + 0.5) / 30 * (rows - 1)
    along = np.array([np.interp(x, np.arange(cols), row) for row in field])
    expected = np.array([np.interp(y, np.arange(rows), column) for column in along.T]).T
    assert (made == np.floor(expected * painting.LEVELS)).mean() > 0.99
    assert np.array_equal(painting.levels(np.full((2, 2), np.nan), 3, 3), np.full((3, 3), painting.MIDDLE))


def test_modes_have_their_colours_and_repeat_them() -> None:
    modes = np.array([0, 3, len(MODES)])
    points = np.array([[[-0.5, 1.0], [0.0, 2.0], [0.5, 3.0]]])
    for picture, (box,), _ in both([plane(points, modes)], 1):
        blue, orange = (np.argwhere(like(inside(picture, box), MODES[m])) / box[2] for m in (0, 3))
        assert orange.mean(0) == pytest.approx([0.5, 0.5], abs=0.01)
        assert blue.min(0) == pytest.approx([0.25, 0.25], abs=0.02)
        assert blue.max(0) == pytest.approx([0.75, 0.75], abs=0.02)


def test_the_later_layer_is_above_and_the_most_frequent_mode_wins() -> None:
    one = np.zeros((1, 1, 2)) + np.array([0, 2])
    covered = Plane(EXTENT, [Layer(one, DARK_GREEN), Layer(one, AMBER)])
    for picture, (box,), _ in both([covered], 1):
        centre = inside(picture, box)[box[3] // 2 - 1 : box[3] // 2 + 2, box[2] // 2 - 1 : box[2] // 2 + 2]
        assert like(centre, AMBER).any()
        assert not like(centre, DARK_GREEN).any()
    crowd = plane(np.repeat(one, 5, 1), np.array([3, 0, 3, 3, 0]))
    gif = decode(layers.animate([crowd], [0], "heading").gif)[0]
    assert like(gif[60:], MODES[3]).any()
    with theme():
        (box,) = layers._draw([crowd], "heading", 1).boxes
    assert not like(inside(gif, box), MODES[0]).any()


def test_what_is_not_finite_or_outside_is_not_drawn() -> None:
    points = np.array([[[np.nan, 1], [np.inf, 1], [-np.inf, np.nan], [1e30, 1], [3, 1]]])
    for picture, boxes, _ in both([plane(points), plane(points, np.arange(5)), plane(points[:, :0], np.arange(0))], 1):
        assert all((inside(picture, box)[6:-6, 6:-6] == 255).all() for box in boxes)


def test_frames_decode_to_the_pictures_that_were_painted() -> None:
    """Only changes are stored; together they give back every picture."""
    points, field = rng().uniform(0, 1, (6, 80, 2)), rng().uniform(0, 1, (6, 4, 4))
    whole = decode(layers.animate([plane(points, field=field)], [0, 1, 20, 300, 4_000, 50_000], "heading").gif)
    for k, step in ((3, 300), (5, 50_000)):
        alone = layers.animate([plane(points[k : k + 1], field=field[k : k + 1])], [step], "heading").gif
        assert np.array_equal(decode(alone)[0], whole[k])


def test_too_large_an_animation_loses_frames_but_not_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    planes, steps = [plane(rng().uniform(0, 1, (40, 200, 2)))], list(range(0, 400, 10))
    whole = layers.animate(planes, steps, "heading")
    assert whole.steps == steps
    monkeypatch.setattr(layers, "LIMIT", len(whole.gif) // 2)
    made = layers.animate(planes, steps, "heading")
    assert len(made.gif) <= layers.LIMIT
    assert len(made.steps) > 12
    assert (made.steps[0], made.steps[-1]) == (0, 390)


def test_a_long_legend_takes_more_lines() -> None:
    points = np.zeros((1, 1, 2))
    short, long = (
        layers.still([Plane(EXTENT, [Layer(points, DARK_GREEN, w * 20), Layer(points, AMBER, w * 21)])], "h")[1]
        for w in ("i", "W")
    )
    assert long == (short[0], short[1] + layers.LEGEND_LINE)


def test_equal_arrays_give_equal_bytes() -> None:
    planes = [plane(rng().uniform(0, 1, (3, 50, 2)), np.arange(50), rng().uniform(0, 1, (3, 4, 4)))]
    a, b = ((layers.still(planes, "h", 3), layers.animate(planes, [0, 1, 2], "h")) for _ in range(2))
    assert a == b


@pytest.mark.parametrize(
    ("planes", "steps", "message"),
    [
        ([], 1, "at least one plane"),
        ([plane(np.zeros((1, 1, 2)))], 0, "at least one frame"),
        ([plane(np.zeros((3, 1, 2)))], 2, "frames do not match"),
        ([plane(np.zeros((2, 1, 2)))], 1, "frames do not match"),
        ([plane(np.zeros((1, 1, 2)), field=np.zeros((3, 2, 2)))], 2, "frames do not match"),
        ([plane(np.zeros((1, 2)))], 1, "points have shape"),
        ([plane(np.zeros((1, 2, 2)), np.zeros(3, int))], 1, "do not match modes"),
        ([plane(np.zeros((1, 1, 2)), np.array([-1]))], 1, "do not match modes"),
        ([plane(np.zeros((1, 1, 2)), field=np.zeros((2, 2)))], 1, "a field has shape"),
        ([Plane((0, 0, 0, 1), [])], 1, "empty extent"),
        ([Plane(EXTENT, MANY, field=np.zeros((1, 2, 2)))], 1, "too many"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(planes: list[Plane], steps: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        layers.animate(planes, list(range(steps)), "heading")
