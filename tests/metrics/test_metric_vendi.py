"""Vendi score: known answers, bounds, and an independent computation from the definition."""

import numpy as np
import pytest
import scipy.linalg
from pydantic import ValidationError

from modescope import metrics
from modescope.datasets.gaussian import Gaussian
from modescope.datasets.junction import Junction
from modescope.datasets.ring import Ring
from modescope.metrics.vendi import Vendi, vendi_score


def rng(seed=0):
    return np.random.default_rng(seed)


def score(real, fake, **settings):
    return Vendi(**settings).score(real, fake, Gaussian(), rng())["vendi"]


@pytest.mark.parametrize("m", [1, 2, 7, 25])
def test_far_modes_of_no_width_are_counted(m):
    places = 100.0 * np.arange(m)[:, None] * np.ones(2)
    assert score(rng().normal(size=(500, 2)), np.repeat(places, 20, axis=0)) == pytest.approx(m, rel=1e-6)


def test_unequal_modes_count_by_their_entropy():
    fake = np.repeat([[0.0], [1e6], [2e6]], [70, 20, 10], axis=0)
    p = np.array([0.7, 0.2, 0.1])
    assert score(rng().normal(size=(100, 1)), fake) == pytest.approx(np.exp(-np.sum(p * np.log(p))))


def test_points_that_are_all_far_apart_count_each():
    assert score(rng().normal(size=(50, 1)), 1e3 * np.arange(50.0)[:, None]) == pytest.approx(50)


def test_real_points_of_no_width_count_places():
    assert score(np.ones((40, 2)), np.repeat([[1.0, 2.0], [1.0, 2.1]], 20, axis=0)) == pytest.approx(2)


def test_as_by_the_logarithm_of_the_matrix():
    x = rng().normal(size=(30, 2))
    distance = np.linalg.norm(x[:, None] - x[None], axis=2)
    k = np.exp(-(distance**2) / (2 * 0.8**2)) / 30 + 1e-15 * np.eye(30)
    expected = np.exp(-np.trace(k @ scipy.linalg.logm(k)).real)
    assert score(x, x, width=0.8 / np.sqrt(np.mean(np.var(x, axis=0)))) == pytest.approx(expected, rel=1e-6)


def test_more_noise_is_more_diverse_and_a_lost_mode_is_less():
    ring = Ring(std=0.02)
    real = ring.sample(1_000, rng())
    lost = real[np.argmin(((real[:, None] - ring.centres) ** 2).sum(-1), axis=1) > 0]
    noise = rng(1).uniform(-1, 1, (1_000, 2))
    assert 6.8 < score(real, lost) < score(real, real) - 0.8 < 7.8 < score(real, noise)


def test_the_subset_is_as_large_as_asked():
    real = rng().normal(size=(200, 2))
    far = 1e4 * real
    assert [score(real, far, points=n) for n in (20, 100)] == pytest.approx([20, 100], rel=0.01)
    with pytest.raises(ValidationError):
        Vendi(points=1)


def test_a_kernel_of_ones_is_one_point():
    assert vendi_score(np.ones((6, 6))) == pytest.approx(1)


def test_it_applies_to_points_with_few_coordinates():
    assert Vendi().applies(Ring())
    assert not Vendi().applies(Junction())
    assert "pictures" in Vendi.about["vendi"].sentence


def test_its_random_numbers_are_its_own():
    real, fake = rng(0).normal(size=(300, 2)), rng(1).normal(size=(300, 2))
    both = metrics.build({"distances": {"mmd_points": 50, "w2_points": 50}, "vendi": {}, "rke": {}})
    alone = metrics.score_all({"distances": both["distances"]}, real, fake, Gaussian(), (0,))
    together = metrics.score_all(both, real, fake, Gaussian(), (0,))
    assert alone == {name: together[name] for name in alone}
