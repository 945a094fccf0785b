"""Linear probe (Alain & Bengio 2017): how well a linear classifier predicts a frame's pattern from its code E(x)."""

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
from modescope.metrics.common.decoder import INVALID, Decoder, decoder
from modescope.metrics.common.memory import remembered
from modescope.metrics.common.neighbours import flat
from modescope.metrics.patterns import junction_of


class Probe(Metric):
    """Multinomial logistic regression, fitted to one half of the test frames and scored on the other."""

    penalty: float = Field(
        1.0, gt=0, description="L2 penalty: half the squared weights times this, added to the losses"
    )
    iterations: int = Field(200, ge=1, description="L-BFGS iterations at most")

    about: ClassVar[dict[str, About]] = {
        "probe_codes": About(
            "Linear probe of codes",
            "Accuracy of a linear classifier that predicts the pattern of held-out test frames from the code E(x), "
            "averaged over patterns so that rare ones count as much; 1 / patterns by chance.",
            "0 to 1",
            "higher",
        ),
        "probe_pca": About(
            "Linear probe of PCA",
            "The same, from as many principal components of the frame as a code has coordinates.",
            "0 to 1",
            "neither",
        ),
        "probe_pixels": About(
            "Linear probe of pixels",
            "The same, from all pixels: the most that a linear classifier can read.",
            "0 to 1",
            "neither",
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only where the pattern of a frame is known."""
        return isinstance(dataset, Junction)

    def score_views(self, real: Array, views: Views, dataset: Distribution) -> dict[str, float]:
        """Scores of codes (n, *latent shape) of real (n, *shape); empty without codes or with only one pattern.

        Raises TypeError unless the dataset is a simulated junction.
        """
        junction = junction_of(dataset)
        if "codes" not in views:
            return {}
        label, codes = decoder(junction).decode(real), flat(views["codes"])  # exact on real frames: decoder_accuracy
        if len(np.unique(label[::2])) < 2:
            return {}
        known = label != INVALID
        return {
            "probe_codes": self.accuracy(codes[known], label[known]),
            "probe_pca": _of_frames(real, decoder(junction), self.penalty, self.iterations, codes.shape[1]),
            "probe_pixels": _of_frames(real, decoder(junction), self.penalty, self.iterations, None),
        }

    def accuracy(self, x: Array, label: NDArray[np.intp]) -> float:
        """Mean accuracy per class of label (n,) predicted from x (n, dim): fitted to even rows, scored on odd ones."""
        return _accuracy(x, label, self.penalty, self.iterations)


@remembered
def _of_frames(real: Array, read: Decoder, penalty: float, iterations: int, n_components: int | None) -> float:
    """The accuracy from the pixels of the frames real (n, *shape), or from so many principal components of them."""
    label = read.decode(real)
    pixels, label = flat(real)[label != INVALID], label[label != INVALID]
    x = pixels if n_components is None else principal(pixels[::2], pixels, n_components)
    return _accuracy(x, label, penalty, iterations)


def _accuracy(x: Array, label: NDArray[np.intp], penalty: float, iterations: int) -> float:
    train, test = label[::2], label[1::2]
    x = x - x[::2].mean(axis=0)
    x = x / max(float(np.sqrt(np.mean(x[::2] ** 2))), 1e-12)  # one scale for all axes, which no rotation changes
    classes, y = np.unique(train, return_inverse=True)
    weights = fit(x[::2], y, penalty, iterations)
    right = classes[np.argmax(with_one(x[1::2]) @ weights, axis=1)] == test
    return float(np.mean([np.mean(right[test == c]) for c in np.unique(test)]))


def fit(x: Array, y: NDArray[np.intp], penalty: float, iterations: int) -> Array:
    """Multinomial logistic regression of y (n,) on x (n, dim): weights (dim + 1, classes), the last row the intercepts.

    Minimises sum_i w_i (-log p(y_i | x_i)) + penalty / 2 |W|^2, with no penalty on the intercepts. Each class has the
    same total weight, and the w_i have the mean 1.
    """
    counts = np.bincount(y)
    classes = len(counts)
    weight = (len(y) / (classes * counts))[y][:, None]  # (n, 1)
    target = np.eye(classes)[y]
    design = with_one(x)
    bounded = np.append(np.full(x.shape[1], penalty), 0)[:, None]  # intercepts are not penalised

    def loss(flat_weights: Array) -> tuple[float, Array]:
        w = flat_weights.reshape(-1, classes)
        log_p = log_softmax(design @ w, axis=1)
        slope = design.T @ (weight * (np.exp(log_p) - target)) + bounded * w
        return float(np.sum(bounded * w**2) / 2 - np.sum(weight * target * log_p)), slope.ravel()

    start = np.zeros(design.shape[1] * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations})
    return np.asarray(found.x).reshape(-1, classes)


def principal(train: Array, x: Array, n: int) -> Array:
    """Coordinates of x (k, dim) along the first n principal components of `train` (m, dim), at most m - 1: (k, n)."""
    mean = train.mean(axis=0)
    centred = train - mean
    n = min(n, len(train) - 1, train.shape[1])
    # From the Gram matrix of the frames, which is small: there are fewer frames than pixels.
    values, vectors = eigh(centred @ centred.T, subset_by_index=[len(train) - n, len(train) - 1])
    axes = centred.T @ vectors / np.sqrt(np.maximum(values, 1e-12))  # (dim, n), orthonormal
    return np.asarray((x - mean) @ axes)


def with_one(x: Array) -> Array:
    """Append a column of ones to x, (n, dim) -> (n, dim + 1)."""
    return np.hstack([x, np.ones((len(x), 1))])
