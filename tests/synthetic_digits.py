"""Digits of one white pixel each and a classifier of them by hand, for tests that need no handwriting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modescope.classifiers import Classifier

SIDE, DIGITS, CHANNELS = 8, 10, 3
SURE = 20.0  # logit of a digit whose pixel is white; the others have 0
PICTURES = np.full((DIGITS, SIDE, SIDE), -1.0, np.float32)
PICTURES.reshape(DIGITS, -1)[np.arange(DIGITS), np.arange(DIGITS)] = 1.0


def classifier(confidence: float = 0.8) -> Classifier:
    """Recognises a digit d by pixel d: its features are relu(pixel), so a pixel of 0 or less says nothing."""
    pick = np.eye(SIDE**2, DIGITS, dtype=np.float32)
    weigh = SURE * np.eye(DIGITS, dtype=np.float32)
    zeros = np.zeros(DIGITS, np.float32)
    held_out, train = (np.roll(PICTURES, rows, axis=1) for rows in (3, 6))  # no white pixel is in both
    return Classifier(((pick, zeros), (weigh, zeros)), confidence, held_out, np.concatenate([train, train - 0.25]))


def stacks(indices: NDArray[np.integer] | list[int]) -> NDArray[np.float64]:
    """The stacks of combinations 100 a + 10 b + c, (n,) -> (n, 3, side, side)."""
    index = np.asarray(indices)
    return PICTURES[np.stack([index // 100, index // 10 % 10, index % 10], axis=1)].astype(np.float64)
