"""A classifier of single digits, by which the combinations in stacks of digits are counted. NumPy alone, no training.

It is a fully connected network with ReLU, applied to every channel of a stack. `training` says how it learns.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modescope.datasets.common.stacks import DIGITS
from modescope.datasets.common.stacks import combinations as combinations

CHUNK = 4096  # pictures that pass through the network at once, so that they stay in the processor's cache
Layer = tuple[NDArray[np.float32], NDArray[np.float32]]  # weights (n_in, n_out) and offsets (n_out,)


@dataclass(frozen=True)
class Recognised:
    """What a classifier sees in n stacks."""

    digits: NDArray[np.intp]  # (n, channels), the most probable one
    confidences: NDArray[np.float64]  # (n, channels), its probability
    features: NDArray[np.float32]  # (n, channels * F), the last hidden layer of all channels side by side
    threshold: float

    @property
    def confident(self) -> NDArray[np.bool_]:
        """Whether every digit of a stack has at least the probability `threshold`, (n,)."""
        return np.asarray(np.all(self.confidences >= self.threshold, axis=1))


@dataclass(frozen=True, eq=False)
class Classifier:
    """A trained network, and single digits that show whether a generator copies what it was trained on.

    Two with equal arrays are equal, so that what was computed with one is remembered for the other.
    """

    layers: tuple[Layer, ...]
    confidence: float  # the probability from which a digit counts as recognised
    held_out: NDArray[np.float32]  # (m, side, side), some pictures that neither it nor a generator has seen
    train: NDArray[np.float32]  # (groups * m, side, side), some that both have, in groups of as many

    @property
    def side(self) -> int:
        """Pixels along a side of a picture."""
        return int(self.train.shape[1])

    def recognise(self, stacks: NDArray[Any]) -> Recognised:
        """The digits in stacks (n, channels, side, side). Raises ValueError for pictures of another shape."""
        if stacks.ndim != 4 or stacks.shape[2:] != (self.side, self.side):
            raise ValueError(f"stacks have shape (n, channels, {self.side}, {self.side}), not {stacks.shape}")
        n, channels = stacks.shape[:2]
        x = stacks.reshape(n * channels, self.side**2).astype(np.float32)
        features, probabilities = self.forward(x)
        return Recognised(
            digits=probabilities.argmax(axis=1).reshape(n, channels),
            confidences=probabilities.max(axis=1, initial=0).reshape(n, channels),
            features=features.reshape(n, channels * features.shape[1]),
            threshold=self.confidence,
        )

    def forward(self, x: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Last hidden layer (n, F) and probabilities of the digits (n, 10) for flat pictures (n, side * side)."""
        features = np.empty((len(x), self.layers[-1][0].shape[0]), np.float32)
        probabilities = np.empty((len(x), DIGITS))
        for start in range(0, len(x), CHUNK):
            hidden, rows = x[start : start + CHUNK], slice(start, start + CHUNK)
            for weights, offsets in self.layers[:-1]:
                hidden = np.maximum(hidden @ weights + offsets, 0)
            features[rows] = hidden
            weights, offsets = self.layers[-1]
            logits = (hidden @ weights + offsets).astype(np.float64)
            odds = np.exp(logits - logits.max(axis=1, keepdims=True))
            probabilities[rows] = odds / odds.sum(axis=1, keepdims=True)
        return features, probabilities

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What weights.npz holds; `from_arrays` reads it."""
        found: dict[str, NDArray[Any]] = {"train": self.train, "held_out": self.held_out}
        for index, (weights, offsets) in enumerate(self.layers):
            found |= {f"weights_{index}": weights, f"offsets_{index}": offsets}
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], confidence: float) -> Classifier:
        """The classifier that `arrays` describes. Raises ValueError for arrays that are missing or do not fit."""
        n_layers = sum(name.startswith("weights_") for name in arrays)
        wanted = {"train", "held_out"} | {f"{kind}_{i}" for kind in ("weights", "offsets") for i in range(n_layers)}
        if n_layers == 0 or set(arrays) != wanted:
            raise ValueError(f"the arrays of a classifier are missing: {', '.join(sorted(arrays)) or 'none'} are there")
        layers = tuple((arrays[f"weights_{i}"], arrays[f"offsets_{i}"]) for i in range(n_layers))
        held_out, train = arrays["held_out"], arrays["train"]
        widths = [math.prod(held_out.shape[1:]), *(offsets.size for _, offsets in layers)]
        fits = [weights.shape == ends for (weights, _), ends in zip(layers, pairwise(widths), strict=True)]
        pictures = held_out.ndim == 3 and len(held_out) > 0 and train.shape[1:] == held_out.shape[1:]
        if not (all(fits) and pictures and widths[-1] == DIGITS and len(train) % len(held_out) == 0):
            raise ValueError("the arrays of a classifier do not fit together")
        return cls(layers, confidence, held_out, train)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the arrays and the threshold."""
        digest = hashlib.sha256(repr(self.confidence).encode())
        for name, array in sorted(self.arrays().items()):
            digest.update(name.encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Classifier) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)
