"""The general mixture: its density and quantiles against SciPy's Gaussians, on the line and in the plane."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from modescope import datasets
from modescope.datasets.line import Line
from modescope.datasets.mixture import GaussianMixture

PLANE = {"kind": "mixture", "means": [[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]], "weights": [0.5, 0.3, 0.2], "std": 0.25}


def test_it_is_found_by_its_name_with_the_shape_of_its_means():
    mixture = datasets.build(PLANE)
    assert isinstance(mixture, GaussianMixture)
    assert (mixture.shape, mixture.mode_std, mixture.has_quantile) == ((2,), 0.25, False)
    np.testing.assert_array_equal(mixture.centres, PLANE["means"])
    np.testing.assert_array_equal(mixture.mode_weights, PLANE["weights"])
    line = datasets.build({"kind": "mixture", "means": [[-1], [2]], "std": 0.5})
    assert (line.shape, line.has_quantile) == ((1,), True)
    np.testing.assert_array_equal(line.mode_weights, [0.5, 0.5])


@pytest.mark.parametrize("dim", [1, 2, 5])
def test_density_is_the_weighted_sum_of_gaussians_in_any_dimension(dim):
    rng = np.random.default_rng(dim)
    means, weights = rng.normal(size=(3, dim)), [0.2, 0.3, 0.5]
    mixture = GaussianMixture(means=means.tolist(), weights=weights, std=0.7)
    x = rng.normal(scale=2, size=(50, dim))
    expected = sum(
        w * stats.multivariate_normal(m, 0.49 * np.eye(dim)).pdf(x) for m, w in zip(means, weights, strict=True)
    )
    np.testing.assert_allclose(np.exp(mixture.log_density(x)), expected, rtol=1e-9)


def test_means_on_even_places_are_the_line_of_article_003():
    line, x = Line(std=0.03), np.linspace(-0.7, 0.7, 29)
    mixture = GaussianMixture(means=line.centres.tolist(), std=0.03)
    np.testing.assert_array_equal(mixture.log_density(x[:, None]), line.log_density(x[:, None]))
    np.testing.assert_array_equal(mixture.cdf(x), line.cdf(x))


@given(u=st.floats(1e-6, 1 - 1e-6), gap=st.floats(0.1, 50), weight=st.floats(0.01, 0.99))
def test_on_the_line_the_quantile_inverts_the_distribution_function(u, gap, weight):
    mixture = GaussianMixture(means=[[gap], [0.0]], weights=[weight, 1 - weight], std=1.0)  # in no order
    x = mixture.quantile(np.array([u]))
    expected = weight * stats.norm.cdf(x - gap) + (1 - weight) * stats.norm.cdf(x)
    np.testing.assert_allclose(expected, u, rtol=1e-6)


def test_samples_fall_to_the_modes_by_their_weights_and_have_their_deviation():
    mixture, n = GaussianMixture(means=[[0, 0], [10, 0], [0, 10]], weights=[0.5, 0.3, 0.2], std=0.5), 20_000
    x = mixture.sample(n, np.random.default_rng(1))
    assert x.shape == (n, 2)
    nearest = np.argmin(np.linalg.norm(x[:, None] - mixture.centres, axis=-1), axis=1)
    assert stats.chisquare(np.bincount(nearest), n * mixture.mode_weights).pvalue > 0.01
    offset = (x - mixture.centres[nearest]) / 0.5
    assert all(stats.kstest(offset[:, axis], stats.norm.cdf).pvalue > 0.01 for axis in (0, 1))


def test_the_extent_is_a_square_about_the_means():
    # means reach over (0, 1) x (0, 2); the middle is (0.5, 1), half the longer side plus 4 std is 1 + 1
    np.testing.assert_allclose(datasets.build(PLANE).extent, [-1.5, 2.5, -1.0, 3.0])


def test_only_points_of_the_plane_are_drawn_and_only_those_of_the_line_have_quantiles():
    with pytest.raises(NotImplementedError, match="with 1 coordinates is not drawn"):
        _ = GaussianMixture(means=[[0.0]], std=1.0).extent
    with pytest.raises(NotImplementedError, match="mixture is not on the line: its points have 2 coordinates"):
        datasets.build(PLANE).cdf(np.zeros(1))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"means": []}, "at least 1 item"),
        ({"means": [[]]}, r"same number of coordinates, at least one, not \[0\]"),
        ({"means": [[0.0], [1.0, 2.0]]}, r"same number of coordinates, at least one, not \[1, 2\]"),
        ({"means": [[0.0, 1.0], [0.0, 1.0]]}, "modes at the same place would count twice"),
        ({"means": [[math.nan]]}, "finite"),
        ({"means": [[0.0], [1.0]], "weights": [0.2, 0.3, 0.5]}, "3 given for 2 modes"),
        ({"means": [[0.0], [1.0]], "weights": [0.6, 0.5]}, "sum to 1, not to 1.1"),
        ({"means": [[0.0]], "std": 0.0}, "greater than 0"),
        ({"std": 1.0}, "means"),
    ],
)
def test_bad_fields_are_refused(bad, message):
    with pytest.raises(ValidationError, match=message):
        GaussianMixture(**{"std": 1.0} | bad)
