"""Precision, recall, density and coverage against their definitions on the full distance matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from modescope.datasets.gaussian import Gaussian
from modescope.datasets.ring import Ring
from modescope.metrics.prdc import Prdc


def score(real, fake, k=5):
    return Prdc(k=k).score(real, fake, Gaussian(), np.random.default_rng(0))


def brute_force(real, fake, k):
    """Naeem et al. 2020 as published: the k-th smallest of the distances to the others, strictly inside."""

    def distances(a, b):
        return np.sqrt(((a[:, None] - b) ** 2).sum(axis=2))

    real_radius = np.sort(distances(real, real), axis=1)[:, k]  # column 0 is the point itself
    fake_radius = np.sort(distances(fake, fake), axis=1)[:, k]
    across = distances(real, fake)
    return {
        "precision": (across < real_radius[:, None]).any(axis=0).mean(),
        "recall": (across < fake_radius[None]).any(axis=1).mean(),
        "density": (across < real_radius[:, None]).sum(axis=0).mean() / k,
        "coverage": (across.min(axis=1) < real_radius).mean(),
    }


def test_by_hand():
    real = np.array([[0.0], [1.0], [3.0], [7.0]])  # k = 1: radii 1, 1, 2, 4
    fake = np.array([[0.5], [2.0], [5.0], [20.0]])  # k = 1: radii 1.5, 1.5, 3, 15
    # 0.5 is inside the balls of 0, 1; 2 inside that of 3 (on the edge of that of 1); 5 inside that of 7; 20 in none
    # 0, 1, 3, 7 are inside balls of 0.5, 0.5, 2, 5
    assert score(real, fake, k=1) == {"precision": 0.75, "recall": 1.0, "density": 1.0, "coverage": 1.0}
    # exchanged, radii are of the other set: 0 and 1 inside the ball of 0.5, 1 and 3 of 2, 3 and 7 of 5, 7 of 20
    assert score(fake, real, k=1) == {"precision": 1.0, "recall": 0.75, "density": 7 / 4, "coverage": 1.0}


@pytest.mark.parametrize("dim", [1, 2, 5])
@pytest.mark.parametrize("k", [1, 5])
def test_equals_brute_force(dim, k):
    rng = np.random.default_rng(dim)
    real, fake = rng.normal(size=(300, dim)), rng.normal(0.5, 0.6, size=(300, dim))
    assert score(real, fake, k) == pytest.approx(brute_force(real, fake, k), rel=1e-14)


lattice = hnp.arrays(float, (12, 2), elements=st.integers(0, 3).map(float))


@given(lattice, lattice)
def test_equals_brute_force_with_ties_and_duplicates(real, fake):
    assert score(real, fake, 3) == pytest.approx(brute_force(real, fake, 3), rel=1e-14)


@given(st.integers(0, 10_000))
def test_generated_points_that_are_copies_of_real_ones(seed):
    # every distance is a radius of the other set: the worst case for rounding
    rng = np.random.default_rng(seed)
    real = rng.normal(size=(40, 2)) * 10.0 ** rng.integers(-3, 4)
    fake = real[rng.permutation(40)]
    scores = score(real, fake)
    assert scores == pytest.approx(brute_force(real, fake, 5), rel=1e-14)
    # itself and the four nearer than the fifth lie strictly inside
    assert scores == {"precision": 1.0, "recall": 1.0, "density": 1.0, "coverage": 1.0}


def test_constants_score_zero():
    one = np.ones((3_000, 2))  # many: the list of all pairs at distance 0 must not be built
    zero = {"precision": 0.0, "recall": 0.0, "density": 0.0, "coverage": 0.0}
    assert score(one, one.copy()) == zero
    assert score(one, one + 1) == zero


def test_collapse_to_one_point_is_precise_and_covers_nothing():
    real = np.random.default_rng(0).normal(size=(500, 2))
    scores = score(real, np.zeros((500, 2)))
    assert scores == pytest.approx(brute_force(real, np.zeros((500, 2)), 5), rel=1e-14)
    assert (scores["precision"], scores["recall"]) == (1.0, 0.0)
    assert scores["coverage"] < 0.05


def test_disjoint_sets_score_zero():
    real = np.random.default_rng(1).normal(size=(100, 2))
    assert set(score(real, real + 1_000).values()) == {0.0}


def test_floors_of_density_and_coverage():
    ring, rng, n, k = Ring(), np.random.default_rng(2), 1_000, 5
    found = [score(ring.sample(n, rng), ring.sample(n, rng), k) for _ in range(20)]
    # Naeem et al. 2020, Lemma 2: none of the k nearest among 2n - 1 others is generated, so all are real
    none = np.prod([(n - 1 - i) / (2 * n - 1 - i) for i in range(k)])
    for name, expected in (("coverage", 1 - none), ("density", n / (n - 1))):
        values = np.array([f[name] for f in found])
        assert values.mean() == pytest.approx(expected, abs=4 * values.std(ddof=1) / np.sqrt(20))


@given(st.permutations(range(20)), st.floats(0, 6.28))
def test_invariant_under_order_and_rotation(order, angle):
    rng = np.random.default_rng(3)
    real, fake = rng.normal(size=(20, 2)), rng.normal(size=(20, 2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    assert score(real[order] @ turn, fake @ turn) == score(real, fake)


def test_too_few_points_for_k_neighbours():
    with pytest.raises(ValueError, match="5 points have no 5"):
        score(np.eye(5), np.eye(5))
