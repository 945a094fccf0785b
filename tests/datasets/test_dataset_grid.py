"""The grid of Gaussians: centres and their order, density and sampler."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats
from scipy.spatial.distance import pdist

from modescope import datasets
from modescope.datasets.grid import Grid


def test_defaults_are_the_usual_25_gaussians():
    grid = datasets.build({"kind": "grid"})
    assert isinstance(grid, Grid)
    assert (grid.n_side, grid.spacing, grid.std, grid.shape) == (5, 1.0, 0.05, (2,))
    assert grid.mode_std == 0.05
    np.testing.assert_allclose(grid.mode_weights, np.full(25, 0.04))
    assert {tuple(c) for c in grid.centres} == {(x, y) for x in range(-2, 3) for y in range(-2, 3)}


def test_centres_are_row_major_from_the_lower_left():
    by_hand = [[-2, -2], [0, -2], [2, -2], [-2, 0], [0, 0], [2, 0], [-2, 2], [0, 2], [2, 2]]
    np.testing.assert_array_equal(Grid(n_side=3, spacing=2.0).centres, by_hand)
    np.testing.assert_array_equal(
        Grid(n_side=2, spacing=3.0).centres, np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]]) * 1.5
    )
    np.testing.assert_array_equal(Grid(n_side=1).centres, [[0, 0]])


@given(n_side=st.integers(2, 12), spacing=st.floats(1e-3, 1e3))
def test_every_grid_is_centred_and_its_neighbours_are_one_spacing_apart(n_side, spacing):
    grid = Grid(n_side=n_side, spacing=spacing)
    assert grid.centres.shape == (n_side**2, 2)
    assert pdist(grid.centres).min() == pytest.approx(spacing)
    np.testing.assert_allclose(grid.centres, -grid.centres[::-1])
    x_min, x_max, y_min, y_max = grid.extent
    assert np.all((grid.centres > [x_min, y_min]) & (grid.centres < [x_max, y_max]))


def test_log_density_at_a_centre_and_between_two():
    # the other modes are 20 standard deviations away from a centre: exp(-200)
    grid = Grid()
    at_centre, between = grid.log_density(np.array([[1.0, -2.0], [0.5, 0.0]]))
    assert at_centre == pytest.approx(-math.log(25 * 2 * math.pi * 0.0025), rel=1e-12)
    assert between == pytest.approx(math.log(2 / 25) - 50 - math.log(2 * math.pi * 0.0025), rel=1e-12)


def test_density_integrates_to_one_and_is_the_sum_of_gaussians():
    grid = Grid(n_side=3, spacing=0.8, std=0.15)
    axis = (np.arange(300) + 0.5) * 4 / 300 - 2
    x = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    p = np.exp(grid.log_density(x))
    assert p.sum() * (4 / 300) ** 2 == pytest.approx(1, abs=1e-9)
    # equal weights on a full grid: a product of two one-dimensional mixtures
    one = sum(stats.norm(c, 0.15).pdf(axis) for c in (-0.8, 0.0, 0.8)) / 3
    np.testing.assert_allclose(p, np.outer(one, one).ravel(), rtol=1e-9)


def test_samples_visit_every_mode_equally_often_and_scatter_by_std():
    grid, n = Grid(), 25_000
    x = grid.sample(n, np.random.default_rng(1))
    nearest = np.rint(x).clip(-2, 2)  # the centres are the integers
    mode = 5 * (nearest[:, 1] + 2) + nearest[:, 0] + 2
    assert stats.chisquare(np.bincount(mode.astype(int), minlength=25)).pvalue > 0.01
    for step in (x - nearest).T:
        assert stats.kstest(step, stats.norm(scale=0.05).cdf).pvalue > 0.01


def test_weights_follow_the_order_of_the_centres():
    grid, n = Grid(n_side=2, weights=[0.1, 0.2, 0.3, 0.4]), 20_000
    x = grid.sample(n, np.random.default_rng(2))
    counts = [np.sum((x[:, 0] > 0) == right) for right in (False, True)]
    upper = np.sum(x[:, 1] > 0)
    assert stats.chisquare(counts, [0.4 * n, 0.6 * n]).pvalue > 0.01
    assert stats.chisquare([n - upper, upper], [0.3 * n, 0.7 * n]).pvalue > 0.01


def test_same_generator_same_points():
    draws = [Grid().sample(7, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert draws[0].shape == (7, 2)
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_extent_holds_the_grid_and_its_modes():
    assert Grid().extent == (-2.5, 2.5, -2.5, 2.5)
    assert Grid(n_side=1, std=0.5).extent == (-2, 2, -2, 2)


@pytest.mark.parametrize(
    "bad",
    [
        {"n_side": 0},
        {"n_side": 101},
        {"n_side": 5.0},
        {"spacing": 0.0},
        {"std": 0.0},
        {"std": math.nan},
        {"weights": [0.2] * 5},
        {"n_modes": 25},
    ],
)
def test_bad_fields_are_refused(bad):
    with pytest.raises(ValidationError):
        Grid(**bad)
