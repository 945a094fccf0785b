"""A finished task goes into a file and comes back the same; a damaged file is none."""

import dataclasses

import numpy as np
import pytest
import tiny

from modescope.engine import finished
from modescope.engine.training import train

DATA = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)


@pytest.fixture(scope="module", params=[None, {"decay": 0.9}], ids=["live", "averaged"])
def result(request):
    return train(tiny.task(ema=request.param, snapshots__walk={"lines": 2, "points": 3}), DATA)


def same(one, other):
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def test_what_was_written_comes_back(result, tmp_path):
    marked = dataclasses.replace(result, diverged_at=[-1, 4, -1], non_finite=["", "generator_fake", ""])
    finished.write(tmp_path / "task.npz", marked)
    back = finished.read(tmp_path / "task.npz")
    for name, value in vars(marked).items():
        assert same(value, getattr(back, name)), name


@pytest.mark.parametrize("part", [0, 0.5, 0.99])
def test_a_cut_file_is_none(result, tmp_path, part):
    path = tmp_path / "task.npz"
    assert finished.read(path) is None
    finished.write(path, result)
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    assert finished.read(path) is None
