"""The concentric rings of Gaussians: centres and their order, density and sampler."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from modescope import datasets
from modescope.datasets.ring import Ring
from modescope.datasets.rings import Rings


def test_defaults_are_the_sharp_double_ring():
    rings = datasets.build({"kind": "rings"})
    assert isinstance(rings, Rings)
    assert (rings.radii, rings.n_modes, rings.std, rings.shape) == ([1.0, 2.0], 8, 0.01, (2,))
    assert rings.mode_std == 0.01
    np.testing.assert_allclose(rings.mode_weights, np.full(16, 1 / 16))


def test_centres_go_ring_by_ring_from_angle_zero():
    by_hand = [[1, 0], [0, 1], [-1, 0], [0, -1], [3, 0], [0, 3], [-3, 0], [0, -3]]
    np.testing.assert_allclose(Rings(radii=[1.0, 3.0], n_modes=4).centres, by_hand, atol=1e-15)


@given(radius=st.floats(0.1, 10), n_modes=st.integers(1, 20), std=st.floats(0.01, 1))
def test_one_ring_is_the_ring(radius, n_modes, std):
    one, ring = Rings(radii=[radius], n_modes=n_modes, std=std), Ring(radius=radius, n_modes=n_modes, std=std)
    np.testing.assert_allclose(one.centres, ring.centres)
    assert one.extent == ring.extent


def test_log_density_by_hand():
    # nearest neighbours on the inner ring are 2 sin(pi / 8) = 0.77 apart: at a centre only its own mode counts
    rings = Rings()
    log_norm = math.log(16 * 2 * math.pi * 0.0001)
    values = rings.log_density(np.array([[0.0, 1.0], [-2.03, 0.04], [1.5, 0.0], [0.0, 0.0]]))
    expected = [-log_norm, -12.5 - log_norm, math.log(2) - 1250 - log_norm, math.log(8) - 5000 - log_norm]
    np.testing.assert_allclose(values, expected, rtol=1e-12)


@pytest.mark.parametrize("weights", [None, [0.1, 0.2, 0.3, 0.1, 0.2, 0.1]])
def test_density_is_the_weighted_sum_of_gaussians_and_integrates_to_one(weights):
    rings = Rings(radii=[0.5, 1.5], n_modes=3, std=0.2, weights=weights)
    axis = (np.arange(300) + 0.5) * 6 / 300 - 3
    x = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    p = np.exp(rings.log_density(x))
    assert p.sum() * (6 / 300) ** 2 == pytest.approx(1, abs=1e-9)
    h = math.sqrt(0.75)
    directions = [(1, 0), (-0.5, h), (-0.5, -h)]
    expected = np.zeros(len(x))
    for k, w in enumerate(weights or [1 / 6] * 6):
        centre = (0.5, 1.5)[k // 3] * np.array(directions[k % 3])
        expected += w * stats.multivariate_normal(centre, 0.04).pdf(x)
    np.testing.assert_allclose(p, expected, rtol=1e-9)


def test_samples_visit_every_mode_equally_often_and_scatter_by_std():
    rings, n = Rings(radii=[1.0, 2.0, 4.0], n_modes=5), 15_000
    x = rings.sample(n, np.random.default_rng(1))
    ring = np.rint(np.log2(np.hypot(*x.T))).astype(int)  # radii 1, 2, 4
    sector = np.rint(np.arctan2(x[:, 1], x[:, 0]) * 5 / (2 * np.pi)).astype(int) % 5
    assert stats.chisquare(np.bincount(5 * ring + sector, minlength=15)).pvalue > 0.01
    angle = 2 * np.pi * sector / 5
    step = x - (2.0**ring)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    for axis in step.T:
        assert stats.kstest(axis, stats.norm(scale=0.01).cdf).pvalue > 0.01


def test_same_generator_same_points():
    draws = [Rings().sample(7, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert draws[0].shape == (7, 2)
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_extent_holds_the_outer_ring():
    assert Rings().extent == pytest.approx((-2.04, 2.04, -2.04, 2.04))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"radii": []}, "at least 1 item"),
        ({"radii": [k + 1.0 for k in range(101)]}, "at most 100 items"),
        ({"radii": [1.0, 1.0]}, "radii must be positive and ascend"),
        ({"radii": [2.0, 1.0]}, "radii must be positive and ascend"),
        ({"radii": [0.0, 1.0]}, "radii must be positive and ascend"),
        ({"radii": [-1.0]}, "radii must be positive and ascend"),
        ({"radii": [1.0, math.inf]}, "finite"),
        ({"radii": 1.0}, "list"),
        ({"n_modes": 0}, "greater than or equal to 1"),
        ({"n_modes": 1_001}, "less than or equal to 1000"),
        ({"std": 0.0}, "greater than 0"),
        ({"weights": [0.125] * 8}, "8 given for 16 modes"),
    ],
)
def test_bad_fields_are_refused(bad, message):
    with pytest.raises(ValidationError, match=message):
        Rings(**bad)
