"""Inverse transform sampling: quantiles of uniform variables, for every distribution with a quantile function."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from modescope import datasets, samplers

SPECS = [
    {"kind": "gaussian", "dim": 1, "std": 2.0},
    {"kind": "line", "n_modes": 3, "low": -2.0, "high": 2.0, "std": 0.1, "weights": [0.2, 0.3, 0.5]},
]


@pytest.mark.parametrize("spec", SPECS)
def test_points_follow_the_distribution(spec: dict[str, object]) -> None:
    dataset = datasets.build(spec)
    drawn = samplers.build("inverse_transform", {}).draw(dataset, 5_000, np.random.default_rng(0))
    assert {name: view.shape for name, view in drawn.items()} == {"samples": (5_000, 1), "uniform": (5_000, 1)}
    assert stats.kstest(drawn["samples"][:, 0], dataset.cdf).pvalue > 0.01
    assert stats.kstest(drawn["uniform"][:, 0], stats.uniform.cdf).pvalue > 0.01


@given(st.integers(0, 1_000), st.sampled_from(SPECS))
def test_a_point_is_the_quantile_of_its_uniform_variable(seed: int, spec: dict[str, object]) -> None:
    dataset = datasets.build(spec)
    drawn = samplers.build("inverse_transform", {}).draw(dataset, 20, np.random.default_rng(seed))
    np.testing.assert_allclose(dataset.cdf(drawn["samples"][:, 0]), drawn["uniform"][:, 0], atol=1e-9)
    np.testing.assert_array_equal(np.argsort(drawn["samples"][:, 0]), np.argsort(drawn["uniform"][:, 0]))


def test_without_a_quantile_function_it_is_refused() -> None:
    made = samplers.build("inverse_transform", {})
    made.check(datasets.build(SPECS[0]))
    for kind in ("ring", "swiss_roll", "gaussian"):
        with pytest.raises(ValueError, match=f"{kind} has none in 1-D"):
            made.check(datasets.build({"kind": kind}))
