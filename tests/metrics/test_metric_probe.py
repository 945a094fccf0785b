"""The linear probe: its optimum, its classes, and codes with full, partial and no information."""

import numpy as np
import pytest
from scipy.special import softmax

from modescope.datasets.junction import Junction
from modescope.datasets.ring import Ring
from modescope.metrics.probe import Probe, fit, principal, with_one

RNG = np.random.default_rng
JUNCTION = Junction(size=16)
LABEL = np.tile(np.repeat(np.arange(8), 2), 15)  # as often in even rows as in odd ones
REAL = JUNCTION.frames(LABEL, RNG(0))


def scored(codes):
    return Probe().score_views(REAL, {"codes": codes}, JUNCTION)


@pytest.mark.parametrize("penalty", [0.5, 50.0])
def test_the_slope_of_the_loss_is_zero_at_the_fit(penalty):
    """The penalised and weighted gradient, written out class by class."""
    x, y = RNG(1).normal(size=(60, 3)), np.repeat([0, 1, 2], [40, 15, 5])
    x[:, 0] += y
    w = fit(x, y, penalty, 500)
    p, weight = softmax(with_one(x) @ w, axis=1), (60 / (3 * np.array([40, 15, 5])))[y]
    for c in range(3):
        slope = (weight * (p[:, c] - (y == c))) @ x + penalty * w[:-1, c]
        np.testing.assert_allclose(slope, 0, atol=5e-3)
        assert weight @ (p[:, c] - (y == c)) == pytest.approx(0, abs=5e-3)


def test_classes_count_alike_however_rare_they_are():
    """Two overlapping classes, 19 to 1: without weights, all points would be assigned to the frequent one."""
    y = (np.arange(4_000) % 40 < 2).astype(int)
    x = RNG(2).normal(size=(4_000, 1)) + 2 * y[:, None]
    # the threshold lies half-way, one standard deviation from both: Phi(1)
    assert Probe().accuracy(x, y) == pytest.approx(0.841, abs=0.03)


def test_codes_that_know_the_pattern_and_codes_that_know_nothing():
    scores = scored(np.eye(8)[LABEL] + 0.05 * RNG(3).normal(size=(len(LABEL), 8)))
    assert list(scores) == list(Probe.about)
    assert scores["probe_codes"] == 1
    assert scores["probe_pixels"] > 0.95
    # 120 held-out frames at one in eight: four standard errors are 0.12
    assert abs(scored(RNG(4).normal(size=(len(LABEL), 8)))["probe_codes"] - 1 / 8) < 0.12
    assert scored(np.zeros((len(LABEL), 8)))["probe_codes"] == pytest.approx(1 / 8)


def test_codes_that_only_know_whether_a_frame_is_empty():
    """One pattern is always right; a constant guess gets at most one of the other seven right."""
    codes = (LABEL > 0)[:, None] + 0.01 * RNG(5).normal(size=(len(LABEL), 1))
    assert 1 / 8 < scored(codes)["probe_codes"] < 0.4


def test_principal_components_are_those_of_the_singular_value_decomposition():
    train, x = RNG(6).normal(size=(20, 50)) * np.geomspace(5, 0.1, 50), RNG(7).normal(size=(7, 50))
    axes = np.linalg.svd(train - train.mean(axis=0), full_matrices=False)[2][:4]
    found = principal(train, x, 4)
    expected = (x - train.mean(axis=0)) @ axes.T
    np.testing.assert_allclose(np.sort(np.abs(found), axis=1), np.sort(np.abs(expected), axis=1), rtol=1e-6)
    assert principal(train, x, 100).shape == (7, 19)  # 20 points span no more


def test_a_turn_of_the_codes_changes_nothing():
    codes = np.eye(8)[LABEL] + 0.4 * RNG(8).normal(size=(len(LABEL), 8))
    turn = np.linalg.qr(RNG(9).normal(size=(8, 8)))[0]
    assert scored(10 * codes @ turn + 3)["probe_codes"] == pytest.approx(scored(codes)["probe_codes"], abs=0.02)


def test_without_codes_or_with_one_pattern_there_are_no_scores():
    assert Probe().score_views(REAL, {"reconstructions": REAL}, JUNCTION) == {}
    empty = REAL[LABEL == 0]
    assert Probe().score_views(empty, {"codes": np.zeros((len(empty), 2))}, JUNCTION) == {}


def test_only_for_junctions():
    assert Probe().applies(JUNCTION)
    assert not Probe().applies(Ring())
