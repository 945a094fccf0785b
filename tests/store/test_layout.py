"""What the stages wrote, read back by the plan alone; data that changed since is refused."""

import json

import numpy as np
import pandas as pd
import pytest
import synthetic_digits
import tiny

from modescope import datasets
from modescope.datasets.gaussian import Gaussian
from modescope.params.config import ConfigError, Sampling
from modescope.store import artifacts, layout
from modescope.store.plan import read_plan

ARMS, SEEDS = ["latent_dim=3", "latent_dim=3", "latent_dim=1", "latent_dim=1"], [0, 1, 0, 1]
RNG = np.random.default_rng(0)
SAMPLES, SNAPSHOTS = (RNG.normal(size=shape).astype(np.float32) for shape in ((4, 9, 2), (4, 3, 2, 2)))
TEST_SET = RNG.normal(size=(30, 2)).astype(np.float32)
DIVERGED = [{"arm": "latent_dim=1", "seed": 0, "step": 7, "term": "generator_fake"}]


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
    assert scores.non_finite == {("two", "latent_dim=1", 0): "generator_fake"}
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


# Classifiers


STACKS = {"kind": "stacked_digits"}
READER = synthetic_digits.classifier(0.7)


@pytest.fixture
def read(root, plan):
    """The plan with a second dataset, of stacks, and the classifier that reads them, as its stage wrote it."""
    plan["datasets"]["digits"] = STACKS
    plan["experiments"]["stacked"] = {"settings": tiny.settings(dataset="digits"), "steps": 20, "arms": ["base"]}
    settings = {"study": "latent", "dataset": "digits", "confidence": 0.7}
    plan["classifiers"] = {"reader": {"settings": settings, "shape": [3, 8, 8]}}
    data, folder = root / "data" / "digits.npz", root / "runs" / "latent"
    artifacts.write_npz(data, {"test": synthetic_digits.stacks([1, 2]).astype(np.float32)})
    artifacts.write_npz(folder / "reader" / "weights.npz", READER.arrays())
    hashes = {"data_sha256": artifacts.sha256(data), "samples_sha256": ""}
    artifacts.write_json(folder / "reader" / "record.json", {"accuracy": 0.9, "confidence": 0.7} | hashes)
    artifacts.write_json(folder / "stacked" / "run.json", {"diverged": [], "multiply_adds": {}} | hashes)
    who = {"arm": np.array(["base"]), "seed": np.array([0])}
    artifacts.write_npz(folder / "stacked" / "samples.npz", {"samples": np.zeros((1, 4, 3, 8, 8)), **who})
    artifacts.write_npz(folder / "stacked" / "snapshots.npz", {"step": np.array([0]), **who})
    return plan


def test_runs_on_stacks_come_with_their_classifier(root, read):
    runs = layout.read_runs(root, read, "stacked")
    assert runs.classifier == READER
    assert runs.classifier.confidence == 0.7
    assert runs.dataset == datasets.build(STACKS)
    assert layout.read_runs(root, read, "one").classifier is None
    read["classifiers"]["reader"]["shape"] = [3, 28, 28]
    assert layout.read_runs(root, read, "stacked").classifier is None


def test_scores_have_the_record_of_each_classifier(root, read):
    assert layout.read_scores(root, read).classifiers["reader"]["accuracy"] == 0.9
    del read["classifiers"]
    assert layout.read_scores(root, read).classifiers == {}


def test_a_classifier_of_other_data_is_refused(root, read):
    record = root / "runs" / "latent" / "reader" / "record.json"
    artifacts.write_json(record, {"data_sha256": "of other data"})
    with pytest.raises(ConfigError) as caught:
        layout.read_runs(root, read, "stacked")
    assert str(caught.value) == (
        f"{root / 'data' / 'digits.npz'}: not the data that {record.parent} was trained on; run `dvc repro` for the "
        "whole pipeline"
    )


def pickled(path):
    np.savez(path, **READER.arrays() | {"weights_0": np.array([{"a": 1}], dtype=object)}, allow_pickle=True)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda path: path.write_bytes(b""), "No data left"),
        (lambda path: path.write_bytes(path.read_bytes()[:900]), "File is not a zip file"),
        (lambda path: path.write_bytes(b"not an npz at all"), "pickle"),
        (pickled, "allow_pickle=False"),
        (
            lambda path: artifacts.write_npz(path, {"train": np.zeros((2, 8, 8))}),
            "the arrays of a classifier are missing",
        ),
        (lambda path: artifacts.write_npz(path, READER.arrays() | {"offsets_0": np.zeros(3)}), "do not fit together"),
    ],
    ids=["empty", "cut", "no npz", "pickles", "few arrays", "other shapes"],
)
def test_spoilt_weights_are_refused_in_one_line(root, read, spoil, why):
    file = root / "runs" / "latent" / "reader" / "weights.npz"
    spoil(file)
    with pytest.raises(ConfigError) as caught:
        layout.read_runs(root, read, "stacked")
    line = str(caught.value)
    assert line.startswith(f"{file}: not the weights of a classifier (")
    assert why in line
    assert line.endswith("; remove it and run `dvc repro`")
    assert "\n" not in line


def test_missing_weights_are_named(root, read):
    (root / "runs" / "latent" / "reader" / "weights.npz").unlink()
    with pytest.raises(FileNotFoundError):
        layout.read_runs(root, read, "stacked")


def test_runs_that_were_asked_for_longest_ago_are_let_go(root, plan, monkeypatch):
    asked, read = [], layout.read_runs
    monkeypatch.setattr(layout, "read_runs", lambda *args: asked.append(args[-1]) or read(*args))
    one = read(root, plan, "one")
    size = one.real.nbytes + one.samples.nbytes + one.snapshots.nbytes
    both = layout.AllRuns(root, plan, most=100 * size)
    assert [both[name].experiment for name in ("one", "two", "one", "two")] == ["one", "two"] * 2
    assert asked == ["one", "two"]
    asked.clear()
    small = layout.AllRuns(root, plan, most=1)
    assert small["one"] is small["one"]  # the last one stays, however large it is
    assert [small[name].experiment for name in ("two", "two", "one")] == ["two", "two", "one"]
    assert asked == ["one", "two", "one"]
