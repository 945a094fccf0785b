"""What a classifier of real digits learns: to read held-out ones, to be sure of them, and of nothing that is none."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch

from modescope import datasets
from modescope.classifiers import Classifier, training
from modescope.datasets.common.stacks import Pictures
from modescope.params.config import Classifying

torch.set_num_threads(1)
TRAIN, HELD_OUT = datasets.build({"kind": "stacked_digits"}).pictures()
SMALL = {"steps": 4, "hidden": [6, 5]}


def settings(**changes):
    return Classifying(study="thousand", dataset="digits", **changes)


def learnt(seed=0, **changes):
    return training.learn(TRAIN, HELD_OUT, settings(**changes), np.random.default_rng(seed))


@cache
def default() -> Classifier:
    return learnt()


def confident(pictures):
    """The share of pictures (n, 8, 8) that are recognised with confidence."""
    return float(np.mean(default().recognise(np.asarray(pictures)[:, None]).confident))


def averages(k, n=1_000, *, alike=False):
    """Averages of k held-out pictures, of k different digits or all of one digit, (n, 8, 8)."""
    rng, by_digit = np.random.default_rng(3), [np.flatnonzero(HELD_OUT.labels == d) for d in range(10)]
    chosen = [rng.choice(10, 1 if alike else k, replace=False) for _ in range(n)]
    rows = [[rng.choice(by_digit[d]) for d in np.resize(digits, k)] for digits in chosen]
    return HELD_OUT.values[np.array(rows)].mean(axis=1)


def test_held_out_digits_are_read():
    record = training.examined(default(), HELD_OUT)
    assert record["accuracy"] >= 0.98
    assert record["n"] == len(HELD_OUT.labels) == 450
    confusion = np.array(record["confusion"])
    assert confusion.sum(axis=1).tolist() == np.bincount(HELD_OUT.labels).tolist()
    assert np.trace(confusion) / confusion.sum() == record["accuracy"]
    assert record["confident"] >= 0.9
    assert record["confident"] == confident(HELD_OUT.values)
    assert record["confidence"] == settings().confidence


def test_what_is_confident_is_right():
    seen = default().recognise(HELD_OUT.values[:, None])
    assert np.mean((seen.digits[:, 0] == HELD_OUT.labels)[seen.confident]) >= 0.99
    # the network is rather too modest: of no bin is the mean confidence far above the share of right digits
    for part in training.examined(default(), HELD_OUT)["reliability"]:
        error = np.sqrt(part["confidence"] * (1 - part["confidence"]) / part["n"])
        assert part["accuracy"] > part["confidence"] - 3 * error - 0.02


@pytest.mark.parametrize(("k", "most"), [(2, 0.1), (3, 0.03), (10, 0.001)])
def test_averages_of_different_digits_are_not_recognised(k, most):
    assert confident(averages(k)) <= most


@pytest.mark.parametrize("k", [2, 10])
def test_averages_of_one_digit_are_recognised(k):
    assert confident(averages(k, alike=True)) >= 0.9


def test_noise_is_not_recognised():
    rng = np.random.default_rng(4)
    assert confident(rng.uniform(-1, 1, (1_000, 8, 8))) <= 0.02
    flat = HELD_OUT.values.reshape(450, 64)
    assert confident(flat[rng.integers(450, size=(1_000, 64)), np.arange(64)].reshape(-1, 8, 8)) <= 0.05


def test_a_network_that_learns_digits_alone_is_sure_of_averages_and_noise(monkeypatch):
    """So the blends and the noise are what makes the confidence mean something."""
    before = confident(averages(2))
    monkeypatch.setattr(training, "BLENDS", 0.0)
    monkeypatch.setattr(training, "NOISE", 0.0)
    monkeypatch.setattr("test_classifier_training.default", lambda: learnt(steps=600))
    assert confident(averages(2)) > 0.3 + before
    assert confident(np.random.default_rng(4).uniform(-1, 1, (1_000, 8, 8))) > 0.05


def test_the_same_numbers_give_the_same_bits_and_others_do_not():
    one, again, other = learnt(**SMALL), learnt(**SMALL), learnt(1, **SMALL)
    assert one == again
    assert one != other
    assert one != learnt(**SMALL | {"shift": 0})
    assert [weights.shape for weights, _ in one.layers] == [(64, 6), (6, 5), (5, 10)]


def test_a_step_is_adams():
    """After one step, every parameter with a gradient has moved by the learning rate."""
    rng = np.random.default_rng(0)
    before = training.initial([64, 3, 10], np.random.default_rng(0))
    found = training.learn(TRAIN, HELD_OUT, settings(steps=1, hidden=[3], learning_rate=0.01), rng)
    for (weights, offsets), (weights_before, offsets_before) in zip(found.layers, before, strict=True):
        moved = np.abs(np.append(weights - weights_before, offsets - offsets_before))
        np.testing.assert_allclose(moved[moved > 0], 0.01, rtol=1e-2)
        assert np.mean(moved > 0) > 0.5


def test_pictures_of_both_splits_are_kept_beside_the_weights():
    found = learnt(**SMALL)
    assert found.held_out.shape == (450, 8, 8)
    assert found.train.shape == (2 * 450, 8, 8)
    rows = {picture.tobytes() for picture in found.train}
    assert rows <= {picture.tobytes() for picture in TRAIN.values}
    assert {p.tobytes() for p in found.held_out} == {p.tobytes() for p in HELD_OUT.values}


def test_a_few_train_pictures_are_one_group():
    few = Pictures(TRAIN.values[:200], TRAIN.labels[:200])
    found = training.learn(few, HELD_OUT, settings(**SMALL), np.random.default_rng(0))
    assert (len(found.train), len(found.held_out)) == (200, 200)


# The batches

ONE = Pictures(np.stack([np.full((8, 8), value, np.float32) for value in (0.25, 0.75)]), np.array([4, 9]))


def batch(train=TRAIN, **changes):
    chosen = settings(steps=1, batch=100, **changes)
    ((x, labels),) = training.batches(train, chosen, np.random.default_rng(1))
    return x, labels


def test_a_batch_has_pictures_blends_and_noise():
    x, labels = batch(shift=0)
    assert (x.shape, labels.shape) == ((100, 64), (100, 10))
    assert x.dtype == labels.dtype == np.float32
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-5)
    assert set(labels[:65].ravel()) == {0.0, 1.0}
    assert (labels[65:95].max(axis=1) < 1).any()
    np.testing.assert_allclose(labels[95:], 0.1)
    known = {(picture.tobytes(), int(label)) for picture, label in zip(TRAIN.values, TRAIN.labels, strict=True)}
    assert {(row.tobytes(), int(label)) for row, label in zip(x[:65], labels[:65].argmax(axis=1), strict=True)} <= known


def test_the_label_of_a_blend_is_the_blend_of_its_labels():
    x, labels = batch(ONE, shift=0)
    for picture, label in zip(x[65:95], labels[65:95], strict=True):
        np.testing.assert_allclose(picture, 0.25 * label[4] + 0.75 * label[9], rtol=1e-5)


def test_a_blend_has_two_to_ten_parts():
    weights = training.shares(5_000, np.random.default_rng(0))
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    parts = np.sum(weights > 0, axis=1)
    assert np.bincount(parts)[2:].min() > 400
    assert (parts.min(), parts.max()) == (2, 10)
    two = weights[parts == 2, 0]
    assert two.mean() == pytest.approx(0.5, abs=0.03)
    assert two.var() == pytest.approx(1 / 20, abs=0.01)  # of Beta(2, 2)


@pytest.mark.parametrize("shift", [1, 2])
def test_pictures_are_moved_and_background_moves_in(shift):
    dot = Pictures(np.full((1, 8, 8), -1, np.float32), np.array([3]))
    dot.values[0, 4, 4] = 1
    x, labels = batch(dot, shift=shift)
    pictures = x[:65].reshape(-1, 8, 8)
    assert np.isin(pictures, [-1, 1]).all()
    places = np.argwhere(pictures == 1)[:, 1:] - 4
    assert len(places) == 65  # the dot is never lost
    assert set(np.abs(places).ravel()) <= set(range(shift + 1))
    assert np.mean(places == 0) == pytest.approx(training.STAYS, abs=0.15)
    assert (np.abs(places) == shift).any()
    np.testing.assert_array_equal(labels[:65].argmax(axis=1), 3)


def test_noise_has_independent_pixels():
    found = training.noise(TRAIN.values, 2_001, np.random.default_rng(0))
    assert found.shape == (2_001, 8, 8)
    uniform, mixed = found[:1_001], found[1_001:]
    assert np.abs(uniform).max() <= 1
    assert uniform.var() == pytest.approx(1 / 3, abs=0.01)
    np.testing.assert_allclose(mixed.mean(axis=0), TRAIN.values.mean(axis=0), atol=0.1)
    between = np.corrcoef(mixed[:, 3, 3], mixed[:, 3, 4])[0, 1]
    assert abs(between) < 0.1 < abs(np.corrcoef(TRAIN.values[:, 3, 3], TRAIN.values[:, 3, 4])[0, 1])


# Reliability


def test_reliability_by_hand():
    confidences = np.array([0.2, 0.4, 0.5, 0.85, 0.9, 0.99, 1.0])
    right = np.array([True, False, False, True, False, True, True])
    assert training.reliability(confidences, right) == [
        {"to": 0.5, "n": 3, "confidence": pytest.approx(1.1 / 3), "accuracy": pytest.approx(1 / 3)},
        {"to": 0.9, "n": 2, "confidence": pytest.approx(0.875), "accuracy": 0.5},
        {"to": 1.0, "n": 2, "confidence": pytest.approx(0.995), "accuracy": 1.0},
    ]


def test_averages_are_of_a_picture_and_the_next_one_of_another_digit() -> None:
    values = np.arange(4, dtype=np.float32)[:, None, None] * np.ones((1, 2, 2), np.float32)
    found = training.averages(Pictures(values, np.array([5, 5, 7, 5])))
    np.testing.assert_array_equal(found[:, 0, 0], [1, 1.5, 2.5, 2.5])  # 0 with 2, 1 with 2, 2 with 3, 3 with 2
    assert training.averages(Pictures(values, np.array([5, 5, 5, 5]))).shape == (0, 2, 2)
