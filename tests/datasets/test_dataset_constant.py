"""One constant number: its sampler, no density, and metrics that need a spread do not apply."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from modescope import datasets, metrics
from modescope.datasets.constant import Constant
from modescope.datasets.gaussian import Gaussian


def test_defaults_are_the_articles():
    one = datasets.build({"kind": "constant"})
    assert isinstance(one, Constant)
    assert (one.value, one.shape, one.n_train, one.n_test) == (1.0, (1,), 20, 20)
    assert (one.centres, one.mode_weights, one.mode_std) == (None, None, None)


@given(value=st.floats(-1e6, 1e6), n=st.integers(0, 50))
def test_every_point_is_the_value_and_nothing_is_drawn(value, n):
    rng, untouched = np.random.default_rng(0), np.random.default_rng(0)
    x = Constant(value=value).sample(n, rng)
    assert x.shape == (n, 1)
    assert x.dtype == np.float64
    assert (x == value).all()
    assert rng.random() == untouched.random()


def test_it_has_no_density_no_quantile_and_no_plane():
    one = Constant()
    assert not one.has_density
    assert not one.has_quantile
    with pytest.raises(NotImplementedError, match="constant has no closed-form density"):
        one.log_density(np.ones((1, 1)))
    with pytest.raises(NotImplementedError, match="constant is not drawn"):
        _ = one.extent


def test_only_its_own_family_of_metrics_applies():
    names = ["distances", "divergence", "encoding", "modes", "moments", "point", "prdc"]
    families = metrics.build({name: {} for name in names})
    assert (Constant().degenerate, Gaussian().degenerate) == (True, False)
    assert [name for name, family in families.items() if family.applies(Constant())] == ["point"]
    assert not families["point"].applies(Gaussian(dim=1))
    assert families["moments"].applies(Gaussian())


@pytest.mark.parametrize("bad", [{"value": math.inf}, {"value": "1"}, {"n_test": 19}, {"n_train": 1}, {"std": 0.1}])
def test_bad_fields_are_refused(bad):
    with pytest.raises(ValidationError, match=next(iter(bad))):
        Constant(**bad)
