"""The sampling stage: each seed has different points, the same on every call."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest

from modescope import datasets
from modescope.params.config import Params
from modescope.plan import pages
from modescope.store import artifacts

STAGES = Path(__file__).resolve().parents[2] / "stages"
DATASET = {"kind": "line", "n_modes": 3, "std": 0.05, "n_train": 50, "n_test": 300}


@pytest.fixture
def sample(monkeypatch):
    monkeypatch.syspath_prepend(str(STAGES))
    import sample

    yield sample.main
    sys.modules.pop("sample")


@pytest.fixture
def root(tmp_path):
    entry = {"study": "modes", "dataset": "line", "sampler": "inverse_transform", "seeds": 3}
    params = {
        "effort": 1.0,
        "evaluation": {"samples": 400, "floor_repeats": 2},
        "datasets": {"line": DATASET},
        "metrics": {},
        "studies": {"modes": {"title": "Modes"}},
        "experiments": {"none": _experiment()},
        "samplers": {"drawn": entry, "other": entry},
    }
    pages.write(tmp_path / "plan", pages.pages(Params.model_validate(params)))
    artifacts.write_npz(tmp_path / "data" / "line.npz", {"train": np.zeros((50, 1)), "test": np.zeros((300, 1))})
    return tmp_path


def _experiment():
    import tiny

    return tiny.settings(study="modes", dataset="line")


def drawn(root, name):
    return artifacts.read_npz(root / "runs" / "modes" / name / "samples.npz")


def test_every_seed_draws_its_own_points_of_the_distribution(root, sample):
    sample("drawn", root)
    found, line = drawn(root, "drawn"), datasets.build(DATASET)
    assert found["samples"].shape == found["uniform"].shape == (3, 300, 1)  # as many as there are test points
    assert found["arm"].tolist() == ["base"] * 3
    assert found["seed"].tolist() == [0, 1, 2]
    assert len(np.unique(found["samples"][:, 0])) == 3
    for points in found["samples"]:
        assert kstest(points[:, 0], line.cdf).pvalue > 0.01
    record = (root / "runs" / "modes" / "drawn" / "run.json").read_text()
    assert artifacts.sha256(root / "data" / "line.npz") in record


def test_the_same_name_draws_the_same_and_another_does_not(root, sample):
    sample("drawn", root)
    first = drawn(root, "drawn")["samples"]
    sample("drawn", root)
    np.testing.assert_array_equal(drawn(root, "drawn")["samples"], first)
    sample("other", root)
    assert not np.array_equal(drawn(root, "other")["samples"], first)
