"""Checkpoints: keyed by the identity of their task, written whole or not at all, and loaded without running code."""

import pickle
from pathlib import Path

import pytest
import torch

from modescope.engine.checkpoint import Checkpoint

STATE = {"step": 3, "tensor": torch.arange(4.0), "nested": {"list": [1, 2.5, None, "a"], "flags": [True]}}


@pytest.fixture
def checkpoint(tmp_path):
    return Checkpoint(tmp_path / "checkpoints", "key")


def test_what_was_saved_comes_back(checkpoint):
    assert checkpoint.load() is None
    checkpoint.save(STATE)
    loaded = checkpoint.load()
    assert torch.equal(loaded.pop("tensor"), STATE["tensor"])
    assert loaded == {"step": 3, "nested": STATE["nested"]}


def test_the_newest_replaces_the_older_and_nothing_else_is_left(checkpoint):
    for step in (1, 2):
        checkpoint.save({"step": step})
    assert checkpoint.load() == {"step": 2}
    assert list(checkpoint.path.parent.iterdir()) == [checkpoint.path]


def test_a_save_that_fails_halfway_keeps_the_old_file(checkpoint, monkeypatch):
    checkpoint.save({"step": 1})

    def half(state, file):
        file.write(b"half of a checkp")
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(OSError, match="no space left"):
        checkpoint.save({"step": 2})
    assert checkpoint.load() == {"step": 1}
    assert list(checkpoint.path.parent.iterdir()) == [checkpoint.path]


@pytest.mark.parametrize("part", [0, 0.5, 0.99])
def test_a_cut_file_is_no_checkpoint(checkpoint, part):
    checkpoint.save(STATE)
    content = checkpoint.path.read_bytes()
    checkpoint.path.write_bytes(content[: int(part * len(content))])
    assert checkpoint.load() is None


def test_a_file_of_something_else_is_no_checkpoint(checkpoint):
    checkpoint.path.parent.mkdir()
    checkpoint.path.write_bytes(b"hello" * 100)
    assert checkpoint.load() is None


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_arbitrary_objects_are_not_unpickled(checkpoint, tmp_path):
    trace = tmp_path / "ran"
    torch.save({"step": 1, "trap": Trap(trace)}, tmp_path / "trap.pt")
    torch.load(tmp_path / "trap.pt", weights_only=False)  # the trap works
    assert trace.exists()
    trace.unlink()
    checkpoint.path.parent.mkdir()
    for content in ((tmp_path / "trap.pt").read_bytes(), pickle.dumps(Trap(trace), protocol=2)):
        checkpoint.path.write_bytes(content)
        assert checkpoint.load() is None
        assert not trace.exists()


def test_another_key_is_another_file(tmp_path):
    assert Checkpoint(tmp_path, "one").path != Checkpoint(tmp_path, "other").path


def test_remove_deletes_the_file_of_one_task(tmp_path):
    folder = tmp_path / "checkpoints"
    one, other = Checkpoint(folder, "one"), Checkpoint(folder, "other")
    one.save({"step": 1})
    other.save({"step": 1})
    one.remove()
    assert one.load() is None
    assert other.load() == {"step": 1}
    one.remove()  # a second call does nothing
