"""Success of the simplest GAN by hand, at the edges, and the views that it needs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from modescope import metrics
from modescope.datasets.constant import Constant
from modescope.metrics.point import Point


def score(weight, bias, value=1.0, **settings):
    real = np.full((1, 1), value)
    return Point(**settings).score_views(real, {"line": np.array([weight, bias])}, Constant(value=value))


@pytest.mark.parametrize(
    ("weight", "bias", "success"),
    [(0.0, 1.0, 1), (0.09, 1.09, 1), (-0.09, 0.91, 1), (0.11, 1.0, 0), (-0.11, 1.0, 0), (0.0, 1.11, 0), (0.0, 0.89, 0)],
)
def test_success_needs_both(weight, bias, success):
    assert score(weight, bias) == {"success": success, "final_weight": weight, "final_bias": bias}


def test_the_tolerance_itself_is_a_failure_and_can_be_set():
    assert score(0.125, 1.0, tolerance=0.125)["success"] == 0
    assert score(0.125, 1.0, tolerance=0.126)["success"] == 1
    for bad in (0.0, -0.1):
        with pytest.raises(ValidationError, match="tolerance"):
            Point(tolerance=bad)


@given(
    value=st.integers(-8, 8), weight=st.floats(-0.2, 0.2), off=st.sampled_from([-0.125, -0.0625, 0.0, 0.0625, 0.125])
)
def test_the_bias_is_measured_from_the_data(value, weight, off):
    assert score(weight, value + off, value)["success"] == (abs(weight) < 0.1 and abs(off) < 0.1)


def test_without_a_line_there_is_nothing_to_score():
    real = np.ones((20, 1))
    assert Point().score_views(real, {"samples": real}, Constant()) == {}
    assert metrics.score_all({"point": Point()}, real, real, Constant(), (0,)) == {}
    views = {"line": np.array([0.0, 1.0])}
    found = metrics.score_all({"point": Point()}, real, real, Constant(), (0,), views)
    assert set(found) == set(Point.about) == {"success", "final_weight", "final_bias"}
    assert all(about.sentence.endswith(".") for about in Point.about.values())
