"""The bell: points lie on SciPy's Gaussian density, uniform in x, for every mean and width."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from modescope import datasets
from modescope.datasets.bell import Bell


@pytest.mark.parametrize(
    "settings", [{}, {"mean": 2.0, "std": 1.5, "low": -1.0, "high": 4.0}, {"low": 0.5, "high": 0.75}]
)
def test_points_lie_on_the_density_evenly_along_x(settings):
    bell = datasets.build({"kind": "bell"} | settings)
    assert isinstance(bell, Bell)
    x = bell.sample(20_000, np.random.default_rng(1))
    assert x.shape == (20_000, 2)
    np.testing.assert_allclose(x[:, 1], stats.norm(bell.mean, bell.std).pdf(x[:, 0]), rtol=1e-12)
    assert stats.kstest(x[:, 0], stats.uniform(bell.low, bell.high - bell.low).cdf).pvalue > 0.01


def test_height_by_hand():
    bell = Bell(mean=1.0, std=0.5)
    peak = 2 / math.sqrt(2 * math.pi)
    np.testing.assert_allclose(bell.height(np.array([1.0, 0.5, 2.0])), peak * np.exp([0, -0.5, -2]), rtol=1e-14)


def test_it_has_no_density_in_the_plane_and_no_modes():
    assert (Bell().shape, Bell().has_density, Bell().has_quantile, Bell().centres) == ((2,), False, False, None)
    with pytest.raises(NotImplementedError, match="bell has no closed-form density"):
        Bell().log_density(np.zeros((1, 2)))


@given(mean=st.floats(-5, 5), std=st.floats(0.05, 5), low=st.floats(-5, 5), length=st.floats(0.1, 5))
def test_the_extent_is_a_square_that_holds_the_curve(mean, std, low, length):
    bell = Bell(mean=mean, std=std, low=low, high=low + length)
    x_min, x_max, y_min, y_max = bell.extent
    assert x_max - x_min == pytest.approx(y_max - y_min)
    x, y = bell.sample(500, np.random.default_rng(0)).T
    assert x_min < x.min() <= x.max() < x_max
    assert y_min < y.min() <= y.max() < y_max


def test_same_generator_same_points():
    draws = [Bell().sample(7, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"low": 1.0, "high": -1.0}, "low must be below high: 1.0 >= -1.0"),
        ({"low": 1.0}, "low must be below high"),
        ({"std": 0.0}, "greater than 0"),
        ({"mean": math.inf}, "finite"),
    ],
)
def test_bad_fields_are_refused(bad, message):
    with pytest.raises(ValidationError, match=message):
        Bell(**bad)
