"""Structural similarity: constant images by hand, one window re-derived, and its properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modescope.metrics.common.ssim import ssim

RNG = np.random.default_rng


@given(a=st.floats(-1, 1), b=st.floats(-1, 1))
def test_flat_images_are_as_similar_as_their_brightness(a, b):
    x, y = np.full((2, 3, 16, 16), a), np.full((2, 3, 16, 16), b)
    c1 = (0.01 * 2) ** 2
    np.testing.assert_allclose(ssim(x, y), (2 * a * b + c1) / (a * a + b * b + c1), rtol=1e-6)


def test_one_window_by_the_formulas_of_the_article():
    x, y = RNG(0).uniform(-1, 1, (2, 1, 1, 11, 11))
    at = np.arange(-5, 6)
    w = np.exp(-(at[:, None] ** 2 + at**2) / (2 * 1.5**2))
    w /= w.sum()
    mean_x, mean_y = (w * x).sum(), (w * y).sum()
    var_x, var_y = (w * (x - mean_x) ** 2).sum(), (w * (y - mean_y) ** 2).sum()
    covariance = (w * (x - mean_x) * (y - mean_y)).sum()
    c1, c2 = 0.02**2, 0.06**2
    expected = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    expected /= (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    assert ssim(x, y)[0] == pytest.approx(expected, rel=1e-9)


def test_each_pair_is_the_mean_over_its_own_places_and_channels():
    x, y = RNG(1).uniform(-1, 1, (2, 4, 3, 12, 13))
    by_hand = np.mean(
        [
            ssim(x[:, c : c + 1, i : i + 11, j : j + 11], y[:, c : c + 1, i : i + 11, j : j + 11])
            for c in range(3)
            for i in range(2)
            for j in range(3)
        ],
        axis=0,
    )
    np.testing.assert_allclose(ssim(x, y), by_hand, rtol=1e-9)


def test_equal_images_score_one_and_any_change_less():
    x = RNG(2).uniform(-1, 1, (3, 1, 20, 20))
    np.testing.assert_allclose(ssim(x, x), 1, rtol=1e-12)
    assert np.all(ssim(x, np.clip(x + 0.1, -1, 1)) < 0.999)
    np.testing.assert_allclose(ssim(x, x[::-1]), ssim(x[::-1], x), rtol=1e-12)


def test_span_is_the_unit_of_brightness():
    x, y = RNG(3).uniform(-1, 1, (2, 2, 1, 16, 16))
    np.testing.assert_allclose(ssim(127.5 * x, 127.5 * y, span=255.0), ssim(x, y), rtol=1e-9)


def test_images_smaller_than_the_window_are_refused():
    with pytest.raises(ValueError, match="10 x 16 pixels are smaller than the window of 11"):
        ssim(np.zeros((1, 1, 10, 16)), np.zeros((1, 1, 10, 16)))
