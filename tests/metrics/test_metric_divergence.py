"""The nearest-neighbour KL against brute force and closed forms; -log p against known quantiles."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modescope.datasets import Distribution
from modescope.datasets.gaussian import Gaussian
from modescope.datasets.ring import Ring
from modescope.datasets.spiral import Spiral
from modescope.metrics.divergence import Divergence, kl_divergence


class Unknown(Distribution):
    """A distribution without a density; `side` x `side` pixels."""

    kind: str = "unknown"
    side: int = 1

    @property
    def shape(self):
        return (self.side, self.side)

    def sample(self, n, rng):
        return rng.normal(size=(n, *self.shape))


def brute_force(x, y, k):
    """The estimator as printed, from the full distance matrices."""
    n, d = x.shape
    rho = np.sort(np.linalg.norm(x[:, None] - x, axis=2), axis=1)[:, k]  # column 0 is the point itself
    nu = np.sort(np.linalg.norm(x[:, None] - y, axis=2), axis=1)[:, k - 1]
    return d / n * np.sum(np.log(nu / rho)) + math.log(len(y) / (n - 1))


def test_by_hand():
    x, y = np.array([[0.0], [1.0], [3.0]]), np.array([[0.5], [2.0], [5.0]])
    # rho = 1, 1, 2; nu = 1/2, 1/2, 1: three times log(1/2), over three, plus log(3/2)
    assert kl_divergence(x, y, 1) == pytest.approx(math.log(0.75))


@pytest.mark.parametrize("dim", [1, 2, 5])
@pytest.mark.parametrize("k", [1, 5])
def test_equals_brute_force(dim, k):
    rng = np.random.default_rng(dim)
    x, y = rng.normal(size=(200, dim)), rng.normal(1, 2, size=(300, dim))
    assert kl_divergence(x, y, k) == pytest.approx(brute_force(x, y, k), rel=1e-12)


@pytest.mark.parametrize(("mean", "std", "dim"), [(1.0, 1.0, 1), (1.0, 1.0, 2), (0.0, 0.5, 2), (0.5, 0.7, 3)])
def test_kl_between_gaussians(mean, std, dim):
    rng = np.random.default_rng(0)
    n, repeats = 4_000, 8
    # KL(N(m, s^2) || N(0, 1)) for each axis; the other direction is another number unless s = 1
    expected = dim * ((std**2 + mean**2 - 1) / 2 - math.log(std))
    found = [kl_divergence(rng.normal(mean, std, (n, dim)), rng.standard_normal((n, dim)), 5) for _ in range(repeats)]
    assert np.mean(found) == pytest.approx(expected, abs=4 * np.std(found, ddof=1) / math.sqrt(repeats) + 0.01)


def test_one_dropped_mode_costs_ln_8_over_7():
    ring, rng = Ring(radius=1.0, std=0.05), np.random.default_rng(1)
    found = []
    for _ in range(5):
        fake = ring.centres[rng.integers(1, 8, 10_000)] + 0.05 * rng.normal(size=(10_000, 2))
        found.append(kl_divergence(fake, ring.sample(10_000, rng), 5))
    assert np.mean(found) == pytest.approx(math.log(8 / 7), abs=0.01)


def test_floor_is_zero_and_not_clipped():
    ring, rng, repeats = Ring(), np.random.default_rng(2), 30
    found = np.array([kl_divergence(ring.sample(2_000, rng), ring.sample(2_000, rng), 5) for _ in range(repeats)])
    assert abs(found.mean()) < 4 * found.std(ddof=1) / math.sqrt(repeats)
    assert found.std(ddof=1) < 0.03
    assert found.min() < 0 < found.max()


@given(st.floats(0, 2 * math.pi), st.floats(0.1, 10), st.floats(-5, 5))
def test_invariant_under_rotation_scale_and_shift_of_both(angle, scale, shift):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(60, 2)), rng.normal(1, 2, size=(60, 2))
    turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    moved = kl_divergence(x @ turn + shift, y @ turn + shift, 5)
    assert moved == pytest.approx(kl_divergence(x, y, 5), abs=1e-9)


@given(st.permutations(range(25)))
def test_invariant_under_the_order_of_points(order):
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(25, 2)), rng.normal(size=(25, 2))
    assert kl_divergence(x[order], y, 3) == pytest.approx(kl_divergence(x, y[order], 3), abs=1e-12)


def test_coinciding_generated_points_are_infinitely_far():
    y = np.random.default_rng(5).normal(size=(50, 2))
    assert kl_divergence(np.zeros((50, 2)), y, 5) == math.inf
    few = np.vstack([y[:44] + 0.1, np.ones((6, 2))])  # six in one place: the fifth neighbour of each is at 0
    assert kl_divergence(few, y, 5) == math.inf
    assert math.isfinite(kl_divergence(few, y, 6))


def test_shared_atoms_count_as_equal_and_atoms_of_the_data_alone_as_minus_infinity():
    same = np.ones((10, 2))
    assert kl_divergence(same, same.copy(), 5) == pytest.approx(math.log(10 / 9))
    apart = np.array([[1.0], [2.0], [3.0]])
    assert kl_divergence(apart, np.ones((3, 1)), 1) == -math.inf


@pytest.mark.parametrize(("n", "m", "k"), [(5, 10, 5), (10, 4, 5)])
def test_too_few_points_for_k_neighbours(n, m, k):
    with pytest.raises(ValueError, match="points have no 5"):
        kl_divergence(np.arange(n)[:, None] * 1.0, np.arange(m)[:, None] * 1.0, k)


def test_smoothed_kl_of_a_collapsed_generator_is_that_of_the_noise():
    gaussian, rng = Gaussian(), np.random.default_rng(6)
    scores = Divergence(smoothing=0.5).score(gaussian.sample(10_000, rng), np.zeros((10_000, 2)), gaussian, rng)
    # KL(N(0, s^2 I) || N(0, (1 + s^2) I)) in the plane, s = 0.5
    expected = 2 * (math.log(math.sqrt(1.25) / 0.5) + 0.25 / (2 * 1.25) - 0.5)
    assert scores["kl_qp"] == math.inf
    assert scores["kl_qp_smoothed"] == pytest.approx(expected, abs=0.06)


def test_smoothing_makes_a_curve_comparable_between_sizes():
    gaussian, rng = Gaussian(), np.random.default_rng(7)
    kl, smoothed = [], []
    for n in (1_000, 8_000):
        curve = np.stack([rng.normal(size=n), np.zeros(n)], axis=1)
        scores = Divergence(smoothing=0.3).score(gaussian.sample(n, rng), curve, gaussian, rng)
        kl.append(scores["kl_qp"])
        smoothed.append(scores["kl_qp_smoothed"])
    assert kl[1] - kl[0] > 1  # grows like log N: 2.08 for eight times the points
    # one axis right, the other N(0, s^2) against N(0, 1 + s^2)
    expected = math.log(math.sqrt(1.09) / 0.3) + 0.09 / (2 * 1.09) - 0.5
    assert smoothed == pytest.approx([expected, expected], abs=0.12)


def test_noise_is_measured_in_deviations_of_the_data():
    small, large = Gaussian(std=0.01), Gaussian(std=100.0)
    scores = [
        Divergence().score(g.sample(500, np.random.default_rng(8)), 0.1 * g.sample(500, np.random.default_rng(9)), g, r)
        for g, r in ((small, np.random.default_rng(0)), (large, np.random.default_rng(0)))
    ]
    assert scores[0]["kl_qp_smoothed"] == pytest.approx(scores[1]["kl_qp_smoothed"], rel=1e-9)


def test_nll_quantiles_of_a_gaussian():
    gaussian, rng, n = Gaussian(std=0.5), np.random.default_rng(10), 40_000
    scores = Divergence().score(gaussian.sample(n, rng), gaussian.sample(n, rng), gaussian, rng)
    # |x|^2 / (2 std^2) is exponential with mean 1: median ln 2, 90th percentile ln 10
    constant = math.log(2 * math.pi * 0.25)
    assert scores["nll_median"] == pytest.approx(constant + math.log(2), abs=4 / math.sqrt(n))
    assert scores["nll_p90"] == pytest.approx(constant + math.log(10), abs=4 * 3 / math.sqrt(n))


def test_nll_outside_the_support_is_infinite_never_nan():
    spiral, rng = Spiral(), np.random.default_rng(11)
    fake, real = spiral.sample(100, rng), spiral.sample(100, rng)
    fake[:20] += 5
    scores = Divergence().score(real, fake, spiral, rng)
    assert math.isfinite(scores["nll_median"])
    assert scores["nll_p90"] == math.inf
    assert Divergence().score(real, fake + 5, spiral, rng)["nll_median"] == math.inf


def test_without_a_density_there_is_no_nll():
    unknown, rng = Unknown(), np.random.default_rng(12)
    scores = Divergence().score(unknown.sample(30, rng), unknown.sample(30, rng), unknown, rng)
    assert set(scores) == {"kl_qp", "kl_qp_smoothed"}


def test_not_for_images():
    assert Divergence().applies(Unknown(side=3))
    assert not Divergence().applies(Unknown(side=4))
