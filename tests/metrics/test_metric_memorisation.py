"""Copies of training points: C_T against the rank test of SciPy, the share of copies where it is known."""

import math

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from modescope import metrics
from modescope.datasets.gaussian import Gaussian
from modescope.datasets.junction import Junction
from modescope.datasets.ring import Ring
from modescope.metrics.common import ties
from modescope.metrics.memorisation import Memorisation, c_t, cells, copied, splits, z_score

RING = Ring()


def rng(seed=0):
    return np.random.default_rng(seed)


def points(n, seed):
    return RING.sample(n, rng(seed))


TRAIN, HELD, FRESH = points(4_000, 0), points(1_000, 1), points(1_000, 2)


def test_z_is_that_of_the_rank_test():
    p, q = rng(0).normal(size=40), np.round(rng(1).normal(0.3, 1, 55), 1)
    u = mannwhitneyu(q, p).statistic
    assert z_score(p, q) == pytest.approx((u - 40 * 55 / 2) / math.sqrt(40 * 55 * 96 / 12))
    assert z_score(p, p) == 0


def test_fresh_points_are_no_copies():
    values = np.array([[c_t(h, f, TRAIN, 1), *copied(h, f, TRAIN)] for h, f in fresh_pairs(40)])
    # Standard normal with one cell; the mean of 40 lies within 4 standard errors.
    assert abs(values[:, 0].mean()) < 4 / math.sqrt(40)
    assert 0.75 < values[:, 0].std() < 1.3
    assert abs(values[:, 1].mean()) < 4 * values[:, 1].std() / math.sqrt(40)
    assert abs(values[:, 2].mean()) < 4 / math.sqrt(40)
    assert 0.75 < values[:, 2].std() < 1.3


def fresh_pairs(n):
    return [(points(400, 10 + 2 * i), points(400, 11 + 2 * i)) for i in range(n)]


def test_copies_are_found():
    assert c_t(HELD, TRAIN[:1_000], TRAIN, 16) < -9
    assert copied(HELD, TRAIN[:1_000], TRAIN)[0] == 1
    assert copied(HELD, TRAIN[:1_000], TRAIN)[1] == pytest.approx(
        math.sqrt(1_000 / 4 / 0.8), rel=1e-3
    )  # 1 / (e (1 - e)), less what is fixed


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_the_share_of_copies_is_right(share):
    n = round(1_000 * share)
    mixed = np.concatenate([TRAIN[:n], FRESH[n:]])
    assert copied(HELD, mixed, TRAIN)[0] == pytest.approx(share, abs=0.15)
    assert c_t(HELD, mixed, TRAIN, 16) < -9 * share


def test_crowding_at_the_peaks_is_no_copying():
    """C_T takes it for copies; the share of copies does not."""
    crowded = RING.centres[np.arange(1_000) % 8] + rng(3).normal(0, RING.std / 4, (1_000, 2))
    assert c_t(HELD, crowded, TRAIN, 16) < -2  # eight standard deviations
    assert abs(copied(HELD, crowded, TRAIN)[1]) < 3


def test_where_few_points_are_the_nearest_the_split_decides_and_z_says_so():
    """One generated place beside the data: its one neighbour is held out or not, whatever was generated."""
    near_one = np.repeat(TRAIN[:1] + 1e-6, 1_000, axis=0)
    share, z = copied(HELD, near_one, TRAIN)
    assert (share, z) == (1.0, pytest.approx(0.5, rel=1e-3))  # of a variance of (1 - e) / e = 4
    assert copied(HELD, np.repeat(HELD[:1], 1_000, axis=0), TRAIN) == (pytest.approx(-4), pytest.approx(-2, rel=1e-3))
    assert copied(HELD, np.full((1_000, 2), 9.0), TRAIN) == (0, 0)  # far from all data nothing is a copy


def test_z_is_that_of_random_splits_of_the_same_data():
    """Exactly: the same generated points, near few of the data, against 400 random splits of those."""
    data, fake = points(60, 5), points(300, 6)
    shares, scores = [], []
    for seed in range(400):
        order = rng(seed).permutation(60)
        share, z = copied(data[order[:20]], fake, data[order[20:]])
        shares.append(share)
        scores.append(z)
    assert abs(np.mean(scores)) < 0.2
    assert 0.85 < np.std(scores) < 1.15


def test_points_outside_the_data_are_above_zero():
    assert c_t(HELD, FRESH + 5, TRAIN, 16) > 3


def test_one_point_is_scored():
    """All its points lie in one cell, whose held-out points are few."""
    assert math.isfinite(c_t(HELD[:30], np.full((1_000, 2), 9.0), TRAIN, 16))


def test_cells_hold_equally_many():
    cuts = splits(TRAIN, 4)
    assert np.bincount(cells(TRAIN, cuts)).tolist() == [250] * 16
    assert np.bincount(cells(HELD, cuts), minlength=16).min() > 30


def test_points_that_coincide_are_not_cut():
    assert splits(np.ones((50, 2)), 3) is None
    axis, at, low, high = splits(np.array([[0.0, 5.0], [0.0, 5.0], [1.0, 5.0], [2.0, 5.0]]), 2)
    assert (axis, at, low, high) == (0, 0.5, None, (0, 1.5, None, None))


def test_few_points_make_fewer_cells():
    found = Memorisation().score_training(HELD[:45], FRESH[:45], TRAIN, RING, rng())
    assert found["c_t"] == c_t(HELD[:45], FRESH[:45], TRAIN, 2)
    assert (found["copied_share"], found["copied_z"]) == copied(HELD[:45], FRESH[:45], TRAIN)


def test_only_where_training_points_are_known():
    families = metrics.build({"memorisation": {}, "moments": {}})
    assert set(metrics.score_all(families, HELD, FRESH, RING, (0,))) == {"mean_error", "std_ratio"}
    assert set(metrics.score_all(families, HELD, FRESH, RING, (0,), train=TRAIN)) >= {"c_t", "copied_share", "copied_z"}
    specs = {"ring": {"kind": "ring"}, "frames": {"kind": "junction"}, "point": {"kind": "constant", "value": 1.0}}
    assert metrics.with_training({"memorisation": {}}, specs) == ["ring"]
    assert metrics.with_training({"moments": {}}, specs) == []


def test_held_out_points_among_the_training_points_void_both():
    real = np.concatenate([TRAIN[:20], HELD[:980]])
    found = metrics.score_all({"m": Memorisation()}, real, FRESH, RING, (0,), train=TRAIN)
    assert all(math.isnan(value) for value in found.values())
    reasons = Memorisation().voided(ties.found(real, FRESH, TRAIN))
    assert reasons == dict.fromkeys(found, "20 of 1,000 real points coincide with a training point")
    assert Memorisation().voided(ties.found(HELD, FRESH, TRAIN)) == {}


def test_it_applies_to_points_with_few_coordinates():
    assert Memorisation().applies(Gaussian())
    assert not Memorisation().applies(Junction())
    assert all("pictures" in about.sentence for about in Memorisation.about.values())
