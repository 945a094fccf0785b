"""Rows of panels: positions, tick labels, and bad input."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.text import Text

from modescope.figures import canvas
from modescope.figures.canvas import Panel, draw
from modescope.figures.style import theme

EXTENT = (-1.0, 1.0, -1.0, 1.0)


def panels(n: int, title: str = "a title") -> list[Panel]:
    return [Panel(EXTENT, np.zeros((0, 2)), title) for _ in range(n)]


def drawn(n: int, columns: int | None, title: str = "a title") -> canvas.Canvas:
    with theme():
        return draw(panels(n, title), "heading", columns=columns)


@pytest.mark.parametrize(("n", "columns", "rows"), [(20, 5, 4), (19, 5, 4), (7, 3, 3), (4, 1, 4)])
def test_panels_fill_rows_without_touching(n: int, columns: int, rows: int) -> None:
    made = drawn(n, columns)
    width, height = made.size
    assert width <= canvas.MAX_WIDTH
    assert [len({box[k] for box in made.boxes}) for k in range(4)] == [columns, rows, 1, 1]
    for i, (left, top, wide, tall) in enumerate(made.boxes):
        assert (left, top) == (made.boxes[i % columns][0], made.boxes[i // columns * columns][1])
        assert left + wide < width
        assert top + tall < height
        if i % columns:
            assert left == made.boxes[i - 1][0] + wide + canvas.GAP
        if i >= columns:
            assert top >= made.boxes[i - columns][1] + tall + canvas.PANEL_TITLE


def test_only_the_first_of_a_row_and_the_last_of_a_column_have_tick_labels() -> None:
    axes = drawn(7, 3).axes
    left = [ax.yaxis.get_tick_params()["labelleft"] for ax in axes]
    below = [ax.xaxis.get_tick_params()["labelbottom"] for ax in axes]
    assert left == [True, False, False, True, False, False, True]
    assert below == [False, False, False, False, True, True, True]


def test_as_many_columns_as_panels_is_one_row() -> None:
    one, wide, more = drawn(3, None), drawn(3, 3), drawn(3, 8)
    assert one.boxes == wide.boxes == more.boxes
    assert one.size == wide.size == more.size


def test_a_title_wider_than_its_panel_is_written_smaller() -> None:
    made = drawn(10, 5, "a title that has far more letters than there is room for")
    for ax, box in zip(made.axes, made.boxes, strict=True):
        (title,) = ax.findobj(lambda artist: getattr(artist, "get_text", str)().startswith("a title"))
        assert isinstance(title, Text)
        assert title.get_window_extent().width <= box[2]


def test_panels_that_make_no_figure_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one panel"):
        draw([], "heading")
    with pytest.raises(ValueError, match="at least one column"):
        draw(panels(2), "heading", columns=0)
    with pytest.raises(ValueError, match="empty extent"):
        draw([Panel((1, 1, 0, 1), np.zeros((0, 2)))], "heading")
    with pytest.raises(ValueError, match="different extents"):
        draw([*panels(1), Panel((0, 1, 0, 1), np.zeros((0, 2)))], "heading")


def test_only_long_names_are_folded_and_at_a_space_near_the_middle() -> None:
    names = ["short", "GAN with two learning rates, averaged weights", "a" * 60]
    assert canvas.fold(names, 150, 9) == ["short", "GAN with two learning\nrates, averaged weights", "a" * 60]
