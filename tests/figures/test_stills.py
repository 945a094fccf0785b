"""Still figures: valid PNGs of the promised size, reproducible bytes, infinite and missing values."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from modescope.figures import animation, stills
from modescope.figures.canvas import Panel
from modescope.figures.style import Still

EXTENT = (-1.0, 1.0, -1.0, 1.0)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def image(drawn: Still) -> Image.Image:
    return Image.open(io.BytesIO(drawn.png))


def red(drawn: Still) -> int:
    """Clearly red pixels below the legend."""
    rgb = np.asarray(image(drawn).convert("RGB")).astype(int)[120:]
    return int((rgb[..., 0] - rgb[..., 1] > 90).sum())


def chart(values: list[list[float]], **options: object) -> stills.Chart:
    finite = [[v for v in runs if np.isfinite(v)] for runs in values]
    nan = float("nan")
    intervals = [(float(np.mean(f)), min(f), max(f)) if f else (nan, nan, nan) for f in finite]
    return stills.Chart("title", "y", [stills.Series("a", values, intervals, (0.0, 0.1))], **options)  # type: ignore[arg-type]


def test_a_still_has_the_layout_of_its_animation() -> None:
    panels = [Panel(EXTENT, rng().uniform(-1, 1, (50, 2)), title) for title in "abc"]
    points = rng().uniform(-1, 1, (2, 40, 2))
    drawn, size = stills.scatter(panels, [points[0]] * 3, "heading", 12)
    moving = animation.animate(panels, [points] * 3, [0, 12], "heading")
    assert size == moving.size
    assert image(drawn).size == (size[0] * stills.SCALE, size[1] * stills.SCALE)


def test_in_rows_too_and_a_panel_may_show_real_points_alone() -> None:
    panels = [Panel(EXTENT, rng().uniform(-1, 1, (50, 2)), title) for title in "abcde"]
    points = [np.zeros((1, 0, 2)), *[rng().uniform(-0.9, 0.9, (1, 40, 2))] * 4]
    drawn, size = stills.scatter(panels, [p[0] for p in points], "heading", columns=2)
    assert size == animation.animate(panels, points, [0], "heading", columns=2).size
    assert image(drawn).size == (size[0] * stills.SCALE, size[1] * stills.SCALE)
    assert red(drawn) > 500
    assert red(stills.scatter(panels, [p[0, :0] for p in points], "heading", columns=2)[0]) == 0


def test_generated_points_are_drawn_unless_they_are_not_numbers() -> None:
    panels = [Panel(EXTENT, np.zeros((0, 2)), centres=np.array([[0.5, 0.5]]), note="diverged at step 3")]
    points = rng().uniform(-1, 1, (40, 2))
    assert red(stills.scatter(panels, [points], "heading")[0]) > 500
    assert red(stills.scatter(panels, [points * np.nan], "heading")[0]) == 0


def test_a_wide_extent_gives_a_wide_panel() -> None:
    (_, (width, height)) = stills.scatter([Panel((-2, 2, -1, 1), np.zeros((1, 2)))], [np.zeros((1, 2))], "heading")
    assert width > 1.4 * height


def test_equal_arrays_give_equal_bytes_without_a_software_version() -> None:
    first, second = (stills.against([chart([[1, 2, 2], [3, 3, 4]])], [["1", "2"]], "x")[0] for _ in range(2))
    assert first == second
    assert "Software" not in image(first).info
    panels = [Panel(EXTENT, np.zeros((1, 2)))]
    a, b = (stills.scatter(panels, [np.zeros((1, 2))], "heading")[0] for _ in range(2))
    assert a == b
    assert "Software" not in image(a).info


@pytest.mark.parametrize(
    "values",
    [
        [[np.inf, 1.0], [2.0, 3.0]],
        [[np.inf, np.inf], [np.inf]],
        [[], [1.0]],
        [[0.0], [0.0]],
        [[-0.5, -0.2], [-0.1]],
        [[1e12], [1e-12]],
    ],
)
@pytest.mark.parametrize("symlog", [None, 0.01])
def test_any_values_can_be_charted(values: list[list[float]], symlog: float | None) -> None:
    drawn, size = stills.against([chart(values, symlog=symlog)], [["1", "2"]], "x")
    assert image(drawn).size == (size[0] * stills.SCALE, size[1] * stills.SCALE)


def test_an_infinite_run_leaves_a_mark_at_the_top() -> None:
    limits = {"limits": (0.0, 10.0)}
    without = np.asarray(image(stills.against([chart([[1.0]], **limits)], [["1"]], "x")[0]))
    infinite = np.asarray(image(stills.against([chart([[1.0, np.inf]], **limits)], [["1"]], "x")[0]))
    changed = np.argwhere((without != infinite).any(-1))[:, 0]
    assert len(changed)
    assert changed.max() < without.shape[0] / 3


def test_charts_without_positions_are_refused() -> None:
    with pytest.raises(ValueError, match="do not match"):
        stills.against([chart([[1.0]])], [], "x")
