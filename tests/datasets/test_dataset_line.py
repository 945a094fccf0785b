"""The modes on a line: where they are placed, and their one-dimensional density and sampler."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from modescope import datasets
from modescope.datasets.line import Line


def test_defaults_are_the_five_modes_of_the_article():
    line = datasets.build({"kind": "line"})
    assert isinstance(line, Line)
    assert (line.n_modes, line.low, line.high, line.std, line.shape) == (5, -0.5, 0.5, 0.01, (1,))
    assert line.mode_std == 0.01
    np.testing.assert_allclose(line.mode_weights, np.full(5, 0.2))
    np.testing.assert_allclose(line.centres, [[-0.4], [-0.2], [0], [0.2], [0.4]], atol=1e-15)


@given(n_modes=st.integers(1, 50), low=st.floats(-100, 100), length=st.floats(0.1, 100))
def test_centres_are_the_middles_of_equal_cells(n_modes, low, length):
    line = Line(n_modes=n_modes, low=low, high=low + length)
    edges = np.linspace(line.low, line.high, n_modes + 1)
    np.testing.assert_allclose(line.centres[:, 0], (edges[:-1] + edges[1:]) / 2, atol=1e-10)


@pytest.mark.parametrize("weights", [None, [0.5, 0.3, 0.2]])
def test_density_is_the_weighted_sum_of_gaussians_and_integrates_to_one(weights):
    line = Line(n_modes=3, low=0.0, high=3.0, std=0.2, weights=weights)
    x = (np.arange(1_000) + 0.5) * 7 / 1_000 - 2
    p = np.exp(line.log_density(x[:, None]))
    expected = sum(w * stats.norm(c, 0.2).pdf(x) for w, c in zip(weights or [1 / 3] * 3, (0.5, 1.5, 2.5), strict=True))
    np.testing.assert_allclose(p, expected, rtol=1e-9)
    assert p.sum() * 7 / 1_000 == pytest.approx(1, abs=1e-9)


def test_log_density_by_hand():
    # at a centre the others are 20 std away; half-way between two both are 10; 100 lies 9,960 from the last
    log_norm = math.log(5 * math.sqrt(2 * math.pi) * 0.01)
    values = Line().log_density(np.array([[0.2], [0.3], [100.0]]))
    expected = [-log_norm, math.log(2) - 50 - log_norm, -(9960**2) / 2 - log_norm]
    np.testing.assert_allclose(values, expected, rtol=1e-12)


def test_samples_follow_the_density():
    weights = [0.1, 0.4, 0.2, 0.2, 0.1]
    line, n = Line(std=0.05, weights=weights), 20_000  # neighbours overlap
    x = line.sample(n, np.random.default_rng(1))
    assert x.shape == (n, 1)
    modes = stats.norm(np.array([-0.4, -0.2, 0, 0.2, 0.4]), 0.05)
    assert stats.kstest(x[:, 0], lambda at: modes.cdf(np.asarray(at)[:, None]) @ weights).pvalue > 0.01


def test_mode_counts_are_those_of_the_weights():
    line, n = Line(weights=[0.6, 0.1, 0.1, 0.1, 0.1]), 20_000
    x = line.sample(n, np.random.default_rng(2))[:, 0]
    counts = np.histogram(x, bins=[-0.5, -0.3, -0.1, 0.1, 0.3, 0.5])[0]
    assert stats.chisquare(counts, n * np.array(line.weights)).pvalue > 0.01


def test_same_generator_same_points():
    draws = [Line().sample(7, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_a_line_is_not_drawn_in_a_plane():
    with pytest.raises(NotImplementedError, match="line is not drawn"):
        _ = Line().extent


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"low": 0.5, "high": -0.5}, "low must be below high: 0.5 >= -0.5"),
        ({"low": 0.5}, "low must be below high"),
        ({"n_modes": 0}, "greater than or equal to 1"),
        ({"n_modes": 10_001}, "less than or equal to 10000"),
        ({"std": 0.0}, "greater than 0"),
        ({"high": math.inf}, "finite"),
        ({"weights": [0.5, 0.5]}, "2 given for 5 modes"),
    ],
)
def test_bad_fields_are_refused(bad, message):
    with pytest.raises(ValidationError, match=message):
        Line(**bad)
