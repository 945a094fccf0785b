"""The classifier's stage: what it writes, from the train pictures alone, the same on every call."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch

from modescope import datasets
from modescope.params import entry
from modescope.params.config import Params
from modescope.plan import pages
from modescope.seeding import stream
from modescope.store import artifacts, layout

STAGES = Path(__file__).resolve().parents[2] / "stages"
DIGITS = {"kind": "stacked_digits", "n_train": 40, "n_test": 40}
READER = {"study": "latent", "dataset": "digits", "steps": 300, "hidden": [32, 16]}


@pytest.fixture
def classifier(monkeypatch):
    monkeypatch.syspath_prepend(str(STAGES))
    import classifier

    yield classifier.main
    sys.modules.pop("classifier")


@pytest.fixture
def root(tmp_path):
    params = tiny.params() | {"classifiers": {"reader": READER, "twin": READER, "other": READER | {"seed": 1}}}
    params["datasets"]["digits"] = DIGITS
    plan = pages.pages(Params.model_validate(params))
    pages.write(tmp_path / "plan", plan)
    artifacts.write_npz(tmp_path / "data" / "digits.npz", datasets.build(DIGITS).sets("digits", tmp_path))
    return tmp_path


def files(root, name):
    folder = root / "runs" / "latent" / name
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_weights_and_how_held_out_digits_are_read(root, classifier):
    classifier("reader", root)
    assert set(files(root, "reader")) == {"weights.npz", "record.json"}
    record = json.loads(files(root, "reader")["record.json"])
    assert set(record) == {
        "accuracy",
        "confusion",
        "n",
        "confident",
        "confidence",
        "blends",
        "reliability",
        "data_sha256",
    }
    assert record["accuracy"] > 0.7
    assert (record["n"], record["confidence"]) == (450, 0.8)
    assert np.sum(record["confusion"]) == 450
    assert record["data_sha256"] == artifacts.sha256(root / "data" / "digits.npz")
    plan = json.loads((root / "plan" / "study" / "latent.json").read_text())
    found = layout.read_classifier(root, plan, "reader")
    _, test = datasets.build(DIGITS).pictures(root)
    seen = found.recognise(test.values[:, None])
    assert np.mean(seen.digits[:, 0] == test.labels) == record["accuracy"]
    assert np.mean(seen.confident) == record["confident"]


def test_the_same_name_gives_the_same_files_and_another_seed_or_name_does_not(root, classifier):
    for name in ("reader", "twin", "other"):
        classifier(name, root)
    first = files(root, "reader")
    classifier("reader", root)
    assert files(root, "reader") == first
    assert files(root, "twin")["weights.npz"] != first["weights.npz"]
    assert files(root, "other")["weights.npz"] != first["weights.npz"]


def test_one_thread_learns(root, classifier):
    try:
        torch.set_num_threads(2)
        classifier("reader", root)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(1)  # as tiny


def test_held_out_pictures_are_not_learnt(root, classifier):
    """Other test pictures: the same layers, since every random number is drawn for training first."""
    classifier("reader", root)
    before = artifacts.read_npz(root / "runs" / "latent" / "reader" / "weights.npz")
    sets = artifacts.read_npz(root / "data" / "digits.npz")
    sets["pictures_test"] = stream("other").uniform(-1, 1, sets["pictures_test"].shape).astype(np.float32)
    artifacts.write_npz(root / "data" / "digits.npz", sets)
    classifier("reader", root)
    after = artifacts.read_npz(root / "runs" / "latent" / "reader" / "weights.npz")
    for name in before:
        assert np.array_equal(before[name], after[name]) == (name != "held_out"), name


def test_an_unknown_name_is_refused_in_one_line(root, classifier, capsys):
    assert entry.run(classifier, ["nobody", root]) == 1
    err = capsys.readouterr().err
    assert err.startswith(
        "modescope: plan/classifier/nobody.json: there is no such page; allowed: other, reader, twin; "
    )
    assert err.count("\n") == 1
