"""Rényi kernel entropy: known answers, and an independent computation by eigenvalues and matrix square roots."""

import numpy as np
import pytest
import scipy.linalg

from modescope.datasets.gaussian import Gaussian
from modescope.datasets.junction import Junction
from modescope.datasets.ring import Ring
from modescope.metrics.rke import Rke, rke, rrke


def rng(seed=0):
    return np.random.default_rng(seed)


def kernel(x, y, s):
    return np.exp(-np.sum((x[:, None] - y[None]) ** 2, axis=2) / (2 * s**2))


@pytest.mark.parametrize("m", [1, 3, 25])
def test_far_modes_of_no_width_are_counted(m):
    fake = np.repeat(100.0 * np.arange(m)[:, None], 12, axis=0)
    found = Rke().score(rng().normal(size=(100, 1)), fake, Gaussian(), rng())
    assert found["rke"] == pytest.approx(m)


def test_unequal_modes_count_by_their_squares():
    p = np.array([0.7, 0.2, 0.1])
    assert rke(np.repeat([[0.0], [1e6], [2e6]], [70, 20, 10], axis=0), 1.0) == pytest.approx(1 / np.sum(p**2))


def test_the_count_is_the_sum_of_squared_eigenvalues():
    x = rng().normal(size=(60, 2))
    eigenvalues = np.linalg.eigvalsh(kernel(x, x, 0.5) / 60)
    assert rke(x, 0.5) == pytest.approx(1 / np.sum(eigenvalues**2))


def test_the_relative_entropy_is_the_fidelity_of_two_discrete_distributions():
    """On two sets of places that the kernel separates, the fidelity is (sum of sqrt(p q))^2, here (2 sqrt(0.16))^2."""
    x, y = (np.repeat([[0.0], [1e6]], counts, axis=0) for counts in ([20, 80], [80, 20]))
    assert rrke(kernel(x, y, 1.0)) == pytest.approx(-np.log(0.64))
    assert rrke(kernel(x, x, 1.0)) == pytest.approx(0, abs=1e-12)


def test_the_relative_entropy_is_that_of_matrix_square_roots():
    """-2 log of the trace of (sqrt(A) B sqrt(A))^(1/2), with A and B the covariances of explicit features."""
    x, y = rng(0).normal(size=(40, 2)), rng(1).normal(0.5, 1, (50, 2))
    k = kernel(np.vstack([x, y]), np.vstack([x, y]), 0.7)
    values, vectors = np.linalg.eigh(k)
    features = vectors * np.sqrt(np.maximum(values, 0))
    a, b = (side.T @ side / len(side) for side in (features[:40], features[40:]))
    root = scipy.linalg.sqrtm(a + 1e-14 * np.eye(90))
    fidelity = np.trace(scipy.linalg.sqrtm(root @ b @ root + 1e-14 * np.eye(90))).real
    assert rrke(k[:40, 40:]) == pytest.approx(-2 * np.log(fidelity), abs=2e-4)


def test_sets_that_share_nothing_are_infinitely_far():
    far = Rke().score(np.zeros((30, 2)), np.ones((30, 2)), Gaussian(), rng())
    assert far == {"rke": 1.0, "rrke": np.inf}


def test_a_lost_mode_lowers_the_count_and_raises_the_relative_entropy():
    ring = Ring(std=0.02)
    real, again = ring.sample(800, rng(0)), ring.sample(800, rng(1))
    lost = again[np.argmin(((again[:, None] - ring.centres) ** 2).sum(-1), axis=1) > 0]
    whole, less = (Rke().score(real, fake, ring, rng()) for fake in (again, lost))
    assert 0.8 < whole["rke"] - less["rke"] < 1.2
    assert less["rrke"] > 5 * whole["rrke"]


def test_it_applies_to_points_with_few_coordinates():
    assert Rke().applies(Ring())
    assert not Rke().applies(Junction())
    assert all("pictures" in about.sentence for about in Rke.about.values())
