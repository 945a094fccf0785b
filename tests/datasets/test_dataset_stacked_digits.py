"""Stacked digits: split before stacking, combinations by weight, and the same pictures under every name."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats
from sklearn.datasets import load_digits

from modescope import datasets
from modescope.datasets.common.stacks import Pictures, Stacks, combinations
from modescope.datasets.stacked_digits import StackedDigits

HEAVY = [0.37, *[0.07] * 9]


def rows(pictures: np.ndarray) -> set[bytes]:
    return {picture.tobytes() for picture in pictures}


def test_defaults_are_a_thousand_combinations_alike():
    dataset = datasets.build({"kind": "stacked_digits"})
    assert isinstance(dataset, Stacks)
    assert (dataset.shape, dataset.n_train, dataset.n_test) == ((3, 8, 8), 20_000, 10_000)
    assert dataset.centres is None
    assert dataset.mode_std is None
    assert not dataset.has_density
    assert not dataset.from_files
    np.testing.assert_allclose(dataset.mode_weights, np.full(1000, 0.001))


def test_every_picture_is_in_one_part_with_its_share_of_each_digit():
    train, test = StackedDigits(test_share=0.25).pictures()
    original = load_digits()
    labels = np.concatenate([train.labels, test.labels])
    both = np.concatenate([train.values, test.values])
    assert both.dtype == np.float32
    assert both.shape == (1797, 8, 8)
    # all pictures of the original differ, so equal sets are equal collections
    assert rows(both) == rows((original.images / 8 - 1).astype(np.float32))
    assert len(rows(both)) == 1797
    assert not rows(train.values) & rows(test.values)
    of_all = np.bincount(original.target)
    np.testing.assert_array_equal(np.bincount(labels), of_all)
    np.testing.assert_array_equal(np.bincount(test.labels), np.round(of_all / 4))
    scaled = (original.images / 8 - 1).astype(np.float32)
    known = {picture.tobytes(): label for picture, label in zip(scaled, original.target, strict=True)}
    assert [known[picture.tobytes()] for picture in both] == labels.tolist()


def test_the_seed_says_which_pictures_are_held_out_and_the_name_does_not():
    def sets(name: str, **fields: object) -> dict[str, np.ndarray]:
        return StackedDigits(n_train=50, n_test=20, **fields).sets(name, Path())

    one, again, other, reseeded = sets("a"), sets("a"), sets("b", digit_weights=HEAVY), sets("a", seed=1)
    for part in ("train", "test"):
        np.testing.assert_array_equal(one[part], again[part])
        assert not np.array_equal(one[part], other[part])
        np.testing.assert_array_equal(one[f"pictures_{part}"], other[f"pictures_{part}"])
        np.testing.assert_array_equal(one[f"labels_{part}"], other[f"labels_{part}"])
        assert rows(one[f"pictures_{part}"]) != rows(reseeded[f"pictures_{part}"])


def test_channels_of_the_stacks_are_pictures_of_their_part():
    sets = StackedDigits(n_train=300, n_test=200).sets("digits", Path())
    assert {name: values.shape for name, values in sets.items()} == {
        "train": (300, 3, 8, 8),
        "pictures_train": (1347, 8, 8),
        "labels_train": (1347,),
        "test": (200, 3, 8, 8),
        "pictures_test": (450, 8, 8),
        "labels_test": (450,),
    }
    for part in ("train", "test"):
        assert rows(sets[part].reshape(-1, 8, 8)) <= rows(sets[f"pictures_{part}"])
        assert sets[part].min() == -1
        assert sets[part].max() == 1


def test_floors_are_of_test_pictures():
    dataset = StackedDigits()
    draws = [dataset.sample(60, np.random.default_rng(seed)) for seed in (3, 3, 4)]
    assert draws[0].shape == (60, 3, 8, 8)
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])
    assert rows(draws[0].astype(np.float32).reshape(-1, 8, 8)) <= rows(dataset.pictures()[1].values)


def test_combinations_read_like_numbers():
    np.testing.assert_array_equal(
        combinations(np.array([[0, 0, 0], [0, 1, 2], [9, 9, 9], [7, 0, 3]])), [0, 12, 999, 703]
    )
    every = np.stack(np.unravel_index(np.arange(1000), (10, 10, 10)), axis=1)
    np.testing.assert_array_equal(combinations(every), np.arange(1000))


def test_a_combination_has_the_product_of_its_digits_weights():
    dataset = StackedDigits(digit_weights=HEAVY)
    weights = dataset.mode_weights
    assert weights.sum() == pytest.approx(1)
    assert weights[0] == pytest.approx(0.37**3)  # 000
    assert weights[5] == weights[50] == weights[500] == pytest.approx(0.37**2 * 0.07)  # one 5, two 0
    assert weights[123] == pytest.approx(0.07**3)


@pytest.mark.parametrize("weights", [None, HEAVY, [0.01, 0.19] * 5])
def test_stacks_follow_the_weights_and_use_every_picture_alike(weights: list[float] | None):
    dataset, n = StackedDigits(digit_weights=weights), 30_000
    labels = np.repeat(np.arange(10), np.arange(1, 11))[::-1].astype(np.intp)  # more pictures of larger digits
    values = np.arange(55, dtype=np.float32).reshape(55, 1, 1)
    stacks, digits = dataset.stacked(Pictures(values, labels), n, np.random.default_rng(0))
    which = stacks[:, :, 0, 0].astype(int)  # (n, 3)
    np.testing.assert_array_equal(labels[which], digits)
    expected = (dataset.weights / np.arange(1, 11))[labels]  # of a picture
    for channel in which.T:
        assert stats.chisquare(np.bincount(channel, minlength=55), n * expected).pvalue > 0.001
    pairs = np.bincount(digits[:, 0] * 10 + digits[:, 2], minlength=100)  # channels are independent
    assert stats.chisquare(pairs, n * np.outer(dataset.weights, dataset.weights).ravel()).pvalue > 0.001


@given(weights=st.lists(st.integers(1, 1000), min_size=10, max_size=10))
def test_any_positive_weights_that_sum_to_one_are_probabilities(weights: list[int]):
    dataset = StackedDigits(digit_weights=[w / sum(weights) for w in weights])
    assert dataset.mode_weights.shape == (1000,)
    assert dataset.mode_weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(dataset.mode_weights.reshape(10, 10, 10).sum((0, 2)), dataset.weights)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"digit_weights": [0.1] * 9}, "at least 10 items"),
        ({"digit_weights": [1 / 11] * 11}, "at most 10 items"),
        ({"digit_weights": [0.2, 0.0, *[0.1] * 8]}, "greater than 0"),
        ({"digit_weights": [math.nan, *[0.1] * 9]}, "finite number"),
        ({"digit_weights": [0.2, *[0.1] * 9]}, "must sum to 1, not to 1.1"),
        ({"test_share": 0.0}, "greater than or equal to 0.05"),
        ({"test_share": 1.0}, "less than or equal to 0.95"),
        ({"n_test": 19}, "greater than or equal to 20"),
        ({"side": 8}, "unknown key side"),
    ],
)
def test_bad_fields_are_refused(bad: dict[str, object], why: str):
    with pytest.raises(ValidationError, match=why):
        StackedDigits(**bad)
