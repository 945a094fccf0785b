"""Ties between points: how many there are, which metrics they void, and that no others change."""

import warnings

import numpy as np
import pytest

from modescope import metrics
from modescope.datasets.points import Points
from modescope.metrics.common import ties

PLANE = Points(path="real", point_shape=[2])
FAMILIES = {"distances": {"mmd_points": 200, "w2_points": 100}, "divergence": {}, "moments": {}, "prdc": {}}


def rng(seed=0):
    return np.random.default_rng(seed)


def scores(real, fake):
    """All scores, and the reasons for those that are void; a warning is an error."""
    families = metrics.build(FAMILIES)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = metrics.score_all(families, real, fake, PLANE, ("ties",))
    return found, metrics.voided(families, real, fake, PLANE)


def test_points_at_one_place_are_counted():
    found = ties.found(np.array([[1, 2], [0, 3], [1, 2], [2, 1], [1, 2.0]]), np.array([[0, 0], [-0.0, 0]]))
    assert found.real.others.tolist() == [2, 0, 2, 0, 2]  # (0, 3) and (2, 1) have the same sum, and are no ties
    assert (found.real.count, found.real.deep(2), found.real.deep(3)) == (3, 3, 0)
    assert found.fake.others.tolist() == [1, 1]  # minus zero is zero
    assert (found.count, found.share, found.most) == (5, 5 / 7, 2)
    assert str(found) == "3 of 5 real points and 2 of 2 generated points coincide with another one of their set"


@pytest.mark.parametrize("shape", [(300, 1), (300, 2), (100, 3, 4, 4)])
def test_counts_agree_with_a_comparison_of_all_pairs(shape):
    x = rng().integers(0, 3, shape).astype(float)
    rows = x.reshape(len(x), -1)
    np.testing.assert_array_equal(ties.tied(x).others, (rows[:, None] == rows[None]).all(axis=2).sum(axis=1) - 1)


def test_real_points_among_the_training_points_are_counted():
    train = rng().normal(size=(50, 2))
    real = np.concatenate([train[7:10, ::1], rng(1).normal(size=(5, 2))])
    assert ties.found(real, real, np.asfortranarray(train)).trained == 3


@pytest.mark.parametrize("draw", [lambda r: r.integers(0, 6, (400, 2)), lambda r: r.integers(0, 2, (400, 2))])
def test_integers_void_what_rests_on_neighbours(draw):
    found, reasons = scores(*(draw(rng(seed)).astype(float) for seed in (0, 1)))
    assert set(reasons) == {"kl_qp", "precision", "recall", "density", "coverage"}
    assert {name for name, value in found.items() if np.isnan(value)} == set(reasons)
    assert np.isfinite([value for name, value in found.items() if name not in reasons]).all()
    assert reasons["coverage"].startswith("400 of 400 real points and 400 of 400 generated points coincide")


def test_one_repeated_row_voids_the_divergence_alone():
    real = rng().normal(size=(2_000, 2))
    real[:10] = 0
    found, reasons = scores(real, rng(1).normal(size=(2_000, 2)))
    assert list(reasons) == ["kl_qp"]
    assert reasons["kl_qp"] == (
        "10 of 2,000 real points coincide with another one of their set, up to 10 at one place: they have no density"
    )
    assert found["coverage"] > 0.94


def test_rounding_that_leaves_neighbours_apart_voids_nothing():
    real, fake = (np.round(rng(seed).normal(size=(400, 2)), 1) for seed in (0, 1))
    assert ties.found(real, fake).discrete
    found, reasons = scores(real, fake)
    assert reasons == {}
    assert abs(found["kl_qp"]) < 0.2


def test_a_generator_that_collapses_is_scored():
    found, reasons = scores(rng().normal(size=(400, 2)), np.zeros((400, 2)))
    assert reasons == {}
    assert found["kl_qp"] == np.inf
    assert found["recall"] == 0


def test_a_constant_coordinate_is_no_dimension():
    """The estimate would count it as one, and be twice the true value."""
    real, fake = (rng(seed).normal(size=(400, 2)) * [1, 0] for seed in (0, 1))
    found, reasons = scores(real, fake)
    assert reasons == {"kl_qp": "a coordinate of the real points is constant: they have no density"}
    assert found["coverage"] > 0.94
    assert np.isfinite(found["kl_qp_smoothed"])
    _, reasons = scores(np.zeros((400, 2)), fake)
    assert reasons["kl_qp"] == "2 coordinates of the real points are constant: they have no density"


def test_one_in_a_hundred_may_be_neglected_and_one_more_may_not():
    few, more = (ties.Tied(np.array([1] * n + [0] * (200 - n))) for n in (2, 3))
    assert (few.count, few.share, few.too_deep(1)) == (2, 0.01, False)
    assert (more.count, more.share, more.too_deep(1)) == (3, 0.015, True)
    assert (ties.Ties(few, more).discrete, ties.Ties(more, few).discrete) == (False, True)
    assert ties.Ties(few, more).share == 5 / 400
    assert (ties.Tied(np.empty(0, int)).share, ties.Tied(np.array([0])).share) == (0, 0)


def test_points_that_differ_a_little_are_no_ties():
    x = np.array([[1e-20, 0.0], [2e-20, 0.0], [0.0, 1e-20], [0.0, 0.0]])
    assert ties.tied(x).others.tolist() == [0, 0, 0, 0]
    assert ties.found(x, x, x + 1e-20).trained == 0
