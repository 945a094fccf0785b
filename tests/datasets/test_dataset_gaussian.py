"""The single Gaussian: its density against SciPy's, its sampler against its density."""

import math

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from modescope import datasets
from modescope.datasets.gaussian import Gaussian


@pytest.mark.parametrize(("dim", "std"), [(1, 0.5), (2, 1.0), (3, 2.0)])
def test_log_density_is_that_of_scipy(dim, std):
    x = np.random.default_rng(0).normal(size=(50, dim)) * 3
    expected = stats.multivariate_normal(np.zeros(dim), std**2 * np.eye(dim)).logpdf(x)
    np.testing.assert_allclose(Gaussian(dim=dim, std=std).log_density(x), expected, rtol=1e-12)


def test_density_integrates_to_one():
    axis = np.linspace(-8, 8, 401)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    total = np.exp(Gaussian(std=0.7).log_density(grid)).sum() * (axis[1] - axis[0]) ** 2
    assert total == pytest.approx(1, abs=1e-9)


def test_samples_follow_the_density():
    gaussian = Gaussian(std=0.5)
    x = gaussian.sample(20_000, np.random.default_rng(1))
    for axis in x.T:
        assert stats.kstest(axis, stats.norm(scale=0.5).cdf).pvalue > 0.01
    assert abs(np.corrcoef(x.T)[0, 1]) < 4 / math.sqrt(20_000)
    # -log p is entropy plus (chi-square_2 - 2) / 2, of standard deviation 1
    entropy = math.log(2 * math.pi * math.e * 0.5**2)
    assert -gaussian.log_density(x).mean() == pytest.approx(entropy, abs=4 / math.sqrt(20_000))


def test_samples_depend_on_the_generator_alone():
    draws = [Gaussian(dim=3).sample(5, np.random.default_rng(seed)) for seed in (0, 0, 1)]
    assert draws[0].shape == (5, 3)
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_a_gaussian_has_no_modes_but_a_density():
    gaussian = datasets.build({"kind": "gaussian"})
    assert isinstance(gaussian, Gaussian)
    assert (gaussian.dim, gaussian.std, gaussian.shape) == (2, 1.0, (2,))
    assert gaussian.centres is None
    assert gaussian.mode_weights is None
    assert gaussian.mode_std is None
    assert gaussian.has_density


def test_extent_is_four_deviations_in_the_plane_only():
    assert Gaussian(std=0.5).extent == (-2, 2, -2, 2)
    with pytest.raises(NotImplementedError, match="3-dimensional"):
        _ = Gaussian(dim=3).extent


@pytest.mark.parametrize("bad", [{"std": 0.0}, {"dim": 0}, {"dim": 2.0}, {"kind": "ring"}, {"sigma": 1.0}])
def test_bad_fields_are_refused(bad):
    with pytest.raises(ValidationError):
        Gaussian(**bad)
