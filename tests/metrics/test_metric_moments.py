"""Mean error and standard deviation ratio by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modescope.datasets.gaussian import Gaussian
from modescope.metrics.moments import Moments


def score(real, fake):
    return Moments().score(real, fake, Gaussian(), np.random.default_rng(0))


def test_by_hand():
    real = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 7.0], [0.0, -7.0]])  # variances 1/2 and 49/2: rms 5 / sqrt 2
    fake = np.array([[3.0, 4.0], [3.0, 4.0], [3.0, 6.0], [3.0, 2.0]])  # mean (3, 4), variances 0 and 2: rms 1
    scores = score(real, fake)
    assert scores["mean_error"] == pytest.approx(5 / math.sqrt(12.5))
    assert scores["std_ratio"] == pytest.approx(1 / math.sqrt(12.5))


def test_points_of_any_shape():
    rng = np.random.default_rng(1)
    real, fake = rng.normal(size=(50, 2, 3)), rng.normal(size=(50, 2, 3))
    assert score(real, fake) == score(real.reshape(50, 6), fake.reshape(50, 6))


@given(st.floats(0.01, 100), st.floats(-100, 100))
def test_scale_and_shift_of_both_change_nothing(scale, shift):
    rng = np.random.default_rng(2)
    real, fake = rng.normal(size=(30, 2)), rng.normal(1, 2, size=(30, 2))
    assert score(scale * real + shift, scale * fake + shift) == pytest.approx(score(real, fake), rel=1e-6)


def test_floor():
    rng, n = np.random.default_rng(3), 2_000
    found = [score(rng.normal(size=(n, 2)), rng.normal(size=(n, 2))) for _ in range(200)]
    # the difference of two means is N(0, 2/n I): its length is Rayleigh, mean sqrt(pi / n)
    errors = [f["mean_error"] for f in found]
    assert np.mean(errors) == pytest.approx(math.sqrt(math.pi / n), abs=4 * np.std(errors) / math.sqrt(200))
    # the logarithm of the ratio has variance 2 / (4 n)
    assert np.std([f["std_ratio"] for f in found]) == pytest.approx(math.sqrt(1 / (2 * n)), rel=0.25)


def test_constants():
    one, rng = np.ones((20, 2)), np.random.default_rng(4)
    assert score(one, one.copy()) == {"mean_error": 0.0, "std_ratio": 1.0}
    assert score(one, one + 1)["mean_error"] == math.inf
    assert score(one, rng.normal(size=(20, 2)))["std_ratio"] == math.inf
    assert score(rng.normal(size=(20, 2)), one)["std_ratio"] == 0
