"""Mode coverage against counts by hand, closed forms and its known sampling bias."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modescope.datasets import Array
from modescope.datasets.common.mixture import Mixture
from modescope.datasets.gaussian import Gaussian
from modescope.datasets.grid import Grid
from modescope.datasets.ring import Ring
from modescope.datasets.rings import Rings
from modescope.metrics.modes import Modes

PERFECT = 1 - math.exp(-4.5)  # P(Rayleigh < 3)


class Line(Mixture):
    """Five modes in one dimension."""

    kind: str = "line"
    std: float = 0.01

    @property
    def centres(self) -> Array:
        return np.linspace(-0.4, 0.4, 5)[:, None]


def score(fake, dataset, **fields):
    return Modes(**fields).score(np.empty_like(fake), fake, dataset, np.random.default_rng(0))


def test_counts_by_hand():
    ring = Ring(n_modes=4, radius=1.0, std=0.1)
    fake = np.repeat(np.vstack([ring.centres, [[0.0, 0.0]]]), [10, 5, 1, 0, 4], axis=0)  # the last four are invalid
    scores = score(fake, ring)
    assert scores["high_quality_fraction"] == 0.8
    assert scores["invalid_fraction"] == 0.2
    assert scores["modes_hit"] == 3
    assert scores["modes_covered"] == 2  # 0.5 and 0.25 reach half of 0.25, 0.05 does not
    assert scores["all_modes_covered"] == 0
    kl = 10 / 16 * math.log(40 / 16) + 5 / 16 * math.log(20 / 16) + 1 / 16 * math.log(4 / 16)
    assert scores["mode_kl"] == pytest.approx(kl, rel=1e-12)
    true = PERFECT / 4
    tv = (0.5 - true) + (0.25 - true) + (true - 0.05) + true + (0.2 - math.exp(-4.5))
    assert scores["mode_tv"] == pytest.approx(tv / 2, rel=1e-12)


def test_three_deviations_away_is_invalid():
    ring = Ring(n_modes=1, radius=2.0, std=0.25)  # exact in binary: the edge of the mode is at 2.75
    edge, inside = np.array([[2.75, 0.0]]), np.array([[np.nextafter(2.75, 0), 0.0]])
    assert score(edge, ring)["high_quality_fraction"] == 0
    assert score(inside, ring)["high_quality_fraction"] == 1
    assert score(edge, ring, deviations=3.1)["high_quality_fraction"] == 1


@pytest.mark.parametrize(("times", "covered"), [(1, 1), (2, 2), (3, 2)])
def test_a_mode_is_covered_from_half_of_its_true_share(times, covered):
    ring = Ring(n_modes=2, radius=1.0, std=0.1)
    fake = np.repeat(ring.centres, [8 - times, times], axis=0)  # true share 1/2: half of it are two of eight
    scores = score(fake, ring)
    assert scores["modes_covered"] == covered
    assert scores["all_modes_covered"] == (covered == 2)
    assert scores["modes_hit"] == 2


def test_perfect_sampler_is_not_of_full_quality():
    n = 40_000
    ring = Ring(radius=1.0, std=0.05)
    scores = score(ring.sample(n, np.random.default_rng(1)), ring)
    assert pytest.approx(0.98889, abs=1e-5) == PERFECT
    deviation = math.sqrt(PERFECT * (1 - PERFECT) / n)
    assert scores["high_quality_fraction"] == pytest.approx(PERFECT, abs=4 * deviation)
    assert scores["all_modes_covered"] == 1
    assert scores["mode_tv"] < 0.02


def test_in_one_dimension_three_deviations_hold_99_73_percent():
    n, line = 40_000, Line()
    scores = score(line.sample(n, np.random.default_rng(2)), line)
    share = math.erf(3 / math.sqrt(2))
    assert scores["high_quality_fraction"] == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / n))
    assert scores["modes_covered"] == 5
    # with the wrong number of degrees of freedom the invalid bin alone would be off by 0.0084
    assert score(np.repeat(line.centres, 100, axis=0), line)["mode_tv"] == pytest.approx(1 - share, rel=1e-9)


def test_one_dropped_mode_costs_ln_8_over_7():
    ring = Ring()
    scores = score(np.repeat(ring.centres[1:], 100, axis=0), ring)
    assert scores["mode_kl"] == pytest.approx(math.log(8 / 7), rel=1e-12)
    assert scores["modes_hit"] == scores["modes_covered"] == 7


def test_everything_on_one_heavy_mode_costs_the_logarithm_of_its_weight():
    ring = Ring(weights=[0.65] + [0.05] * 7)
    assert score(np.repeat(ring.centres[:1], 50, axis=0), ring)["mode_kl"] == pytest.approx(-math.log(0.65))
    assert score(np.repeat(ring.centres[1:2], 50, axis=0), ring)["mode_kl"] == pytest.approx(-math.log(0.05))


def test_sampling_bias_of_mode_kl():
    ring, n, repeats = Ring(radius=1.0, std=0.05), 2_500, 300
    rng = np.random.default_rng(3)
    kl = np.array([score(ring.sample(n, rng), ring)["mode_kl"] for _ in range(repeats)])
    # 2 N KL is nearly chi-square with K - 1 degrees of freedom; N are the high-quality points
    expected = 7 / (2 * n * PERFECT)
    assert expected == pytest.approx(0.0014, abs=5e-5)
    assert kl.mean() == pytest.approx(expected, abs=4 * kl.std() / math.sqrt(repeats))


def test_uniform_noise_hits_every_mode_and_covers_none():
    ring = Ring(radius=1.0, std=0.05)
    scores = score(np.random.default_rng(4).uniform(-1.3, 1.3, (2_500, 2)), ring)
    assert scores["modes_hit"] == 8
    assert scores["modes_covered"] == 0
    share = 8 * math.pi * 0.15**2 / 2.6**2  # area of the eight discs in the square
    assert scores["high_quality_fraction"] == pytest.approx(share, abs=4 * math.sqrt(share / 2_500))


def test_nothing_on_any_mode():
    scores = score(np.zeros((30, 2)), Ring())
    assert scores["modes_hit"] == scores["modes_covered"] == scores["high_quality_fraction"] == 0
    assert scores["invalid_fraction"] == 1
    assert scores["mode_kl"] == math.inf
    assert scores["mode_tv"] == pytest.approx(PERFECT)


# Sharp modes: points near them


NEAR = {"modes_resolved", "resolved_fraction"}


def test_points_near_sharp_modes_by_hand():
    ring = Ring(n_modes=4, radius=1.0, std=0.01)  # neighbours lie sqrt(2) apart
    off = np.array([0.1, math.sqrt(2) / 10 - 1e-9, 0.0, math.sqrt(2) / 10 + 1e-9])  # from the centre, outwards
    fake = np.repeat(ring.centres * (1 + off[:, None]), [10, 5, 1, 4], axis=0)
    scores = score(fake, ring)
    assert scores["modes_resolved"] == 2  # 0.5 and 0.25 reach half of 0.25; 0.05 does not, and four points are too far
    assert scores["resolved_fraction"] == 0.8
    assert (scores["modes_covered"], scores["high_quality_fraction"]) == (0, 0.05)  # only the third is within 0.03


def test_the_edge_of_the_neighbourhood_is_outside():
    grid = Grid(n_side=2, spacing=1.0, std=0.01)
    edge, inside = (grid.centres + np.array([x, 0]) for x in (0.125, 0.125 - 2**-50))  # exact in binary
    assert [score(fake, grid, resolution=0.125)["resolved_fraction"] for fake in (edge, inside)] == [0, 1]
    assert score(edge, grid, resolution=0.126)["modes_resolved"] == 4


def test_a_mode_that_just_fills_its_neighbourhood_is_not_sharp():
    grid = Grid(n_side=2, spacing=1.0, std=0.0625)  # exact in binary: three deviations are 0.1875
    assert Modes(resolution=0.1875).neighbourhood(grid) is None
    assert Modes(resolution=0.25).neighbourhood(grid) == 0.25


def test_the_nearest_two_modes_give_the_distance():
    rings = Rings(n_modes=8, radii=[1.0, 2.0], std=0.01)  # nearest: neighbours on the inner ring, 2 sin(pi / 8) apart
    near = 0.2 * math.sin(math.pi / 8)
    found = [score(rings.centres + np.array([0, near + e]), rings)["resolved_fraction"] for e in (-1e-9, 1e-9)]
    assert found == [1, 0]


def test_a_perfect_sampler_resolves_every_mode():
    n, line = 40_000, Line(std=0.005)  # one dimension: neighbours 0.2 apart, so within 4 standard deviations
    scores = score(line.sample(n, np.random.default_rng(5)), line)
    share = math.erf(4 / math.sqrt(2))
    assert scores["resolved_fraction"] == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / n))
    assert scores["modes_resolved"] == 5
    plane = Grid(n_side=5, spacing=1.0, std=0.03)  # two dimensions: within 10 / 3 standard deviations
    share = 1 - math.exp(-((10 / 3) ** 2) / 2)
    scores = score(plane.sample(n, np.random.default_rng(6)), plane)
    assert scores["resolved_fraction"] == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / n))
    assert scores["modes_resolved"] == 25


def test_uniform_noise_resolves_no_mode():
    ring, n = Ring(radius=1.0, std=0.01), 10_000
    scores = score(np.random.default_rng(7).uniform(-1.3, 1.3, (n, 2)), ring)
    share = 8 * math.pi * (0.2 * math.sin(math.pi / 8)) ** 2 / 2.6**2
    assert scores["resolved_fraction"] == pytest.approx(share, abs=4 * math.sqrt(share / n))
    assert scores["modes_resolved"] == 0


@pytest.mark.parametrize(
    ("dataset", "sharp"),
    [
        (Grid(n_side=5, spacing=1.0, std=0.033), True),
        (Grid(n_side=5, spacing=1.0, std=0.034), False),  # a mode is as large as its neighbourhood
        (Ring(n_modes=1, radius=1.0, std=0.001), False),  # no neighbour to tell it from
        (Line(), False),
    ],
)
def test_only_sharp_modes_have_a_second_count(dataset, sharp):
    assert NEAR & set(score(dataset.centres, dataset)) == (NEAR if sharp else set())


@given(st.lists(st.integers(0, 8), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_bounds_and_order(where, random):
    ring = Ring()
    places = np.vstack([ring.centres, [[0.0, 0.0]]])
    scores = score(places[where], ring)
    random.shuffle(where)
    assert score(places[where], ring) == pytest.approx(scores)
    assert scores["high_quality_fraction"] + scores["invalid_fraction"] == pytest.approx(1)
    assert scores["modes_covered"] <= scores["modes_hit"] == len(set(where) - {8})
    assert 0 <= scores["mode_tv"] <= 1
    assert -1e-12 <= scores["mode_kl"] <= math.log(8) + 1e-12 or scores["modes_hit"] == 0


def test_only_for_mixtures():
    assert Modes().applies(Ring())
    assert not Modes().applies(Gaussian())
    with pytest.raises(ValueError, match="gaussian has no modes"):
        score(np.zeros((20, 2)), Gaussian())
