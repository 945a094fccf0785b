"""The ring of Gaussians: centres, weights, density and sampler."""

import math

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats
from scipy.spatial.distance import pdist

from modescope import datasets
from modescope.datasets.ring import Ring

HEAVY = [0.65, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05]


def plane(reach, n):
    """Midpoints of n x n square cells on [-reach, reach]^2, (n * n, 2), and the area of a cell."""
    axis = (np.arange(n) + 0.5) * 2 * reach / n - reach
    return np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2), (2 * reach / n) ** 2


def test_defaults_are_the_eight_gaussians_of_the_article():
    ring = datasets.build({"kind": "ring"})
    assert isinstance(ring, Ring)
    assert (ring.n_modes, ring.radius, ring.std, ring.shape) == (8, 2.0, 0.2, (2,))
    assert ring.mode_std == 0.2
    np.testing.assert_allclose(ring.mode_weights, np.full(8, 0.125))


def test_centres_are_evenly_spaced_and_none_is_repeated():
    s = math.sqrt(0.5)
    by_hand = [[1, 0], [s, s], [0, 1], [-s, s], [-1, 0], [-s, -s], [0, -1], [s, -s]]
    np.testing.assert_allclose(Ring(radius=1.0).centres, by_hand, atol=1e-15)
    chords = pdist(Ring(n_modes=5, radius=3.0).centres)
    assert chords.min() == pytest.approx(6 * math.sin(math.pi / 5))


@pytest.mark.parametrize("weights", [None, HEAVY])
def test_log_density_is_the_weighted_sum_of_gaussians(weights):
    ring = Ring(weights=weights)
    x = np.random.default_rng(0).uniform(-2.5, 2.5, (40, 2))
    p = np.zeros(40)
    for k, w in enumerate(weights or [1 / 8] * 8):
        c = [2 * math.cos(math.pi * k / 4), 2 * math.sin(math.pi * k / 4)]
        p += w * stats.multivariate_normal(c, 0.04 * np.eye(2)).pdf(x)
    np.testing.assert_allclose(np.exp(ring.log_density(x)), p, rtol=1e-10)


@pytest.mark.parametrize("weights", [None, HEAVY])
def test_density_integrates_to_one(weights):
    x, area = plane(4, 400)
    assert np.exp(Ring(weights=weights).log_density(x)).sum() * area == pytest.approx(1, abs=1e-9)


def test_log_density_stays_finite_where_the_density_underflows():
    # nearest centre (2, 0), 998 away: -998^2 / 0.08 and the constants
    expected = -(998**2) / 0.08 - math.log(8 * 2 * math.pi * 0.04)
    assert Ring().log_density(np.array([[1000.0, 0.0]]))[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("weights", [None, HEAVY])
def test_samples_follow_the_density(weights):
    ring, n = Ring(weights=weights), 40_000
    x = ring.sample(n, np.random.default_rng(2))
    # counts in 36 x 36 cells against the integral of the density over each, by 10 x 10 midpoints
    reach, cells, fine = 3.0, 36, 10
    grid, area = plane(reach, cells * fine)
    p = (np.exp(ring.log_density(grid)) * area).reshape(cells, fine, cells, fine).sum(axis=(1, 3))
    edges = np.linspace(-reach, reach, cells + 1)
    counts = np.histogram2d(*x.T, bins=[edges, edges])[0]
    big = n * p >= 5
    expected = np.append(n * p[big], n * (1 - p[big].sum()))
    observed = np.append(counts[big], n - counts[big].sum())
    assert stats.chisquare(observed, expected).pvalue > 0.01
    # and E[-log p] against its quadrature
    log_p = ring.log_density(x)
    q = np.exp(ring.log_density(grid)) * area
    entropy = -np.sum(q * ring.log_density(grid))
    assert -log_p.mean() == pytest.approx(entropy, abs=4 * log_p.std() / math.sqrt(n))


def test_mode_counts_and_radial_distances():
    ring, n = Ring(radius=1.0, std=0.05, weights=HEAVY), 20_000
    x = ring.sample(n, np.random.default_rng(3))
    distance = np.linalg.norm(x[:, None] - ring.centres, axis=2)  # (n, 8)
    counts = np.bincount(distance.argmin(axis=1), minlength=8)
    assert stats.chisquare(counts, n * np.array(HEAVY)).pvalue > 0.01
    assert stats.kstest(distance.min(axis=1) / 0.05, stats.rayleigh.cdf).pvalue > 0.01


def test_same_generator_same_points():
    draws = [Ring().sample(7, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert draws[0].shape == (7, 2)
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_extent_holds_nearly_all_points():
    ring = Ring(radius=1.0, std=0.05)
    assert ring.extent == pytest.approx((-1.2, 1.2, -1.2, 1.2))


@pytest.mark.parametrize(
    "bad",
    [
        {"weights": [0.5, 0.5]},
        {"weights": [0.2] * 8},
        {"weights": [0.0] + [1 / 7] * 7},
        {"weights": [1.1, -0.1] + [0.0] * 6},
        {"std": 0.0},
        {"radius": -1.0},
        {"n_modes": 0},
    ],
)
def test_bad_fields_are_refused(bad):
    with pytest.raises(ValidationError):
        Ring(**bad)
