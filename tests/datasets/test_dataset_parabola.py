"""The parabola: points lie on it, uniform in x, and it has neither density nor modes."""

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from modescope import datasets
from modescope.datasets.parabola import Parabola


def test_points_lie_on_the_curve_evenly_along_x():
    x = Parabola().sample(20_000, np.random.default_rng(1))
    assert x.shape == (20_000, 2)
    np.testing.assert_array_equal(x[:, 1], x[:, 0] ** 2)
    assert stats.kstest(x[:, 0], stats.uniform(-1, 2).cdf).pvalue > 0.01
    assert stats.kstest(x[:, 1], np.sqrt).pvalue > 0.01  # P(x^2 <= y) = sqrt(y): most points lie low


def test_it_has_no_density_in_the_plane_and_no_modes():
    parabola = datasets.build({"kind": "parabola"})
    assert isinstance(parabola, Parabola)
    assert (parabola.shape, parabola.has_density, parabola.has_quantile, parabola.centres) == ((2,), False, False, None)
    with pytest.raises(NotImplementedError, match="parabola has no closed-form density"):
        parabola.log_density(np.zeros((1, 2)))


def test_the_extent_is_a_square_that_holds_the_curve():
    x_min, x_max, y_min, y_max = Parabola().extent
    assert x_max - x_min == y_max - y_min == 1.25 * 2
    assert (x_min + x_max, (y_min + y_max) / 2) == (0, 0.5)


def test_same_generator_same_points():
    draws = [Parabola().sample(7, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_it_has_no_settings_of_its_own():
    with pytest.raises(ValidationError, match="unknown key low"):
        Parabola(low=0.0)
