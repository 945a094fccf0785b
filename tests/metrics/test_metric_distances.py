"""MMD, sliced and exact W2 against double sums, closed forms and all permutations."""

import itertools
import math
import subprocess
import sys

import numpy as np
import ot
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modescope.datasets.gaussian import Gaussian
from modescope.datasets.ring import Ring
from modescope.metrics.distances import Distances, median_distance, mmd2, sliced_w2, subset, w2


def test_mmd2_is_the_unbiased_double_sum():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(12, 2)), rng.normal(1, 2, size=(9, 2))

    def k(a, b):
        return sum(math.exp(-np.sum((a - b) ** 2) / (2 * s**2)) for s in (3.0, 1.5, 0.75)) / 3

    within_x = sum(k(a, b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j) / (12 * 11)
    within_y = sum(k(a, b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j) / (9 * 8)
    across = sum(k(a, b) for a in x for b in y) / (12 * 9)
    assert mmd2(x, y, 3.0, 3) == pytest.approx(within_x + within_y - 2 * across, rel=1e-10)


def test_mmd2_between_gaussians():
    rng, n, s, mean = np.random.default_rng(1), 2_000, 1.0, 1.0
    found = [mmd2(rng.normal(mean, 1, (n, 2)), rng.normal(size=(n, 2)), s, 1) for _ in range(5)]
    # E k(x, y) = s^2 / (s^2 + 2) exp(-|difference of means|^2 / (2 (s^2 + 2))) in the plane
    expected = 2 * s**2 / (s**2 + 2) * (1 - math.exp(-2 * mean**2 / (2 * (s**2 + 2))))
    assert np.mean(found) == pytest.approx(expected, abs=4 * np.std(found, ddof=1) / math.sqrt(5))


def test_mmd2_floor_is_zero_and_not_clipped():
    rng = np.random.default_rng(2)
    found = np.array([mmd2(rng.normal(size=(200, 2)), rng.normal(size=(200, 2)), 2.0, 4) for _ in range(100)])
    assert abs(found.mean()) < 4 * found.std() / 10
    assert found.min() < 0 < found.max()


def test_mmd2_of_two_points_far_apart_is_two():
    assert mmd2(np.zeros((5, 2)), np.full((5, 2), 1e6), 1.0, 6) == 2


def test_median_distance():
    assert median_distance(np.array([[0.0], [1.0], [4.0]])) == 3  # 1, 3, 4
    assert median_distance(np.array([[0.0], [0.0], [0.0], [0.5]])) == 0.5  # coinciding pairs do not count
    assert median_distance(np.zeros((4, 2))) == 1


def test_sliced_w2_of_a_shift_is_the_shift_seen_along_each_direction():
    rng = np.random.default_rng(3)
    x, shift = rng.normal(size=(50, 2)), np.array([3.0, 4.0])
    assert sliced_w2(x, x[::-1] + shift, np.array([[1.0, 0.0]])) == pytest.approx(3)
    assert sliced_w2(x, x[::-1] + shift, np.array([[0.0, 2.0]])) == pytest.approx(4)
    assert sliced_w2(x, x[::-1] + shift, np.array([[1.0, 0.0], [0.0, 1.0]])) == pytest.approx(math.sqrt(12.5))


def test_sliced_w2_is_that_of_pot():
    rng = np.random.default_rng(4)
    x, y, directions = rng.normal(size=(80, 3)), rng.normal(1, 2, size=(80, 3)), rng.normal(size=(20, 3))
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    assert sliced_w2(x, y, directions) == pytest.approx(ot.sliced_wasserstein_distance(x, y, projections=unit.T))


def test_w2_is_the_best_of_all_permutations():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(6, 2)), rng.normal(size=(6, 2))
    best = min(np.sum((x - y[list(order)]) ** 2) for order in itertools.permutations(range(6)))
    assert w2(x, y) == pytest.approx(math.sqrt(best / 6))


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_w2_of_a_shift_is_its_length(dx, dy):
    x = np.random.default_rng(6).normal(size=(20, 2))
    assert w2(x, x[::-1] + np.array([dx, dy])) == pytest.approx(math.hypot(dx, dy), abs=1e-6)


def test_w2_splits_mass():
    # half the mass of 0 moves by 1, half by 3: mean square 5
    assert w2(np.array([[0.0]]), np.array([[1.0], [3.0]])) == pytest.approx(math.sqrt(5))


def test_a_subset_has_no_point_twice():
    x, rng = np.arange(50.0)[:, None], np.random.default_rng(7)
    part = subset(x, 20, rng)
    assert part.shape == (20, 1)
    assert len(np.unique(part)) == 20
    np.testing.assert_array_equal(np.sort(subset(x, 80, rng), axis=0), x)


def test_a_size_concerns_its_own_metric_alone():
    ring = Ring()
    real, fake = (ring.sample(200, np.random.default_rng(seed)) for seed in (0, 1))

    def score(**fields):
        return Distances(**{"mmd_points": 100, "w2_points": 100, **fields}).score(
            real, fake, ring, np.random.default_rng(2)
        )

    base = score()
    for field, value, name in (("mmd_points", 50, "mmd2"), ("w2_points", 50, "w2"), ("projections", 7, "sliced_w2")):
        changed = score(**{field: value})
        assert {key for key in base if changed[key] != base[key]} == {name}


def test_bandwidths_follow_the_real_points():
    small = np.random.default_rng(8).normal(size=(100, 2))
    fake = small[::-1] * 0.5
    scores = [
        Distances(projections=5).score(c * small, c * fake, Gaussian(), np.random.default_rng(0)) for c in (1, 1_000)
    ]
    assert scores[0]["mmd2"] == pytest.approx(scores[1]["mmd2"], rel=1e-9)
    assert scores[0]["w2"] * 1_000 == pytest.approx(scores[1]["w2"])


def test_equal_constants_are_at_distance_zero():
    one = np.ones((30, 2))
    scores = Distances().score(one, one.copy(), Gaussian(), np.random.default_rng(0))
    assert scores == {"mmd2": 0, "sliced_w2": 0, "w2": 0}


def test_scoring_leaves_pytorch_alone():
    code = (
        "import sys, numpy; from modescope.metrics import build, distances; build({n: {} for n in sys.argv[1:]});"
        "distances.w2(numpy.zeros((3, 2)), numpy.ones((3, 2))); print(*sys.modules)"
    )
    families = ["distances", "divergence", "modes", "moments", "prdc"]
    done = subprocess.run([sys.executable, "-c", code, *families], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "ot" in loaded
    assert not loaded & {"torch", "jax", "cupy", "tensorflow"}
