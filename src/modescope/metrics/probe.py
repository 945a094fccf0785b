"""What codes know of a frame: a linear classifier reads the pattern of occupied lanes from E(x).

Alain & Bengio 2017: how well a linear map of a representation predicts what is known of its inputs.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.linalg import eigh
from scipy.optimize import minimize
from scipy.special import log_softmax

from modescope.datasets import Distribution
from modescope.datasets.junction import Junction
from modescope.metrics import About, Array, Metric, Views
from modescope.metrics.common.decoder import INVALID, decoder
from modescope.metrics.common.neighbours import flat
from modescope.metrics.patterns import junction_of


class Probe(Metric):
    """Multinomial logistic regression on one half of the test frames, judged on the other."""

    penalty: float = Field(1.0, gt=0, description="times half the squared weights, against the sum of the losses")
    iterations: int = Field(200, ge=1, description="of L-BFGS, at most")

    about: ClassVar[dict[str, About]] = {
        "probe_codes": About(
            "Probe of codes",
            "Share of held-out test frames whose pattern a linear classifier reads from the code E(x), on average over "
            "patterns, so that the rare ones count as much; 1 / patterns by chance.",
            "0 to 1",
            "higher",
        ),
        "probe_pca": About(
            "Probe of principal components",
            "The same from as many principal components of the frame as a code has coordinates.",
            "0 to 1",
            "neither",
        ),
        "probe_pixels": About(
            "Probe of pixels",
            "The same from all pixels: what a linear classifier can read at best.",
            "0 to 1",
            "neither",
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only where the pattern of a frame is known."""
        return isinstance(dataset, Junction)

    def score_views(self, real: Array, views: Views, dataset: Distribution) -> dict[str, float]:
        """Scores of codes (n, *latent shape) of real (n, *shape); none without codes or with only one pattern.

        Raises TypeError for a dataset that is no junction.
        """
        label = decoder(junction_of(dataset)).decode(real)  # exact on real frames: see decoder_accuracy
        if "codes" not in views or len(np.unique(label[::2])) < 2:
            return {}
        known = label != INVALID
        label, codes, pixels = label[known], flat(views["codes"])[known], flat(real)[known]
        features = {"codes": codes, "pca": principal(pixels[::2], pixels, codes.shape[1]), "pixels": pixels}
        return {f"probe_{name}": self.accuracy(x, label) for name, x in features.items()}

    def accuracy(self, x: Array, label: NDArray[np.intp]) -> float:
        """Accuracy of x (n, dim) for label (n,), per class and averaged: fitted to even rows, judged on odd ones."""
        train, test = label[::2], label[1::2]
        x = x - x[::2].mean(axis=0)
        x = x / max(float(np.sqrt(np.mean(x[::2] ** 2))), 1e-12)  # one unit for all axes, which a turn cannot change
        classes, y = np.unique(train, return_inverse=True)
        weights = fit(x[::2], y, self.penalty, self.iterations)
        right = classes[np.argmax(with_one(x[1::2]) @ weights, axis=1)] == test
        return float(np.mean([np.mean(right[test == c]) for c in np.unique(test)]))


def fit(x: Array, y: NDArray[np.intp], penalty: float, iterations: int) -> Array:
    """Weights (dim + 1, classes), the last row constant, of multinomial logistic regression of y (n,) on x (n, dim).

    Minimises sum_i w_i (-log p(y_i | x_i)) + penalty / 2 |W|^2 without the constant, where each class has the same
    total weight and the w_i have the mean 1.
    """
    counts = np.bincount(y)
    classes = len(counts)
    weight = (len(y) / (classes * counts))[y][:, None]  # (n, 1)
    target = np.eye(classes)[y]
    design = with_one(x)
    bounded = np.append(np.full(x.shape[1], penalty), 0)[:, None]  # the constant is free

    def loss(flat_weights: Array) -> tuple[float, Array]:
        w = flat_weights.reshape(-1, classes)
        log_p = log_softmax(design @ w, axis=1)
        slope = design.T @ (weight * (np.exp(log_p) - target)) + bounded * w
        return float(np.sum(bounded * w**2) / 2 - np.sum(weight * target * log_p)), slope.ravel()

    start = np.zeros(design.shape[1] * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations})
    return np.asarray(found.x).reshape(-1, classes)


def principal(train: Array, x: Array, n: int) -> Array:
    """The first n principal components of `train` (m, dim), at most m - 1, as coordinates of x (k, dim): (k, n)."""
    mean = train.mean(axis=0)
    centred = train - mean
    n = min(n, len(train) - 1, train.shape[1])
    # From the products of the frames, of which there are fewer than pixels.
    values, vectors = eigh(centred @ centred.T, subset_by_index=[len(train) - n, len(train) - 1])
    axes = centred.T @ vectors / np.sqrt(np.maximum(values, 1e-12))  # (dim, n), orthonormal
    return np.asarray((x - mean) @ axes)


def with_one(x: Array) -> Array:
    """A column of ones after x, (n, dim) -> (n, dim + 1)."""
    return np.hstack([x, np.ones((len(x), 1))])
