"""Structural similarity of two images (Wang, Bovik, Sheikh & Simoncelli 2004)."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import correlate1d

from modescope.datasets import Array

WINDOW, DEVIATION = 11, 1.5  # pixels of the Gaussian window, section III.B
AT_ONCE = 50  # images, which stay in the processor's cache
K1, K2 = 0.01, 0.03  # of the constants that keep flat and dark regions stable, section III.B


def ssim(x: Array, y: Array, *, span: float = 2.0) -> Array:
    """SSIM of n pairs of images, (n, channels, rows, columns) x 2 -> (n,); 1 for equal images.

    The mean of equation 13 over channels and over all positions where the whole window lies in the
    image; `span` is the distance between black and white. Raises ValueError for smaller images.
    """
    if min(x.shape[-2:]) < WINDOW:
        raise ValueError(f"images of {x.shape[-2]} x {x.shape[-1]} pixels are smaller than the window of {WINDOW}")
    parts = [_ssim(x[i : i + AT_ONCE], y[i : i + AT_ONCE], span) for i in range(0, len(x), AT_ONCE)]
    return np.concatenate(parts) if parts else np.empty(0)


def _ssim(x: Array, y: Array, span: float) -> Array:
    c1, c2 = (K1 * span) ** 2, (K2 * span) ** 2
    mean_x, mean_y = _local(x), _local(y)
    # The window's weights sum to 1, so that E[ab] - E[a] E[b] are the moments of equations 15 and 16.
    var_x, var_y = _local(x * x) - mean_x**2, _local(y * y) - mean_y**2
    covariance = _local(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    structure = (2 * covariance + c2) / (var_x + var_y + c2)
    return np.asarray(np.mean(luminance * structure, axis=(1, 2, 3)))


def _local(x: Array) -> Array:
    """Weighted means over the window, (..., rows, columns) -> (..., rows - 10, columns - 10)."""
    edge = WINDOW // 2
    at = np.arange(-edge, edge + 1)
    weights = np.exp(-(at**2) / (2 * DEVIATION**2))
    for axis in (-2, -1):  # sums without BLAS, whose kernels round differently
        x = correlate1d(x, weights / weights.sum(), axis, mode="constant")
    return x[..., edge:-edge, edge:-edge]
