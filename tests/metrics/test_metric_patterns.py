"""Scores of patterns: hand-made histograms, real frames, a generator of empty frames, and reconstructions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from modescope.datasets.junction import Junction
from modescope.datasets.ring import Ring
from modescope.metrics.patterns import Patterns

RNG = np.random.default_rng
JUNCTION = Junction(size=16)
VIEWS = {"error_empty", "error_occupied", "ssim_empty", "ssim_occupied", "pattern_kept"}


def histogram(counts, junction=JUNCTION, **keys):
    """The scores for these counts of frames per pattern; the last count is of invalid frames."""
    return Patterns(**keys).histogram_scores(np.repeat([*range(len(counts) - 1), -1], counts), junction)


def scored(fake, junction=JUNCTION):
    return Patterns().score(fake, fake, junction, RNG(0))


def test_the_table_itself_is_perfect():
    scores = histogram([800, 40, 40, 40, 40, 15, 15, 10, 0])
    assert scores["patterns_covered"] == scores["patterns_hit"] == 8
    assert scores["invalid_frames"] == 0
    assert scores["pattern_kl"] == pytest.approx(0, abs=1e-12)
    assert scores["pattern_tv"] == pytest.approx(0, abs=1e-12)
    assert scores["empty_ratio"] == pytest.approx(1)
    assert scores["minor_recall"] == pytest.approx(1)


def test_a_histogram_by_hand():
    # n has its share, e half of it, s just less, w and ew none, ns twice; a tenth is invalid
    scores = histogram([781, 40, 20, 19, 0, 30, 0, 10, 100])
    assert scores["patterns_covered"] == 5
    assert scores["patterns_hit"] == 6
    assert scores["invalid_frames"] == pytest.approx(0.1)
    assert scores["empty_ratio"] == pytest.approx(781 / 800)
    assert scores["minor_recall"] == pytest.approx((40 + 20 + 19 + 15 + 10) / 200)
    assert scores["pattern_tv"] == pytest.approx((19 + 0 + 20 + 21 + 40 + 15 + 15 + 0 + 100) / 2000)
    q = np.array([781, 40, 20, 19, 30, 10]) / 900
    p = np.array([0.8, 0.04, 0.04, 0.04, 0.015, 0.01])
    assert scores["pattern_kl"] == pytest.approx(np.sum(q * np.log(q / p)))


def test_always_the_empty_junction():
    scores = histogram([500, 0, 0, 0, 0, 0, 0, 0, 0])
    assert scores["pattern_kl"] == pytest.approx(math.log(1 / 0.8))
    assert scores["pattern_tv"] == pytest.approx(0.2)
    assert scores["empty_ratio"] == pytest.approx(1.25)
    assert scores["minor_recall"] == 0
    assert (scores["patterns_covered"], scores["patterns_hit"]) == (1, 1)


def test_nothing_valid():
    scores = histogram([0] * 8 + [30])
    assert scores["pattern_kl"] == math.inf
    assert scores["pattern_tv"] == scores["invalid_frames"] == 1
    assert scores["minor_recall"] == scores["empty_ratio"] == scores["patterns_hit"] == 0


def test_the_share_of_a_covered_pattern_is_a_setting():
    counts = [800, 30, 30, 30, 30, 15, 15, 10, 40]
    assert histogram(counts, share=0.75)["patterns_covered"] == 8
    assert histogram(counts, share=0.76)["patterns_covered"] == 4


@given(counts=st.lists(st.integers(0, 300), min_size=9, max_size=9).filter(any))
def test_scores_are_in_their_ranges(counts):
    scores = histogram(counts)
    assert scores["pattern_kl"] >= 0
    assert 0 <= scores["pattern_tv"] <= 1
    assert 0 <= scores["minor_recall"] <= 1 + 1e-12
    assert scores["patterns_covered"] <= scores["patterns_hit"] <= 8
    assert scores["pattern_tv"] >= scores["invalid_frames"] / 2


def test_real_frames_score_as_a_multinomial_sample():
    n = 2_000
    scores = scored(JUNCTION.sample(n, RNG(1)))
    assert set(scores) == set(Patterns.about) - VIEWS
    assert scores["decoder_accuracy"] >= 0.999
    assert scores["invalid_frames"] <= 0.001
    # 2 n KL is chi-square with 7 degrees of freedom
    assert scores["pattern_kl"] < stats.chi2(7).ppf(0.999) / (2 * n)
    assert scores["patterns_covered"] == 8


def test_a_generator_that_lost_the_rare_pattern_and_makes_ghosts():
    junction, rng = JUNCTION, RNG(2)
    label = np.repeat([0, 1, 2, 3, 4, 5, 6], [480, 24, 24, 24, 24, 9, 9])
    frames = junction.frames(label, rng)
    ghosts = (junction.frames(np.full(6, 7), rng) + junction.frames(np.zeros(6, dtype=int), rng)) / 2
    scores = scored(np.concatenate([frames, ghosts]))
    assert (scores["patterns_hit"], scores["patterns_covered"]) == (7, 7)
    assert scores["invalid_frames"] == pytest.approx(0.01)
    assert scores["minor_recall"] == pytest.approx(0.95)
    assert scores["pattern_tv"] == pytest.approx(0.01)


def test_reconstructions_are_judged_apart_for_empty_and_occupied_frames():
    label = np.repeat(np.arange(8), 10)
    real = JUNCTION.frames(label, RNG(3))
    made = real + np.where(label > 0, 0.02, 0.01)[:, None, None, None]
    made[10:20] = real[20:30]  # the pattern of the second is read as the third
    made[20:30] = real[20:30] + 0.02
    scores = Patterns().score_views(real, {"reconstructions": made}, JUNCTION)
    assert set(scores) == VIEWS
    assert scores["error_empty"] == pytest.approx(0.01)
    squares = 60 * 0.02**2 + np.sum(np.mean((real[10:20] - real[20:30]) ** 2, axis=(1, 2, 3)))
    assert scores["error_occupied"] == pytest.approx(math.sqrt(squares / 70))
    assert scores["pattern_kept"] == pytest.approx(6 / 7)
    assert scores["ssim_occupied"] < scores["ssim_empty"] < 1


def test_perfect_reconstructions_and_those_that_are_always_empty():
    real = JUNCTION.frames(np.repeat(np.arange(8), 5), RNG(4))
    perfect = Patterns().score_views(real, {"reconstructions": real}, JUNCTION)
    assert perfect["error_empty"] == perfect["error_occupied"] == 0
    assert perfect["pattern_kept"] == 1
    assert perfect["ssim_empty"] == pytest.approx(1)
    ground = np.broadcast_to(JUNCTION.background, real.shape)
    empty = Patterns().score_views(real, {"reconstructions": ground}, JUNCTION)
    assert empty["error_empty"] == pytest.approx(JUNCTION.noise, rel=0.05)
    assert empty["error_occupied"] > 3 * empty["error_empty"]
    assert empty["pattern_kept"] == 0


def test_a_stratum_without_frames_and_views_without_reconstructions_have_no_scores():
    real = JUNCTION.frames(np.zeros(5, dtype=int), RNG(5))
    assert set(Patterns().score_views(real, {"reconstructions": real}, JUNCTION)) == {"error_empty", "ssim_empty"}
    assert Patterns().score_views(real, {"codes": np.zeros((5, 2))}, JUNCTION) == {}


def test_only_for_junctions():
    assert Patterns().applies(JUNCTION)
    assert not Patterns().applies(Ring())
    with pytest.raises(TypeError, match="ring has no traffic patterns"):
        Patterns().score(np.zeros((3, 2)), np.zeros((3, 2)), Ring(), RNG(0))
