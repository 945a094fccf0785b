"""What is remembered about a point set: once for a read-only array, anew for one that may change."""

import gc

import numpy as np
import pytest

from modescope.metrics.common import memory
from modescope.metrics.common.memory import frozen, remembered
from modescope.metrics.common.neighbours import radii, tree


@pytest.fixture
def counted():
    """A remembered sum of powers, and the list of its evaluations."""
    asked = []

    @remembered
    def power_sum(x, power=1):
        asked.append(power)
        return float(np.sum(x**power))

    return power_sum, asked


def test_a_read_only_array_is_asked_once_for_each_argument(counted):
    power_sum, asked = counted
    x = frozen(np.array([1, 2, 3]))
    assert [power_sum(x), power_sum(x), power_sum(x, 2), power_sum(x, 2)] == [6, 6, 14, 14]
    assert asked == [1, 2]
    assert power_sum(frozen(x)) == 6  # an equal array is another one
    assert asked == [1, 2, 1]


def test_an_array_that_can_change_is_asked_every_time(counted):
    power_sum, asked = counted
    x = np.array([1.0, 2.0])
    assert power_sum(x) == 3
    x[0] = 5
    assert power_sum(x) == 7
    assert asked == [1, 1]


def test_what_is_known_goes_with_the_array(counted):
    power_sum, _ = counted
    before, x = set(memory._known), frozen(np.ones(3))
    power_sum(x)
    assert len(set(memory._known) - before) == 1
    del x
    gc.collect()
    assert set(memory._known) <= before


def test_a_frozen_copy_is_float64_and_apart_from_its_source():
    source = np.array([1.5, 2.5], dtype=np.float32)
    copy = frozen(source)
    source[0] = 9
    assert copy.dtype == np.float64
    np.testing.assert_array_equal(copy, [1.5, 2.5])
    with pytest.raises(ValueError, match="read-only"):
        copy[0] = 0


def test_families_share_trees_and_radii():
    x = frozen(np.random.default_rng(0).normal(size=(30, 2)))
    assert tree(x) is tree(x)
    assert radii(x, 3) is radii(x, 3)
    np.testing.assert_array_equal(radii(x, 3), radii(x.copy(), 3))
