"""Rejection sampling: points follow the density, one proposal in c is kept, and the envelope must dominate."""

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
from modescope.datasets import Distribution

LEVEL = 0.01  # of the Kolmogorov-Smirnov tests, at fixed seeds
NORMAL = datasets.build({"kind": "gaussian", "dim": 1})
PEAKS = datasets.build({"kind": "line", "n_modes": 2, "low": -2.0, "high": 2.0, "std": 0.4})
WIDE = {"kind": "normal", "std": 2.0}


def sampler(constant: float, proposal: dict[str, Any] | None = None) -> samplers.Sampler:
    return samplers.build("rejection", {"constant": constant, "proposal": proposal or WIDE})


@pytest.mark.parametrize(
    ("dataset", "proposal", "constant"),
    [
        (NORMAL, WIDE, 2.0),
        (NORMAL, {"kind": "normal", "std": 1.0}, 1.0),
        (PEAKS, WIDE, 2.9),
        (PEAKS, {"kind": "uniform", "low": -4.0, "high": 4.0}, 4.0),
    ],
)
def test_points_follow_the_density(dataset: Distribution, proposal: dict[str, Any], constant: float) -> None:
    made = sampler(constant, proposal)
    made.check(dataset)
    drawn = made.draw(dataset, 4_000, np.random.default_rng(0))
    assert {name: view.shape for name, view in drawn.items()} == dict.fromkeys(
        ("samples", "proposals", "heights", "accepted"), (4_000, 1)
    )
    assert stats.kstest(drawn["samples"][:, 0], dataset.cdf).pvalue > LEVEL
    # of n proposals Binomial(n, 1/c) are kept
    assert stats.binomtest(int(drawn["accepted"].sum()), 4_000, 1 / constant).pvalue > LEVEL


def test_what_lies_under_the_density_is_kept_in_its_order() -> None:
    drawn = sampler(3.0).draw(PEAKS, 500, np.random.default_rng(1))
    kept = drawn["accepted"][:, 0] > 0
    np.testing.assert_array_equal(kept, drawn["heights"][:, 0] < np.exp(PEAKS.log_density(drawn["proposals"])))
    np.testing.assert_array_equal(drawn["samples"][: kept.sum()], drawn["proposals"][kept])
    envelope = 3.0 * stats.norm.pdf(drawn["proposals"], scale=2.0)
    assert np.all(drawn["heights"] <= envelope)
    # uniform below the envelope
    assert stats.kstest((drawn["heights"] / envelope)[:, 0], stats.uniform.cdf).pvalue > LEVEL


def test_a_flat_proposal_is_its_own_density_inside_and_nothing_outside() -> None:
    flat = samplers.build("rejection", {"constant": 2.0, "proposal": {"kind": "uniform", "low": -1.0, "high": 3.0}})
    density = np.exp(flat.proposal.log_density(np.array([-1.1, -1.0, 0.5, 3.0, 3.1])))  # type: ignore[attr-defined]
    np.testing.assert_allclose(density, [0, 0.25, 0.25, 0.25, 0])


@given(st.floats(1.0, 4.0), st.floats(-1.0, 1.0))
def test_the_least_constant_for_a_normal_target_is_where_the_check_turns(std: float, mean: float) -> None:
    # N(0, 1) / N(m, s^2) is highest at x = m / (1 - s^2): s exp(m^2 / (2 (s^2 - 1)))
    if std < 1.05:
        std = 1.05
    least = std * math.exp(mean**2 / (2 * (std**2 - 1)))
    if least > 5_000:
        return
    proposal = {"kind": "normal", "mean": mean, "std": std}
    sampler(least * 1.001, proposal).check(NORMAL)
    if least * 0.999 >= 1:
        with pytest.raises(ValueError, match=r"does not dominate the target: at x = .* choose a constant of at least"):
            sampler(least * 0.999, proposal).check(NORMAL)


def test_the_constant_that_is_named_would_do() -> None:
    with pytest.raises(ValueError, match="a constant of at least") as caught:
        sampler(1.5).check(PEAKS)
    named = float(str(caught.value).split("a constant of at least ")[1])
    sampler(named).check(PEAKS)
    with pytest.raises(ValueError, match=r"1\.0\d* times as high"):
        sampler(named * 0.98).check(PEAKS)


@pytest.mark.parametrize(
    ("proposal", "message"),
    [
        ({"kind": "normal", "std": 0.9}, "tails are too thin for any constant; choose a wider proposal"),
        ({"kind": "uniform", "low": -2.0, "high": 9.0}, r"0\.0228 of the target's mass lies outside of \[-2.0, 9.0\]"),
    ],
)
def test_a_proposal_that_can_never_dominate_is_refused(proposal: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sampler(9_999.0, proposal).check(NORMAL)


@pytest.mark.parametrize("constant", [0.99, 0.0, -1.0, 1e5])
def test_a_constant_below_1_is_refused(constant: float) -> None:
    with pytest.raises(ValidationError, match="constant"):
        sampler(constant)


@pytest.mark.parametrize(
    "proposal",
    [
        {"kind": "normal", "std": 0.0},
        {"kind": "uniform", "low": 1.0, "high": 1.0},
        {"kind": "cauchy"},
        {"kind": "normal", "std": 1.0, "low": 0.0},
    ],
)
def test_bad_proposals_are_refused(proposal: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        sampler(2.0, proposal)


@pytest.mark.parametrize("spec", [{"kind": "ring"}, {"kind": "swiss_roll"}, {"kind": "gaussian", "dim": 2}])
def test_targets_off_the_line_are_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{spec['kind']} has none in 1-D"):
        sampler(2.0).check(datasets.build(spec))


def test_same_generator_same_points() -> None:
    one, again, other = (sampler(3.0).draw(PEAKS, 50, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert not np.array_equal(one["samples"], other["samples"])
