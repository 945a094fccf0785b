"""The spiral: its closed-form density against the map it comes from, and its sampler against both."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from modescope import datasets
from modescope.datasets.spiral import Spiral


def at(u, v):
    """The point that (u, v) is mapped to, (2,)."""
    r, theta = 0.05 + 0.45 * (u + 1) + 0.05 * v, 3 * math.pi * u
    return np.array([r * math.cos(theta), r * math.sin(theta)])


def test_density_is_that_of_the_uniform_square_over_the_jacobian_of_the_map():
    spiral, h = Spiral(), 1e-6
    for u, v in np.random.default_rng(0).uniform(-0.95, 0.95, (30, 2)):
        du = (at(u + h, v) - at(u - h, v)) / (2 * h)
        dv = (at(u, v + h) - at(u, v - h)) / (2 * h)
        jacobian = abs(du[0] * dv[1] - du[1] * dv[0])
        density = math.exp(spiral.log_density(at(u, v)[None])[0])
        assert density == pytest.approx(0.25 / jacobian, rel=1e-6)


def test_density_integrates_to_one():
    n = 1_500
    axis = (np.arange(n) + 0.5) * 2.2 / n - 1.1
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    total = np.exp(Spiral().log_density(grid)).sum() * (2.2 / n) ** 2
    assert total == pytest.approx(1, abs=2e-3)  # the edges cut through cells


def test_density_along_the_positive_x_axis():
    # the axis is met at u = -2/3, 0, 2/3, that is where r lies within 0.05 of 0.2, 0.5 and 0.8
    inside = np.array([0.16, 0.2, 0.24, 0.46, 0.5, 0.54, 0.76, 0.84])
    outside = np.array([0.0, 0.14, 0.26, 0.44, 0.56, 0.74, 0.86, 2.0])
    spiral = Spiral()
    np.testing.assert_allclose(
        spiral.log_density(np.stack([inside, 0 * inside], axis=1)), -np.log(0.6 * np.pi * inside), rtol=1e-12
    )
    assert np.all(spiral.log_density(np.stack([outside, 0 * outside], axis=1)) == -np.inf)


def test_samples_lie_on_the_band_with_the_right_marginals():
    x = Spiral().sample(20_000, np.random.default_rng(1))
    assert np.all(np.isfinite(Spiral().log_density(x)))
    # r is U(0, 0.9) + U(0, 0.1): a trapezoid on [0, 1], flat between 0.1 and 0.9
    assert stats.kstest(np.hypot(*x.T), stats.trapezoid(0.1, 0.9).cdf).pvalue > 0.01
    assert stats.kstest(np.arctan2(x[:, 1], x[:, 0]), stats.uniform(-np.pi, 2 * np.pi).cdf).pvalue > 0.01


def test_expected_negative_log_density_is_the_entropy():
    entropy, _ = integrate.dblquad(
        lambda v, u: math.log(0.6 * math.pi * (0.05 + 0.45 * (u + 1) + 0.05 * v)) / 4, -1, 1, -1, 1
    )
    log_p = Spiral().log_density(Spiral().sample(50_000, np.random.default_rng(2)))
    assert -log_p.mean() == pytest.approx(entropy, abs=4 * log_p.std() / math.sqrt(50_000))


def test_neighbouring_turns_are_told_apart():
    # one direction, three turns: each sample is reached by its own winding
    spiral = Spiral()
    for u in (-0.9, -0.9 + 2 / 3, -0.9 + 4 / 3):
        assert math.isfinite(spiral.log_density(at(u, 0.0)[None])[0])
        assert spiral.log_density(at(u, 1.1)[None])[0] == -math.inf
        assert spiral.log_density(at(u, -1.1)[None])[0] == -math.inf


def test_the_spiral_has_no_modes_and_fits_its_extent():
    spiral = datasets.build({"kind": "spiral"})
    assert isinstance(spiral, Spiral)
    assert (spiral.shape, spiral.centres, spiral.has_density) == ((2,), None, True)
    x_min, x_max, y_min, y_max = spiral.extent
    x = spiral.sample(5_000, np.random.default_rng(3))
    assert x.shape == (5_000, 2)
    assert np.all((x > [x_min, y_min]) & (x < [x_max, y_max]))


def test_same_generator_same_points():
    draws = [Spiral().sample(7, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])
