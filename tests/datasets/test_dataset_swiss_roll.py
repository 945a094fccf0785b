"""The Swiss roll: its quadrature against closed forms and brute force, and its sampler against its density."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import integrate, stats
from scipy.special import logsumexp

from modescope import datasets
from modescope.datasets import swiss_roll
from modescope.datasets.swiss_roll import SwissRoll

START, END = 1.5 * math.pi, 4.5 * math.pi


def curve(t):
    """c(t), (..., 2)."""
    return np.stack([t / END * np.cos(t), t / END * np.sin(t)], axis=-1)


def plane(reach, n):
    """Midpoints of n x n square cells on [-reach, reach]^2, (n * n, 2), and the area of a cell."""
    axis = (np.arange(n) + 0.5) * 2 * reach / n - reach
    return np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2), (2 * reach / n) ** 2


def brute_force(x, std, n=60_000):
    """Simpson's rule for log p at one point, in the angle whose cosine t is up to scale: nodes crowd at the ends."""
    angle = np.linspace(0, math.pi, 2 * n + 1)
    t = (START + END) / 2 - (END - START) / 2 * np.cos(angle)
    weight = np.tile([2.0, 4.0], n + 1)[:-1] * np.sin(angle) / 2  # 0 at both ends
    e = np.sum((x - curve(t)) ** 2, axis=1) / (2 * std**2)
    return logsumexp(-e, b=weight * math.pi / (6 * n)) - math.log(2 * math.pi * std**2)


def test_defaults_and_the_ends_of_the_curve():
    roll = datasets.build({"kind": "swiss_roll"})
    assert isinstance(roll, SwissRoll)
    assert (roll.std, roll.shape, roll.has_density) == (0.01, (2,), True)
    assert (roll.centres, roll.mode_weights, roll.mode_std) == (None, None, None)
    # the curve meets the y-axis at -1/3, 5/9, -7/9 and 1, and is about 20 standard deviations from their mirror images
    on = np.array([[0, -1 / 3], [0, 5 / 9], [0, -7 / 9], [0, 1]])
    assert np.all(roll.log_density(on) > 0)
    assert np.all(roll.log_density(-on) < -100)


@pytest.mark.parametrize("std", [0.005, 0.02, 0.1, 0.5])
def test_log_density_is_that_of_simpsons_rule(std):
    roll, rng = SwissRoll(std=std), np.random.default_rng(0)
    x = np.concatenate([roll.sample(12, rng), rng.uniform(-1.2, 1.2, (12, 2)), curve(np.array([START, END]))])
    np.testing.assert_allclose(roll.log_density(x), [brute_force(point, std) for point in x], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("std", [1e-4, 0.01, 0.2, 2.0])
def test_log_density_at_the_origin_has_a_closed_form(std):
    # |c(t)| = t / END, so p is a Gaussian integral between START and END of standard deviation std END
    tail = [stats.norm.logsf(t / (std * END)) for t in (START, END)]
    expected = logsumexp(tail, b=[1, -1]) + math.log(END / (3 * math.pi * std * math.sqrt(2 * math.pi)))
    assert SwissRoll(std=std).log_density(np.zeros((1, 2)))[0] == pytest.approx(expected, rel=1e-11)


def test_on_a_thin_roll_the_density_is_that_across_a_straight_line():
    # dt / ds = END / sqrt(1 + t^2) along the curve, over 3 pi, times a Gaussian across it; half of it at an end
    t = np.array([6.0, 9.0, 12.0, END])
    line = END / (3 * math.pi * np.sqrt(1 + t**2)) * [1, 1, 1, 0.5] / (1e-5 * math.sqrt(2 * math.pi))
    np.testing.assert_allclose(np.exp(SwissRoll(std=1e-5).log_density(curve(t))), line, rtol=1e-4)


@pytest.mark.parametrize("std", [1e-6, 1e-3, 0.01, 0.1, 1.0])
def test_twice_the_nodes_change_nothing(std):
    rng = np.random.default_rng(1)
    x = np.concatenate([SwissRoll(std=std).sample(500, rng), rng.uniform(-1.5, 1.5, (500, 2))])
    once, twice = (swiss_roll._log_integral(x, std, order) for order in (swiss_roll.ORDER, 2 * swiss_roll.ORDER))
    np.testing.assert_allclose(once, twice, rtol=1e-11, atol=1e-9)


@given(r=st.floats(0, 2), angle=st.floats(-math.pi, math.pi), std=st.floats(0.005, 1))
def test_nothing_that_matters_is_left_out(r, angle, std):
    x = np.array([[r * math.cos(angle), r * math.sin(angle)]])
    assert SwissRoll(std=std).log_density(x)[0] == pytest.approx(brute_force(x, std, 30_000), rel=1e-8, abs=1e-7)


@pytest.mark.parametrize("x", [10.0, 1e3, 1e6, 1e12, 1e100])
def test_log_density_far_above_the_roll(x):
    # the outer end (0, 1) is nearest, and e rises from there at (x - 1) / (END std^2): the integral is 1 over that
    expected = -((x - 1) ** 2) / 2e-4 + math.log(END / (x - 1) / (2 * math.pi * 3 * math.pi))
    assert SwissRoll().log_density(np.array([[0.0, x]]))[0] == pytest.approx(expected, rel=1e-12, abs=0.04 / x)


@given(r=st.floats(1, 1e100), angle=st.floats(-math.pi, math.pi), std=st.floats(1e-6, 10))
def test_log_density_lies_between_those_of_the_nearest_and_farthest_point_of_the_disc(r, angle, std):
    x = np.array([[r * math.cos(angle), r * math.sin(angle)]])
    value = SwissRoll(std=std).log_density(x)[0] + math.log(2 * math.pi * std**2)
    slack = 1e-9 + 1e-12 * (r + 1) ** 2 / std**2
    assert -((r + 1) ** 2) / (2 * std**2) - slack <= value <= -((r - 1) ** 2) / (2 * std**2) + slack


@pytest.mark.parametrize(("std", "n"), [(0.01, 220), (0.05, 60)])
def test_density_integrates_to_one(std, n):
    x, area = plane(1 + 10 * std, n)  # cells as wide as std: midpoints err by 2 exp(-2 pi^2) = 5e-9
    assert np.exp(SwissRoll(std=std).log_density(x)).sum() * area == pytest.approx(1, abs=1e-7)


def test_samples_follow_the_density():
    roll, n = SwissRoll(std=0.05), 40_000
    x = roll.sample(n, np.random.default_rng(2))
    # counts in 40 x 40 cells against the integral of the density over each, by 5 x 5 midpoints
    reach, cells, fine = 1.3, 40, 5
    grid, area = plane(reach, cells * fine)
    log_q = roll.log_density(grid)
    q = np.exp(log_q) * area
    p = q.reshape(cells, fine, cells, fine).sum(axis=(1, 3))
    edges = np.linspace(-reach, reach, cells + 1)
    counts = np.histogram2d(*x.T, bins=[edges, edges])[0]
    big = n * p >= 5
    expected = np.append(n * p[big], n * (1 - p[big].sum()))
    observed = np.append(counts[big], n - counts[big].sum())
    assert stats.chisquare(observed, expected).pvalue > 0.01
    # and E[-log p] against its quadrature
    log_p = roll.log_density(x)
    entropy = -np.sum(q * log_q)
    assert -log_p.mean() == pytest.approx(entropy, abs=4 * log_p.std() / math.sqrt(n))


def test_radius_of_a_thin_roll_is_uniform_and_fixes_the_angle():
    x = SwissRoll(std=1e-6).sample(20_000, np.random.default_rng(3))
    r = np.hypot(*x.T)
    assert stats.kstest(r, stats.uniform(1 / 3, 2 / 3).cdf).pvalue > 0.01
    np.testing.assert_allclose(x, curve(END * r), atol=1e-4)


def test_moments_are_those_of_the_curve_and_the_noise():
    roll, n = SwissRoll(std=0.3), 40_000
    x = roll.sample(n, np.random.default_rng(4))
    for axis in (0, 1):
        mean, square = (
            integrate.quad(lambda t, k=k, a=axis: curve(t)[a] ** k, START, END)[0] / 3 / math.pi for k in (1, 2)
        )
        variance = square - mean**2 + 0.09
        assert x[:, axis].mean() == pytest.approx(mean, abs=4 * math.sqrt(variance / n))
        assert x[:, axis].var() == pytest.approx(variance, rel=4 * math.sqrt(2 / n))


def test_points_are_independent_of_their_company():
    roll = SwissRoll()
    x = roll.sample(swiss_roll.CHUNK + 5, np.random.default_rng(5))
    together = roll.log_density(x)
    assert together.shape == (len(x),)
    np.testing.assert_allclose(together[-9:], [roll.log_density(point[None])[0] for point in x[-9:]], rtol=1e-12)
    assert roll.log_density(x[:0]).shape == (0,)


def test_extent_holds_nearly_all_points():
    roll = SwissRoll(std=0.05)
    assert roll.extent == pytest.approx((-1.2, 1.2, -1.2, 1.2))
    assert np.mean(np.abs(roll.sample(5_000, np.random.default_rng(6))).max(axis=1) < 1.2) > 0.999


def test_same_generator_same_points():
    draws = [SwissRoll().sample(7, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert draws[0].shape == (7, 2)
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


@pytest.mark.parametrize("bad", [{"std": 0.0}, {"std": -0.1}, {"std": 1e-7}, {"std": math.inf}, {"noise": 0.1}])
def test_bad_fields_are_refused(bad):
    with pytest.raises(ValidationError):
        SwissRoll(**bad)
