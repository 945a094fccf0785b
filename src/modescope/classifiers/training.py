"""How a classifier learns single digits, and which blends of them are none.

Half of a batch are pictures, moved by a pixel at most; the other half are blends of 2 to 10 of them with random
weights, whose label is the same blend of their labels (mixup, Zhang et al. 2018, there of two). So the probability of a
digit is its share of the picture, and an average of different digits is not recognised with confidence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, relu

from modescope.classifiers import Classifier
from modescope.datasets.common.stacks import DIGITS, Pictures
from modescope.params.config import Classifying

MOST_BLENDED = 10
BACKGROUND = -1
BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)  # of confidences, upper ends included
KEPT = 1_000  # pictures of each split, at most, that are kept beside the weights


def learn(train: Pictures, held_out: Pictures, settings: Classifying, rng: np.random.Generator) -> Classifier:
    """A classifier of the train pictures; some of them, and as many held-out ones, are kept beside it."""
    pictures, labels = train
    layers = _initial([pictures[0].size, *settings.hidden, DIGITS], rng)
    parameters = [torch.from_numpy(array).requires_grad_() for layer in layers for array in layer]
    optimiser = torch.optim.Adam(parameters, settings.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.steps)
    for x, targets in batches(pictures, labels, settings, rng):
        optimiser.zero_grad()
        cross_entropy(_logits(parameters, torch.from_numpy(x)), torch.from_numpy(targets)).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    kept = min(KEPT, len(pictures), len(held_out))
    learnt, unseen = (some.values[rng.permutation(len(some.values))[:kept]] for some in (train, held_out))
    return Classifier(tuple(layers), settings.confidence, learnt, unseen)


def examined(classifier: Classifier, held_out: Pictures) -> dict[str, Any]:
    """How well it reads held-out digits: what record.json says, but for the hash of the data."""
    values, labels = held_out
    seen = classifier.recognise(values[:, None])
    digits, confidences = seen.digits[:, 0], seen.confidences[:, 0]
    confusion = np.zeros((DIGITS, DIGITS), np.intp)
    np.add.at(confusion, (labels, digits), 1)
    return {
        "accuracy": float(np.mean(digits == labels)),
        "confusion": confusion.tolist(),  # rows: the true digit
        "n": len(labels),
        "confident": float(np.mean(seen.confident)),
        "confidence": classifier.confidence,
        "reliability": reliability(confidences, digits == labels),
    }


def reliability(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> list[dict[str, float | int]]:
    """Of each bin of confidences: its upper end, how many digits it has, their mean confidence and share of right ones.

    The confidence means something when the last two agree. Bins without digits are left out.
    """
    found = []
    place = np.digitize(confidences, BINS[1:-1], right=True)
    for index, end in enumerate(BINS[1:]):
        inside = place == index
        if inside.any():
            mean, share = float(confidences[inside].mean()), float(right[inside].mean())
            found.append({"to": end, "n": int(inside.sum()), "confidence": mean, "accuracy": share})
    return found


def batches(
    pictures: NDArray[np.float32], labels: NDArray[np.intp], settings: Classifying, rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """`settings.steps` batches of flat pictures (batch, side * side) and their labels (batch, 10), rows sum to 1."""
    one_hot = np.eye(DIGITS, dtype=np.float32)[labels]
    for _ in range(settings.steps):
        which = rng.integers(len(pictures), size=(settings.batch, MOST_BLENDED))
        weights = shares(settings.batch, rng)
        x = np.einsum("bk,bkhw->bhw", weights, moved(pictures[which], settings.shift, rng))
        yield x.reshape(settings.batch, -1), np.einsum("bk,bkd->bd", weights, one_hot[which])


def shares(n: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Weights of the pictures of n blends, (n, 10), rows sum to 1: in the first half of the rows a single one."""
    drawn = rng.exponential(size=(n, MOST_BLENDED))
    parts = rng.integers(2, MOST_BLENDED + 1, size=n)
    parts[: n // 2] = 1
    drawn[np.arange(MOST_BLENDED) >= parts[:, None]] = 0
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True), np.float32)


def moved(pictures: NDArray[np.float32], most: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Pictures (..., side, side), each moved by at most `most` pixels along each axis; background moves in."""
    if most == 0:
        return pictures
    padded = np.pad(pictures, [(0, 0)] * (pictures.ndim - 2) + [(most, most)] * 2, constant_values=BACKGROUND)
    windows = sliding_window_view(padded, pictures.shape[-2:], axis=(-2, -1))  # (..., shifts, shifts, side, side)
    down, right = rng.integers(0, 2 * most + 1, size=(2, *pictures.shape[:-2]))
    return np.asarray(windows[(*np.indices(pictures.shape[:-2]), down, right)])


def _initial(widths: list[int], rng: np.random.Generator) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Weights after He et al. 2015, and offsets of 0."""
    return [
        (rng.normal(0, math.sqrt(2 / n_in), (n_in, n_out)).astype(np.float32), np.zeros(n_out, np.float32))
        for n_in, n_out in pairwise(widths)
    ]


def _logits(parameters: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    for weights, offsets in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        x = relu(torch.addmm(offsets, x, weights))
    return torch.addmm(parameters[-1], x, parameters[-2])
