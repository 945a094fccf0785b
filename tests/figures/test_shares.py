"""Shares of categories: bars at the true shares, dots at those of the runs, zero shares at the foot of the axis."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from matplotlib.axes import Axes
from PIL import Image

from modescope.figures import shares
from modescope.figures.shares import NEVER, Shares, compare
from modescope.figures.stills import SCALE
from modescope.figures.style import Still, new_figure

TRUE = np.array([0.8, 0.15, 0.05, 0.0])
NAMES = ["empty", "n", "ns", "invalid"]
SMALLEST = 0.01


def opened(drawn: Still) -> Image.Image:
    return Image.open(io.BytesIO(drawn.png))


def entry(*runs: list[float], name: str = "gan") -> Shares:
    return Shares(name, np.array(runs, dtype=float).reshape(-1, len(TRUE)))


def axes(shown: Shares) -> Axes:
    ax = new_figure(300, 200, 1).add_axes((0.1, 0.1, 0.8, 0.8))
    shares._chart(ax, shown, TRUE, NAMES, SMALLEST)
    return ax


def test_a_bar_ends_at_the_true_share_and_none_has_no_bar() -> None:
    foot = SMALLEST * NEVER
    bars = axes(entry([0.8, 0.2, 0.0, 0.0])).patches
    np.testing.assert_allclose([bar.get_y() + bar.get_height() for bar in bars], [0.8, 0.15, 0.05, foot])  # type: ignore[attr-defined]
    np.testing.assert_allclose([bar.get_y() for bar in bars], foot)  # type: ignore[attr-defined]


def test_a_dot_a_run_in_its_category_and_a_line_at_their_mean() -> None:
    ax = axes(entry([0.9, 0.1, 0.0, 0.0], [0.5, 0.2, 0.1, 0.2]))
    foot = SMALLEST * NEVER
    first, second = ax.lines
    np.testing.assert_allclose(first.get_ydata(), [0.9, 0.1, foot, foot])
    np.testing.assert_allclose(second.get_ydata(), [0.5, 0.2, 0.1, 0.2])
    for line in (first, second):
        np.testing.assert_array_equal(np.round(np.asarray(line.get_xdata(), dtype=float)), range(4))
    (means,) = ax.collections
    heights = [path.vertices[0, 1] for path in means.get_paths()]
    np.testing.assert_allclose(heights, [0.7, 0.15, 0.05, 0.1])
    assert ax.get_ylim()[0] < foot


@pytest.mark.parametrize("gone", [1, 2])
def test_diverged_runs_leave_no_mark(gone: int) -> None:
    values = np.full((2, 4), np.nan)
    values[: 2 - gone] = [0.9, 0.1, 0.0, 0.0]
    ax = axes(Shares("gan", values))
    assert len(ax.lines) == 2 - gone
    assert len(ax.collections) == (gone < 2)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7])
def test_charts_stand_in_rows_of_three(n: int) -> None:
    drawn, (width, height) = compare([entry([0.7, 0.1, 0.1, 0.1])] * n, TRUE, NAMES, "heading", SMALLEST)
    assert opened(drawn).size == (SCALE * width, SCALE * height)
    assert width <= 1_000
    alone = compare([entry([0.7, 0.1, 0.1, 0.1])], TRUE, NAMES, "heading", SMALLEST)[1]
    assert (height > alone[1]) == (n > 3)


def test_more_entries_leave_the_names_apart() -> None:
    names = ["empty", "n", "e", "s", "w", "ns", "ew", "nesw", "invalid"]
    figure = new_figure(327, 176, SCALE)
    ax = figure.add_axes((0, 0.3, 0.92, 0.6))  # 301 layout pixels: one of three charts in a row
    shares._chart(ax, Shares("", np.full((1, 9), 1 / 9)), np.full(9, 1 / 9), names, SMALLEST)
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert all(a.x1 < b.x0 for a, b in itertools.pairwise(boxes))


def test_the_same_shares_give_the_same_bytes_and_others_do_not() -> None:
    first, again, other = (
        compare([entry(run)], TRUE, NAMES, "heading", SMALLEST)[0]
        for run in ([0.7, 0.1, 0.1, 0.1], [0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7])
    )
    assert first == again
    assert first != other


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="0 entries of 4 categories do not fit 4 true shares"):
        compare([], TRUE, NAMES, "", SMALLEST)
    with pytest.raises(ValueError, match="do not fit"):
        compare([entry([0.7, 0.1, 0.1, 0.1])], TRUE[:3], NAMES[:3], "", SMALLEST)
    with pytest.raises(ValueError, match="do not fit"):
        compare([entry([0.7, 0.1, 0.1, 0.1])], TRUE, NAMES[:3], "", SMALLEST)
