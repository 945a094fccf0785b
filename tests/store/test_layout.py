"""What the stages wrote, read back by the plan alone; data that changed since is refused."""

import json

import numpy as np
import pandas as pd
import pytest
import tiny

from modescope.datasets.gaussian import Gaussian
from modescope.params.config import ConfigError, Sampling
from modescope.store import artifacts, layout
from modescope.store.plan import read_plan

ARMS, SEEDS = ["latent_dim=3", "latent_dim=3", "latent_dim=1", "latent_dim=1"], [0, 1, 0, 1]
RNG = np.random.default_rng(0)
SAMPLES, SNAPSHOTS = (RNG.normal(size=shape).astype(np.float32) for shape in ((4, 9, 2), (4, 3, 2, 2)))
TEST_SET = RNG.normal(size=(30, 2)).astype(np.float32)
DIVERGED = [{"arm": "latent_dim=1", "seed": 0, "step": 7}]


@pytest.fixture
def root(tmp_path):
    """A finished study of two experiments on one data file, beside an experiment that the plan does not name."""
    data = tmp_path / "data" / "blob.npz"
    artifacts.write_npz(data, {"train": TEST_SET + 1, "test": TEST_SET})
    settings = tiny.experiment(seeds=2, sweep={"latent_dim": [3, 1]}).model_dump()
    for name in ("one", "two", "forgotten"):
        folder = tmp_path / "runs" / "latent" / name
        who = {"arm": np.array(ARMS), "seed": np.array(SEEDS)}
        artifacts.write_npz(folder / "samples.npz", {"samples": SAMPLES, **who})
        artifacts.write_npz(folder / "snapshots.npz", {"samples": SNAPSHOTS, "step": np.array([0, 5, 20]), **who})
        hashes = {"data_sha256": artifacts.sha256(data), "samples_sha256": artifacts.sha256(folder / "samples.npz")}
        rest = {"steps": 20, "diverged": DIVERGED if name == "two" else [], "multiply_adds": {ARMS[0]: 30, ARMS[2]: 10}}
        artifacts.write_json(folder / "run.json", hashes | rest)
    artifacts.write_json(
        tmp_path / "plan" / "study" / "latent.json",
        {
            "study": "latent",
            "experiments": {name: {"settings": settings, "steps": 20, "arms": ARMS[::2]} for name in ("one", "two")},
            "datasets": {"blob": {"kind": "gaussian", "dim": 2, "std": 0.5}},
        },
    )
    scores = {
        "study": "latent",
        "experiment": "one",
        "arm": ARMS,
        "seed": SEEDS,
        "metric": "w2",
        "value": [0.1, 2, 3, 4],
    }
    floors = {"study": "latent", "dataset": "blob", "repeat": [0, 1], "metric": "w2", "value": [0.01, 0.02]}
    artifacts.write_csv(tmp_path / "scores" / "latent.csv", pd.DataFrame(scores))
    artifacts.write_csv(tmp_path / "scores" / "floors" / "latent.csv", pd.DataFrame(floors))
    course = {"experiment": "one", "arm": ARMS[0], "seed": 0, "step": [0, 10, 20], "modes_covered": [0.0, 2.0, 3.0]}
    artifacts.write_csv(tmp_path / "scores" / "progress" / "latent.csv", pd.DataFrame(course))
    return tmp_path


@pytest.fixture
def plan(root):
    return read_plan(root, "latent")


def test_the_plan_comes_back(root, plan):
    assert plan == json.loads((root / "plan" / "study" / "latent.json").read_text())


def test_records_are_those_of_the_plan(root, plan):
    records = layout.read_records(root, plan)
    assert list(records) == ["one", "two"]  # what lies on the disk besides is not asked for
    assert [record["diverged"] for record in records.values()] == [[], DIVERGED]


def test_runs_come_back_as_arrays(root, plan):
    runs = layout.read_runs(root, plan, "two")
    assert runs.experiment == "two"
    assert runs.settings == tiny.experiment(seeds=2, sweep={"latent_dim": [3, 1]})
    assert runs.dataset == Gaussian(std=0.5)
    np.testing.assert_array_equal(runs.real, TEST_SET)
    np.testing.assert_array_equal(runs.samples, SAMPLES)
    np.testing.assert_array_equal(runs.snapshots, SNAPSHOTS)
    assert runs.snapshot_steps.tolist() == [0, 5, 20]
    assert (runs.arm, runs.seed) == (ARMS, SEEDS)
    assert runs.diverged_at == [-1, -1, 7, -1]
    assert runs.arms == ["latent_dim=3", "latent_dim=1"]
    assert runs.rows("latent_dim=1") == [2, 3]
    assert runs.data_sha256 == artifacts.sha256(root / "data" / "blob.npz")
    assert runs.samples_sha256 == artifacts.sha256(root / "runs" / "latent" / "two" / "samples.npz")
    assert layout.read_runs(root, plan, "one").diverged_at == [-1] * 4


def test_what_a_sampler_drew_comes_back(root, plan):
    entry = {"study": "latent", "dataset": "blob", "sampler": "inverse_transform", "seeds": 2, "settings": {}}
    plan["experiments"]["drawn"] = {"settings": entry, "steps": 0, "arms": ["base"]}
    folder, data = root / "runs" / "latent" / "drawn", root / "data" / "blob.npz"
    arrays = {"samples": SAMPLES[:2], "uniform": SAMPLES[:2, :, :1]}
    artifacts.write_npz(folder / "samples.npz", arrays | {"arm": np.array(["base"] * 2), "seed": np.array([0, 1])})
    hashes = {"data_sha256": artifacts.sha256(data), "samples_sha256": artifacts.sha256(folder / "samples.npz")}
    artifacts.write_json(folder / "run.json", hashes | {"steps": 0, "diverged": []})
    runs = layout.read_runs(root, plan, "drawn")
    assert runs.settings == Sampling.model_validate(entry)
    np.testing.assert_array_equal(runs.samples, SAMPLES[:2])
    np.testing.assert_array_equal(runs.views["uniform"], SAMPLES[:2, :, :1])
    assert (runs.arm, runs.seed, runs.diverged_at) == (["base"] * 2, [0, 1], [-1, -1])
    assert runs.snapshots.shape == (2, 0, 0, 2)
    assert len(runs.snapshot_steps) == 0
    with pytest.raises(TypeError, match="drawn was drawn by a sampler, not trained"):
        _ = runs.trained
    assert layout.read_runs(root, plan, "one").trained.latent_dim == 2


def test_data_that_changed_since_training_are_refused(root, plan):
    data = root / "data" / "blob.npz"
    artifacts.write_npz(data, {"train": TEST_SET + 1, "test": TEST_SET + 1e-6})
    with pytest.raises(ConfigError) as caught:
        layout.read_runs(root, plan, "one")
    folder = root / "runs" / "latent" / "one"
    assert str(caught.value) == (
        f"{data}: not the data that {folder} was trained on; run `dvc repro` for the whole pipeline"
    )


def test_scores_come_back_as_tables(root, plan):
    scores = layout.read_scores(root, plan)
    assert scores.runs["value"].tolist() == [0.1, 2, 3, 4]
    assert scores.runs["arm"].tolist() == ARMS
    assert scores.floors["repeat"].tolist() == [0, 1]
    assert scores.progress["step"].tolist() == [0, 10, 20]
    assert scores.progress["modes_covered"].tolist() == [0, 2, 3]
    assert scores.diverged == {("two", "latent_dim=1", 0): 7}
    assert scores.datasets == {"one": "blob", "two": "blob"}
    assert list(scores.datasets) == ["one", "two"]


@pytest.mark.parametrize("gone", ["data/blob.npz", "runs/latent/one/run.json", "runs/latent/one/snapshots.npz"])
def test_a_missing_file_is_named(root, plan, gone):
    (root / gone).unlink()
    with pytest.raises(FileNotFoundError) as caught:
        layout.read_runs(root, plan, "one")
    assert str(caught.value.filename).endswith(gone)


def test_all_runs_are_those_of_the_plan_each_read_once_when_asked_for(root, plan, monkeypatch):
    asked, read = [], layout.read_runs
    monkeypatch.setattr(layout, "read_runs", lambda *args: asked.append(args[-1]) or read(*args))
    found = layout.AllRuns(root, plan)
    assert (list(found), len(found), asked) == (["one", "two"], 2, [])
    assert found["two"] is found["two"]
    assert found["two"].diverged_at == [-1, -1, 7, -1]
    assert asked == ["two"]
    with pytest.raises(KeyError, match="forgotten"):
        found["forgotten"]
