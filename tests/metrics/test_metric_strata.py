"""Precision, recall, density and coverage from all pairs: against `prdc` where both apply, and by stratum."""

import numpy as np
import pytest

from modescope.datasets.gaussian import Gaussian
from modescope.datasets.junction import Junction
from modescope.datasets.ring import Ring
from modescope.metrics.prdc import Prdc
from modescope.metrics.strata import Strata, dense_prdc, kth_squared, squared

RNG = np.random.default_rng
JUNCTION = Junction(size=16)
KINDS = ("precision", "recall", "density", "coverage")


def scored(real, fake, **keys):
    return Strata(**keys).score(real, fake, JUNCTION, RNG(0))


def frames(empty, occupied, seed):
    """Empty frames, then frames with a car from the north, in these numbers."""
    return JUNCTION.frames(np.repeat([0, 1], [empty, occupied]), RNG(seed))


@pytest.mark.parametrize("shift", [0.0, 0.5, 3.0])
@pytest.mark.parametrize("k", [1, 5])
def test_all_pairs_give_what_the_tree_gives(shift, k):
    real, fake = RNG(0).normal(size=(150, 3)), RNG(1).normal(shift, 0.8, size=(150, 3))
    expected = Prdc(k=k).score(real, fake, Gaussian(dim=3), RNG(2))
    assert dense_prdc(real, fake, k) == pytest.approx(expected)


def test_by_hand_on_a_line():
    real, fake = np.array([0.0, 1.0, 3.0, 7.0])[:, None], np.array([0.5, 2.0, 20.0])[:, None]
    # first neighbours lie 1, 1, 2 and 4 from the real points, 1.5, 1.5 and 18 from the generated ones
    assert kth_squared(real, 1).tolist() == [1, 1, 4, 16]
    assert kth_squared(fake, 1).tolist() == [2.25, 2.25, 324]
    scores = dense_prdc(real, fake, 1)
    # 0.5 lies in the balls of 0 and 1, 2 in that of 3 (on the edge of that of 1), 20 in none
    assert scores["precision"] == pytest.approx(2 / 3)
    assert scores["density"] == pytest.approx(3 / 3)
    assert scores["coverage"] == 3 / 4
    assert scores["recall"] == 1  # of 0.5: 0 and 1; of 2: 1 and 3; of 20: 3 (17) and 7 (13)


def test_equal_points_are_at_distance_zero_and_a_ball_of_radius_zero_holds_nothing():
    x = RNG(3).normal(size=(40, 300))
    assert np.all(np.diag(squared(x, x)) == 0)
    assert np.all(squared(x, x + 1e-7) >= 0)
    same = np.repeat(x[:1], 20, axis=0)
    assert dense_prdc(same, same, 5) == {"precision": 0, "recall": 0, "density": 0, "coverage": 0}


def test_ties_are_ties():
    """Copies of real points are exactly as far as the neighbours that set the radius, so they are outside the ball."""
    x = RNG(4).normal(size=(60, 200))
    scores = dense_prdc(x, x.copy(), 3)
    # in each ball: its own centre and the first and second neighbour, strictly inside
    assert scores["density"] == pytest.approx(1)
    assert scores["precision"] == scores["recall"] == scores["coverage"] == 1


def test_good_frames_score_well_in_both_strata():
    scores = scored(frames(150, 150, 0), frames(150, 150, 1))
    assert list(scores) == list(Strata.about) == [f"{kind}_{s}" for s in ("empty", "occupied") for kind in KINDS]
    assert all(scores[f"coverage_{stratum}"] > 0.85 for stratum in ("empty", "occupied"))
    assert scores["precision_occupied"] > 0.85


def test_a_generator_of_empty_frames_covers_no_others():
    scores = scored(frames(80, 80, 0), frames(100, 0, 1))
    assert scores["coverage_empty"] > 0.85
    assert all(scores[f"{kind}_occupied"] == 0 for kind in KINDS)


def test_one_colour_is_precise_and_covers_a_quarter_of_the_cars():
    red = Junction(size=16, colours=1).frames(np.ones(200, dtype=int), RNG(1))
    scores = scored(frames(20, 300, 0), np.concatenate([frames(20, 0, 2), red]))
    assert scores["precision_occupied"] > 0.85
    assert 0.15 < scores["coverage_occupied"] < 0.35
    assert scores["recall_occupied"] < 0.4


def test_few_generated_frames_have_no_balls_and_few_real_ones_no_scores():
    scores = scored(frames(20, 20, 0), frames(20, 5, 1))
    assert scores["recall_occupied"] == 0
    assert scores["precision_occupied"] > 0
    assert set(scored(frames(20, 5, 0), frames(20, 20, 1))) == {f"{kind}_empty" for kind in KINDS}


def test_no_more_than_the_stated_frames_are_compared():
    real, fake = frames(40, 0, 0), frames(40, 0, 1)
    few = scored(real, np.concatenate([fake[:10], real[10:]]), frames=10)
    assert few == scored(real[:10], fake[:10])


def test_only_for_junctions():
    assert Strata().applies(JUNCTION)
    assert not Strata().applies(Ring())
    assert Strata(k=7).min_points == 8
