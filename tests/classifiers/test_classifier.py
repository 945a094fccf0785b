"""The forward pass against PyTorch's and by hand, what confident means, and arrays that describe no classifier."""

from __future__ import annotations

import copy
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from synthetic_digits import PICTURES, SURE, classifier, stacks

from modescope.classifiers import CHUNK, Classifier, combinations

LIKELY = np.exp(SURE) / (np.exp(SURE) + 9)


def test_the_digits_of_every_channel_are_read():
    seen = classifier().recognise(stacks([0, 7, 42, 999]))
    assert seen.digits.tolist() == [[0, 0, 0], [0, 0, 7], [0, 4, 2], [9, 9, 9]]
    np.testing.assert_allclose(seen.confidences, LIKELY, rtol=1e-6)
    np.testing.assert_array_equal(seen.features.reshape(4, 3, 10)[2], np.eye(10)[[0, 4, 2]])
    assert seen.confident.all()
    assert combinations(seen.digits).tolist() == [0, 7, 42, 999]


def test_an_average_has_a_most_probable_digit_but_is_not_recognised():
    mean = np.broadcast_to(PICTURES.mean(axis=0), (5, 3, 8, 8))
    seen = classifier().recognise(mean)
    assert set(seen.digits.ravel()) <= set(range(10))
    np.testing.assert_allclose(seen.confidences, 0.1)
    assert not seen.confident.any()


def test_a_stack_is_confident_when_each_of_its_digits_is():
    pair = stacks([123, 123])
    pair[1, 2] = (PICTURES[3] + PICTURES[4]) / 2
    assert classifier().recognise(pair).confident.tolist() == [True, False]


def test_the_threshold_itself_is_confident_enough():
    exact = float(classifier().recognise(stacks([5])).confidences[0, 0])
    assert classifier(exact).recognise(stacks([0])).confident.all()
    assert not classifier(np.nextafter(exact, 1)).recognise(stacks([0])).confident.any()


def test_the_network_is_the_one_that_pytorch_computes():
    rng = np.random.default_rng(0)
    sizes = [64, 12, 7, 10]
    layers = [
        (rng.normal(size=s).astype(np.float32), rng.normal(size=s[1]).astype(np.float32)) for s in pairwise(sizes)
    ]
    x = rng.uniform(-1, 1, (CHUNK + 3, 64)).astype(np.float32)  # more than pass at once
    features, probabilities = replace(classifier(), layers=tuple(layers)).forward(x)
    h = torch.from_numpy(x)
    for weights, offsets in layers[:-1]:
        h = torch.relu(h @ torch.from_numpy(weights) + torch.from_numpy(offsets))
    expected = torch.softmax((h @ torch.from_numpy(layers[-1][0]) + torch.from_numpy(layers[-1][1])).double(), dim=1)
    np.testing.assert_allclose(features, h.numpy(), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(probabilities, expected.numpy(), atol=1e-4)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_nothing_is_recognised_in_nothing():
    seen = classifier().recognise(np.empty((0, 3, 8, 8)))
    assert (seen.digits.shape, seen.features.shape, seen.confident.shape) == ((0, 3), (0, 30), (0,))


@pytest.mark.parametrize("shape", [(4, 3, 7, 8), (4, 3, 28, 28), (4, 64)])
def test_pictures_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"stacks have shape \(n, channels, 8, 8\), not \(4, "):
        classifier().recognise(np.zeros(shape))


def test_arrays_come_back():
    one = classifier()
    again = Classifier.from_arrays(one.arrays(), 0.8)
    assert again == one
    np.testing.assert_array_equal(again.held_out, one.held_out)
    assert again.recognise(stacks([321])).digits.tolist() == [[3, 2, 1]]


def test_what_is_equal_is_remembered_as_one():
    one, same, other = classifier(), copy.deepcopy(classifier()), classifier(0.9)
    assert one == same
    assert len({one, same}) == 1
    assert one != other
    assert one != "a classifier"


def without(name):
    return {key: array for key, array in classifier().arrays().items() if key != name}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "are missing: none are there"),
        (without("offsets_1"), "are missing: held_out, offsets_0, train, weights_0, weights_1 are there"),
        (without("held_out"), "are missing"),
        (classifier().arrays() | {"more": np.zeros(3)}, "are missing"),
        (classifier().arrays() | {"weights_0": np.zeros((63, 10))}, "do not fit together"),
        (classifier().arrays() | {"weights_0": np.zeros(64)}, "do not fit together"),
        (classifier().arrays() | {"offsets_1": np.zeros(9)}, "do not fit together"),
        (classifier().arrays() | {"train": np.zeros((15, 8, 8))}, "do not fit together"),
        (classifier().arrays() | {"held_out": np.zeros((0, 8, 8))}, "do not fit together"),
        (classifier().arrays() | {"train": np.float64(3)}, "do not fit together"),
    ],
)
def test_arrays_of_no_classifier_are_refused(arrays, message):
    with pytest.raises(ValueError, match=message):
        Classifier.from_arrays(arrays, 0.8)


def test_reading_needs_no_pytorch():
    code = "import sys, modescope.classifiers; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
