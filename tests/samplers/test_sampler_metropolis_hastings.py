"""The chain against the rule written one step at a time, its distribution, and invalid settings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from modescope import datasets, samplers
from modescope.samplers.metropolis_hastings import walk

LEVEL = 0.01  # of the Kolmogorov-Smirnov tests, at fixed seeds
NORMAL = datasets.build({"kind": "gaussian", "dim": 1})
PEAKS = datasets.build({"kind": "line", "n_modes": 2, "low": -2.0, "high": 2.0, "std": 0.4})


def sampler(**settings: Any) -> samplers.Sampler:
    return samplers.build("metropolis_hastings", {"step": 2.0} | settings)


@given(st.integers(0, 10_000), st.integers(1, 40), st.floats(-3, 3), st.floats(0.05, 5))
def test_the_chain_is_the_rule_one_step_at_a_time(seed: int, steps: int, start: float, scale: float) -> None:
    rng = np.random.default_rng(seed)
    moves, thresholds = rng.normal(0, scale, steps), np.log(rng.uniform(size=steps))
    places, accepted = walk(PEAKS, start, moves, thresholds)
    here = start
    for k in range(steps):
        there = here + moves[k]
        f_there, f_here = np.exp(PEAKS.log_density(np.array([[there], [here]])))
        assert bool(accepted[k]) == (math.exp(thresholds[k]) < f_there / f_here)
        here = float(places[k])
        assert here == pytest.approx(there if accepted[k] else (places[k - 1] if k else start), abs=1e-12)


def test_the_chain_has_the_density_as_its_distribution() -> None:
    # autocorrelation time about 8: every 25th step is nearly independent
    for dataset in (NORMAL, PEAKS):
        drawn = sampler(step=2.4, burn_in=200, thin=25).draw(dataset, 800, np.random.default_rng(3))
        assert stats.kstest(drawn["samples"][:, 0], dataset.cdf).pvalue > LEVEL


def test_a_step_that_is_refused_repeats_the_place() -> None:
    drawn = sampler(step=3.0).draw(NORMAL, 2_000, np.random.default_rng(1))
    stayed = np.diff(drawn["chain"][:, 0]) == 0
    np.testing.assert_array_equal(stayed, drawn["accepted"][1:, 0] == 0)
    # the acceptance of a normal random walk on N(0, 1): 2/pi atan(2 / step) (Gelman, Roberts & Gilks 1996)
    assert drawn["accepted"].mean() == pytest.approx(2 / math.pi * math.atan(2 / 3.0), abs=0.03)


def test_burn_in_and_thinning_leave_the_rest_of_one_chain() -> None:
    drawn = sampler(burn_in=7, thin=3, start=0.5).draw(PEAKS, 20, np.random.default_rng(2))
    whole = sampler(start=0.5).draw(PEAKS, 67, np.random.default_rng(2))["chain"]
    assert {name: view.shape for name, view in drawn.items()} == {
        "samples": (20, 1),
        "warm_up": (7, 1),
        "chain": (60, 1),
        "accepted": (60, 1),
    }
    np.testing.assert_array_equal(np.concatenate([drawn["warm_up"], drawn["chain"]]), whole)
    np.testing.assert_array_equal(drawn["samples"], whole[7:][2::3])


def test_a_tiny_step_is_nearly_always_accepted_and_hardly_moves() -> None:
    drawn = sampler(step=0.01, start=1.0).draw(NORMAL, 500, np.random.default_rng(4))
    assert drawn["accepted"].mean() > 0.98
    assert np.ptp(drawn["chain"]) < 1


@pytest.mark.parametrize("n", [0, -1])
def test_a_chain_of_length_zero_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="no steps"):
        sampler(burn_in=100).draw(NORMAL, n, np.random.default_rng(0))


@pytest.mark.parametrize(
    "bad", [{"step": 0.0}, {"step": -1.0}, {"thin": 0}, {"burn_in": -1}, {"step": math.inf}, {"length": 5}]
)
def test_bad_settings_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        sampler(**bad)


def test_targets_without_a_density_on_the_line_are_refused() -> None:
    sampler().check(PEAKS)
    for spec in ({"kind": "ring"}, {"kind": "swiss_roll"}):
        with pytest.raises(ValueError, match="density on the line"):
            sampler().check(datasets.build(spec))


def test_a_start_without_density_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(NORMAL), "log_density", lambda _, x: np.where(np.abs(x[:, 0]) < 2, 0.0, -np.inf))
    sampler(start=1.9).check(NORMAL)
    with pytest.raises(ValueError, match="start: the density at 3 is 0"):
        sampler(start=3.0).check(NORMAL)


def test_same_generator_same_chain() -> None:
    one, again, other = (sampler().draw(PEAKS, 60, np.random.default_rng(seed))["chain"] for seed in (0, 0, 1))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
