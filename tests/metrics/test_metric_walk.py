"""Smoothness along latent lines: linear, random and constant generators with known scores, and one case by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modescope import metrics
from modescope.datasets.gaussian import Gaussian
from modescope.datasets.ring import Ring
from modescope.metrics.walk import Walk, path, relative, sequences

N, LINES, POINTS = 20_000, 400, 101
RNG = np.random.default_rng


def linear(points=POINTS):
    """The views of G(z) = z for normal z: walks are straight, and G maps midpoints and sums exactly."""
    rng = RNG(0)
    z, (a, b) = rng.normal(size=(N, 2)), rng.normal(size=(2, LINES, 2))
    t = np.linspace(0, 1, points)[:, None]
    walk = (1 - t) * a[:, None] + t * b[:, None]
    return {"samples": z, "walk": walk, "sums": a + b}


def scored(views, real=None, dataset=None):
    real = RNG(9).normal(size=(N, 2)) if real is None else real
    return Walk().score_views(real, views, dataset or Gaussian(dim=real.shape[1]))


def test_a_linear_generator_goes_straight_in_equal_steps():
    scores = scored(linear())
    assert list(scores) == list(Walk.about)
    # the path is the distance of its ends, a random path has 100 such steps
    assert scores["walk_length"] == pytest.approx(0.01, rel=0.07)
    # E max of 100 distances of two normal points, each root 2 of a Rayleigh number, is about sqrt(2 (2 ln 100 + 1.15))
    assert scores["walk_jump"] == pytest.approx(
        math.sqrt(math.pi) / 100 / math.sqrt(2 * (2 * math.log(100) + 1.15)), rel=0.1
    )
    assert scores["midpoint_offset"] == pytest.approx(0, abs=1e-12)


def test_neighbours_that_have_nothing_to_do_with_each_other_score_one():
    rng = RNG(3)
    views = {"samples": rng.normal(size=(N, 2)), "walk": rng.normal(size=(LINES, POINTS, 2))}
    scores = scored(views | {"sums": rng.normal(size=(LINES, 2))})
    assert scores == pytest.approx(dict.fromkeys(Walk.about, 1.0), rel=0.1)


@given(scale=st.floats(0.01, 100), shift=st.floats(-50, 50))
def test_scores_do_not_depend_on_units(scale, shift):
    views, real = linear(points=5), RNG(9).normal(size=(500, 2))
    moved = {name: scale * view + shift for name, view in views.items()}
    assert scored(moved, scale * real + shift) == pytest.approx(scored(views, real), rel=1e-6, abs=1e-9)


def test_by_hand():
    """Three points per line on the x axis: 0, 1, 4 and 0, 2, 4; the samples jump by 2 and 4, then by 4 and 2."""
    walk = np.array([[0.0, 1.0, 4.0], [0.0, 2.0, 4.0]])[..., None] * [1.0, 0.0]
    samples = np.array([0.0, 2.0, 6.0, 6.0, 2.0, 0.0])[:, None] * [1.0, 0.0]
    real, sums = np.array([[0.0, 1.0], [6.0, 1.0]]), np.array([[6.0, 4.0], [0.0, 0.0]])
    scores = scored({"samples": samples, "walk": walk, "sums": sums}, real)
    # lengths 4 and 4 over 6 and 6; largest steps 3 and 2 over 4 and 4
    assert scores["walk_length"] == pytest.approx(4 / 6)
    assert scores["walk_jump"] == pytest.approx(2.5 / 4)
    # middles are off by 1 and 0; samples have mean 8/3 and variance 80/6 - 64/9 = 56/9
    assert scores["midpoint_offset"] == pytest.approx(math.sqrt(0.5 / (1.5 * 56 / 9)))
    usual = (4 * 1 + 2 * math.sqrt(5)) / 6  # from the nearest real point: 1 at 0 and 6, root 5 at 2
    assert scores["midpoint_distance"] == pytest.approx((math.sqrt(2) + math.sqrt(5)) / 2 / usual)
    assert scores["sum_distance"] == pytest.approx((3 + 1) / 2 / usual)


def test_one_jump_is_seen_in_the_jump_and_not_in_the_length():
    """A generator with two values: the sign of the first coordinate."""
    views = {name: np.sign(view) * [1.0, 0.0] for name, view in linear().items()}
    scores = scored(views)
    assert scores["walk_length"] == pytest.approx(0.01, rel=0.15)  # half of the lines jump, as half of random steps
    assert scores["walk_jump"] == pytest.approx(0.5, abs=0.1)


def test_a_generator_of_one_point_is_no_smoother_than_chance():
    same = {name: np.ones_like(view) for name, view in linear(points=3).items()}
    assert scored(same) == pytest.approx(dict.fromkeys(Walk.about, 1.0))
    assert scored(same, np.ones((4, 2)))["sum_distance"] == 1.0
    assert relative(0.1, 0.0) == math.inf


def test_sums_outside_the_data_are_far():
    views = linear()
    far = views | {"sums": views["sums"] + 100}
    assert scored(far)["sum_distance"] > 1_000 > scored(views)["sum_distance"]
    assert scored(far)["midpoint_distance"] == scored(views)["midpoint_distance"] < 1


def test_paths_and_sequences():
    assert path(np.array([[[0.0, 0], [3, 4], [3, 4]], [[0, 0], [0, 1], [0, 3]]])) == ((5 + 3) / 2, (5 + 2) / 2)
    samples = np.arange(7.0)[:, None]
    np.testing.assert_array_equal(sequences(samples, 3)[..., 0], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(sequences(samples[:3], 5)[..., 0], [[0, 1, 2, 0, 1]])


def test_without_a_walk_or_samples_there_are_no_scores():
    views = linear(points=3)
    assert scored({"samples": views["samples"], "codes": views["sums"]}) == {}
    assert scored(views | {"samples": np.empty((0, 2))}) == {}


def test_images_have_no_distance_from_the_nearest():
    rng = RNG(0)
    views = {"samples": rng.normal(size=(50, 4, 8)), "walk": rng.normal(size=(3, 5, 4, 8))}
    scores = Walk().score_views(
        rng.normal(size=(50, 4, 8)), views | {"sums": rng.normal(size=(3, 4, 8))}, Gaussian(dim=32)
    )
    assert set(scores) == {"walk_length", "walk_jump", "midpoint_offset"}


def test_it_stands_beside_families_that_need_codes():
    families = metrics.build({name: {} for name in ("encoding", "walk")})
    walk = {name: view for name, view in linear(points=3).items() if name != "samples"}
    samples, real = linear()["samples"][:200], RNG(1).normal(size=(200, 2))
    found = metrics.score_all(families, real, samples, Gaussian(), (0,), walk)
    assert found == Walk().score_views(real, walk | {"samples": samples}, Gaussian())
    codes = {"codes": real, "z": samples}
    assert set(metrics.score_all(families, real, samples, Ring(), (0,), codes)) == {"code_coverage", "modes_kept"}
    assert metrics.score_all(families, real, samples, Gaussian(), (0,)) == {}
