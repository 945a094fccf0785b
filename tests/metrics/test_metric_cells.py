"""Lane patterns: shares by hand, frames with known lanes, and omitted scores."""

import numpy as np
import pytest

from modescope import datasets
from modescope.datasets.ring import Ring
from modescope.metrics.cells import Cells, labels, shares, unit

SIZE = 16
LANES = {"left": [0, 0, 8, 16], "right": [8, 0, 8, 16]}
VIDEO = datasets.build({"kind": "video", "path": "street.mp4", "size": SIZE, "cells": LANES})


def frames(patterns, noise=0.01, seed=0):
    """(n, 3, 16, 16) in [-1, 1]: a slope, and a bright car in every lane whose bit is set."""
    rng = np.random.default_rng(seed)
    slope = np.linspace(-0.8, 0, SIZE)
    x = slope + rng.normal(0, noise, (len(patterns), 3, SIZE, SIZE))
    for frame, pattern in zip(x, patterns, strict=True):
        for lane in (0, 1):
            if pattern >> lane & 1:
                frame[:, 4:12, 8 * lane + 1 : 8 * lane + 7] = 0.9
    return x


def score(real, fake, dataset=VIDEO):
    return Cells().score(frames(real), frames(fake, seed=1), dataset, np.random.default_rng(0))


def test_shares_by_hand():
    p, q = shares(np.array([1, 1, 3, 0]), np.array([0, 2]))
    np.testing.assert_allclose(p, [0.25, 0.5, 0, 0.25])  # of the patterns 0, 1, 2 and 3
    np.testing.assert_allclose(q, [0.5, 0, 0.5, 0])


def test_patterns_are_read_back():
    real, fake = [0] * 14 + [1, 2, 3, 1, 2, 3], [3, 0, 1, 2, 0]
    found = labels(frames(real), frames(fake, seed=1), VIDEO)
    assert [x.tolist() for x in found] == [real, fake]


def test_scores_by_hand():
    real = [0] * 12 + [1] * 4 + [2] * 2 + [3] * 2  # 0.6, 0.2, 0.1, 0.1
    fake = [0] * 16 + [1] * 2 + [2] * 2  # 0.8, 0.1, 0.1, 0
    scores = score(real, fake)
    assert scores["cells_covered"] == 0.75  # half of the real share still covers the first lane
    assert scores["cells_tv"] == pytest.approx(0.2)
    assert scores["cells_empty_ratio"] == pytest.approx(0.8 / 0.6)
    assert scores["cells_recall"] == pytest.approx(0.2 / 0.4)


def test_the_same_patterns_score_best_and_an_empty_street_loses_all():
    real = [0] * 12 + [1] * 4 + [2] * 2 + [3] * 2
    assert score(real, real) == {
        "cells_covered": 1,
        "cells_tv": 0,
        "cells_empty_ratio": 1,
        "cells_recall": 1,
    }
    lost = score(real, [0] * 20)
    assert lost["cells_recall"] == 0
    assert lost["cells_covered"] == 0.25


def test_a_threshold_of_ones_own():
    real = [0] * 15 + [1] * 5
    blind = VIDEO.model_copy(update={"threshold": 0.99})
    assert score(real, real, blind)["cells_empty_ratio"] == 1
    assert "cells_recall" not in score(real, real, blind)  # no lane is ever occupied


def test_each_score_is_explained_and_only_footage_with_lanes_has_them():
    assert set(score([0] * 10 + [1] * 5, [0] * 15)) == set(Cells.about)
    assert Cells().applies(VIDEO)
    assert not Cells().applies(VIDEO.model_copy(update={"cells": {}}))
    assert not Cells().applies(Ring())
    with pytest.raises(TypeError, match="ring has no lane cells"):
        Cells().score(frames([0]), frames([0]), Ring(), np.random.default_rng(0))


def test_pixels_are_shares_of_white():
    np.testing.assert_array_equal(unit(np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0])), [0, 0, 0.5, 0.75, 1, 1])
