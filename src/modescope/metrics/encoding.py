"""What an encoder preserves: the latent distribution and the modes in its codes E(x), and both round trips."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.spatial import KDTree

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric, Views
from modescope.metrics.common.neighbours import MAX_DIM, flat, kth_distance, radii, tree


class Encoding(Metric):
    """For variants with an encoder; uses as many test points x and latent points z as there are scored samples."""

    k: int = Field(5, ge=1, description="neighbours, as in prdc")
    share: float = Field(0.5, gt=0, le=1, description="share of its points that a mode must keep to count as kept")

    about: ClassVar[dict[str, About]] = {
        "code_coverage": About(
            "Code coverage",
            "Share of latent points z whose ball contains at least one code E(x) of a test point (radius: distance to "
            "the fifth nearest other z); 0.969 when the codes are distributed like z.",
            "0 to 1",
            "higher",
        ),
        "modes_kept": About(
            "Modes kept",
            "Modes that stay separate in the codes: for at least half of a mode's test points, most of the five "
            "nearest codes come from the same mode.",
            "0 to the number of modes",
            "higher",
        ),
        "reconstruction_error": About(
            "Reconstruction error",
            "Root mean square of |x - G(E(x))| over test points, in standard deviations of the data (per axis, rms); 0 "
            "when the generator inverts the encoder.",
            "0 to infinity",
            "lower",
        ),
        "recode_error": About(
            "Recode error",
            "Root mean square of |z - E(G(z))| over latent points, in standard deviations of z (per axis, rms); 0 when "
            "the encoder inverts the generator, about 1.4 when the codes are independent of z.",
            "0 to infinity",
            "lower",
        ),
    }

    @property
    def min_points(self) -> int:
        """One more than k, since a point is not its own neighbour."""
        return self.k + 1

    def score_views(self, real: Array, views: Views, dataset: Distribution) -> dict[str, float]:
        """Scores of codes (n, *latent shape) of real (n, *shape), and of both round trips if the views hold them.

        Empty without codes: variants without an encoder and walks have views as well.
        """
        if "codes" not in views:
            return {}
        codes, z, scores = flat(views["codes"]), flat(views["z"]), {}
        if codes.shape[1] <= MAX_DIM:
            code_tree = tree(codes)
            scores["code_coverage"] = float(np.mean(kth_distance(code_tree, z, 1) < radii(z, self.k)))
            if dataset.centres is not None:
                mode = np.asarray(KDTree(flat(dataset.centres)).query(flat(real))[1])  # (n,)
                kept = modes_kept(code_tree, mode, self.k)
                counts = np.bincount(mode)
                share = np.bincount(mode[kept], minlength=len(counts)) / np.maximum(counts, 1)
                scores["modes_kept"] = float(np.sum(share >= self.share))
        if "reconstructions" in views:
            scores["reconstruction_error"] = relative_error(flat(real), flat(views["reconstructions"]))
            scores["recode_error"] = relative_error(z, flat(views["recodes"]))
        return scores


def modes_kept(codes: KDTree, mode: NDArray[np.intp], k: int) -> NDArray[np.bool_]:
    """For every code, whether more than half of its k nearest other codes have the same mode, (n,); `mode` is (n,).

    Where more than k + 1 codes coincide, the k nearest are ambiguous: then all others at that place are counted.
    """
    neighbours = np.asarray(codes.query(codes.data, k=range(1, k + 2))[1])  # (n, k + 1), with the code itself
    same = mode[neighbours] == mode[:, None]
    kept = np.sum(same, axis=1) - 1 > k / 2
    _, place, size = np.unique(codes.data, axis=0, return_inverse=True, return_counts=True)
    there = np.zeros((len(size), int(mode.max()) + 1))
    np.add.at(there, (place, mode), 1)
    crowded = size[place] > k + 1
    return np.asarray(np.where(crowded, there[place, mode] - 1 > (size[place] - 1) / 2, kept))


def relative_error(x: Array, y: Array) -> float:
    """Root mean square of x - y, both (n, dim), over points and axes, divided by the rms standard deviation of x."""
    deviation = math.sqrt(float(np.mean(np.var(x, axis=0))))
    return math.sqrt(float(np.mean((x - y) ** 2))) / deviation if deviation > 0 else math.inf
