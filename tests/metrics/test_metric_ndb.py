"""Statistically different bins: the test by hand, the cells, the floor, collapse and constants."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats
from threadpoolctl import threadpool_limits

from modescope.datasets.ring import Ring
from modescope.metrics import ndb
from modescope.metrics.ndb import Ndb


@pytest.fixture(autouse=True)
def one_thread():
    """One thread, as in the workers; at these sizes two threads of a busy machine are many times slower."""
    with threadpool_limits(1):
        yield


def street(n, seed, empty=0.8, lanes=5):
    """Frames (n, 3, 16, 16) with sensor noise; all but the empty ones have a car in one lane."""
    rng = np.random.default_rng(seed)
    frames = rng.normal(0, 0.02, (n, 3, 16, 16))
    lane = rng.choice(lanes + 1, size=n, p=[empty] + lanes * [(1 - empty) / lanes])
    for i in np.flatnonzero(lane):
        frames[i, :, 3 * lane[i] - 3 : 3 * lane[i], 4:10] += 1
    return frames


def score(real, fake, **fields):
    return Ndb(**fields).score(real, fake, None, np.random.default_rng(0))["ndb"]


def test_the_test_of_a_bin_by_hand():
    # 80 of 100 against 60 of 100: r = 0.7, error = sqrt(0.7 * 0.3 * 0.02) = 0.0648, z = 3.086, p = 0.0020
    p = ndb.p_values(np.array([80, 20, 0]), np.array([60, 40, 0]))
    assert p[0] == p[1] == pytest.approx(2 * stats.norm.sf(0.2 / math.sqrt(0.7 * 0.3 * 0.02)), rel=1e-12)
    assert p[0] == pytest.approx(0.00203, abs=5e-5)
    assert p[2] == 1


def test_unequal_numbers_of_images_by_hand():
    # 10 of 50 against 30 of 100: r = 40/150, error = sqrt(4/15 * 11/15 * (1/50 + 1/100))
    p = ndb.p_values(np.array([10, 40]), np.array([30, 70]))
    assert p[0] == pytest.approx(2 * stats.norm.sf(0.1 / math.sqrt(4 / 15 * 11 / 15 * 0.03)), rel=1e-12)


def test_a_pooled_two_proportion_test_is_the_chi_square_test_of_two_columns():
    real, fake = np.array([13, 87]), np.array([31, 169])
    expected = stats.chi2_contingency([real, fake], correction=False).pvalue
    assert ndb.p_values(real, fake)[0] == pytest.approx(expected, rel=1e-9)


def test_one_bin_that_holds_everything_is_no_difference():
    np.testing.assert_array_equal(ndb.p_values(np.array([9, 0]), np.array([7, 0])), [1, 1])


def test_bins_and_score_by_hand():
    """Two very different images, black and white: two bins with known counts."""
    real = np.zeros((200, 1, 8, 8))
    real[::2] = 1
    half_white = np.zeros((200, 1, 8, 8))
    half_white[:100] = 1
    assert score(real, half_white, bins=2) == 0
    assert score(real, np.zeros_like(real), bins=2) == 1
    np.testing.assert_allclose(np.sort(ndb.bins(ndb.flat(real), 2)[:, 0]), [0, 1])


def test_averages_by_hand():
    images = np.arange(36.0).reshape(1, 1, 6, 6)
    np.testing.assert_allclose(ndb.averaged(images, 2)[0, 0], [[7, 10], [25, 28]])  # of 3 x 3 pixels each
    np.testing.assert_allclose(ndb.averaged(images, 4)[0, 0, 0], [0, 1.5, 3, 4.5])  # blocks of 1, 2, 1 and 2
    np.testing.assert_array_equal(ndb.averaged(images, 8), images)


@given(side=st.integers(1, 20), height=st.integers(1, 20), width=st.integers(1, 20))
def test_averages_keep_constants_and_have_their_size(side, height, width):
    small = ndb.averaged(np.full((2, 3, height, width), 0.25), side)
    assert small.shape == (2, 3, min(side, height), min(side, width))
    np.testing.assert_allclose(small, 0.25)


def test_real_against_real_differs_as_often_as_the_level_says():
    found = [score(street(200, seed), street(200, 1_000 + seed)) for seed in range(60)]
    assert np.mean(found) == pytest.approx(0.05, abs=0.03)  # three standard errors of the mean of 600 tests are 0.027


def test_losing_the_cars_is_seen_and_partly_losing_them_less():
    real = street(600, 0)
    same, fewer, none = (score(real, street(600, 1, empty)) for empty in (0.8, 0.9, 1.0))
    assert same <= 0.2 < fewer < none


def test_a_background_changes_nothing():
    real, fake = street(300, 0), street(300, 1, 0.9)
    background = np.random.default_rng(5).uniform(-1, 1, (3, 16, 16))
    assert score(real + background, fake + background) == score(real, fake) > 0


def test_same_bits_whatever_the_generator():
    real, fake = street(200, 0), street(200, 1, 0.9)
    first = Ndb().score(real, fake, None, np.random.default_rng(0))
    assert Ndb().score(real, fake, None, np.random.default_rng(9)) == first


@pytest.mark.parametrize("value", [0.0, 1e6])
def test_constants_are_scored_without_a_warning(value):
    real, constant = street(60, 0), np.full((60, 3, 16, 16), value)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert 0 <= score(real, constant) <= 1
        assert score(constant, constant) == 0
        assert score(constant, real) == 0  # one bin, which holds everything


def test_fewer_images_than_bins_are_scored():
    assert 0 <= score(street(20, 0), street(20, 1), bins=20) <= 1
    assert Ndb(bins=20).min_points == 40


def test_only_images_have_bins():
    assert not Ndb().applies(Ring())
    with pytest.raises(ValidationError):
        Ndb(bins=1)
    with pytest.raises(ValidationError):
        Ndb(bins=21)


def test_applies_to_images_whose_modes_are_not_known():
    class Image:
        shape = (3, 16, 16)
        mode_weights = None

    class Stack(Image):
        mode_weights = np.full(1000, 1e-3)

    assert Ndb().applies(Image())
    assert not Ndb().applies(Stack())
