"""One experiment from its data to its arrays: jobs, their keys and checkpoints, and how results are joined."""

import os
from dataclasses import replace

import numpy as np
import pytest
import tiny
import torch

from modescope.engine import experiments, tasks
from modescope.engine.checkpoint import Checkpoint
from modescope.engine.experiments import DEVICE_VARIABLE, collect, prepare, work
from modescope.engine.training import Trained, train
from modescope.store import artifacts
from modescope.store.plan import TrainingPage

ARMS = ["latent_dim=3", "latent_dim=1"]
SWEEP = {"latent_dim": [3, 1]}
TWO_FIT = 2 * 49 * 8  # the work of two replicas of the larger arm: 49 parameters, batches of at most eight points


@pytest.fixture(autouse=True)
def restored(monkeypatch):
    """Undoes what `work` configures: it runs in the process of all tests."""
    monkeypatch.setenv(DEVICE_VARIABLE, "cpu")
    monkeypatch.setattr(tasks, "STACKED_WORK", TWO_FIT)
    environment, threads = dict(os.environ), torch.get_num_threads()
    yield
    os.environ.clear()
    os.environ.update(environment)
    torch.set_num_threads(threads)
    torch.set_flush_denormal(False)
    torch.use_deterministic_algorithms(False)


@pytest.fixture(scope="module")
def sets():
    rng = np.random.default_rng(0)
    return {part: rng.normal(size=(n, 2)).astype(np.float32) for part, n in (("train", 50), ("test", 20))}


IDENTITY = {"experiment": "tiny", "page": "p", "data": "d", "code": "c", "variant": "v", "torch": "t"}


def prepared(sets, folder, effort=0.5, identity=IDENTITY, **changes):
    page = TrainingPage(experiment=tiny.experiment(**({"sweep": SWEEP} | changes)), effort=effort, samples=7)
    return prepare(page, sets, identity, folder / "checkpoints")


@pytest.fixture(scope="module")
def done(sets, tmp_path_factory):
    """The tasks of the tiny experiment (two arms of three seeds) and their results."""
    folder = tmp_path_factory.mktemp("done")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DEVICE_VARIABLE, "cpu")
        patch.setattr(tasks, "STACKED_WORK", TWO_FIT)
        jobs = prepared(sets, folder)
    return [job.task for job in jobs], [train(job.task, job.train_set) for job in jobs]


def test_prepare_gives_a_job_a_task_with_the_sets(sets, tmp_path):
    jobs = prepared(sets, tmp_path)
    assert [(job.task.arm, job.task.seeds) for job in jobs] == [(arm, s) for arm in ARMS for s in ([0, 1], [2])]
    assert {job.task.steps for job in jobs} == {10}
    assert {job.task.n_samples for job in jobs} == {7}
    for job in jobs:
        assert job.train_set is sets["train"]
        assert job.held_out is sets["test"]
        assert job.device == "cpu"
    assert len({job.key for job in jobs}) == len(jobs)
    assert not (tmp_path / "checkpoints").exists()  # created only when a checkpoint is saved


def test_keys_are_those_of_the_same_work_alone(sets, tmp_path):
    def keys(**options):
        return [job.key for job in prepared(sets, tmp_path, **options)]

    first = keys()
    assert keys() == first
    others = [
        keys(effort=0.6),
        keys(generator_batch=5),
        keys(optimizers__generator={"learning_rate": 0.011}),
        *(keys(identity=IDENTITY | {name: "another"}) for name in IDENTITY if name != "page"),
    ]
    assert len({key for found in (first, *others) for key in found}) == len(first) * (1 + len(others))
    # a page also has the other arms, which a task does not depend on
    assert keys(identity=IDENTITY | {"page": "another"}) == first
    assert keys(sweep={"latent_dim": [1]}) == first[2:]


def test_a_gpu_takes_an_arm_at_once(sets, tmp_path, monkeypatch):
    monkeypatch.setenv(DEVICE_VARIABLE, "cuda")
    jobs = prepared(sets, tmp_path)
    assert [(job.task.arm, job.task.seeds, job.device) for job in jobs] == [(arm, [0, 1, 2], "cuda") for arm in ARMS]


@pytest.mark.parametrize(
    ("variable", "has_cuda", "expected"), [("cpu", True, "cpu"), ("", True, "cuda"), ("", False, "cpu")]
)
def test_the_device_is_cuda_where_there_is_one_unless_told_otherwise(monkeypatch, variable, has_cuda, expected):
    monkeypatch.setenv(DEVICE_VARIABLE, variable)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_cuda)
    assert experiments.device().type == expected


def test_work_saves_what_it_did_and_does_it_once(sets, tmp_path):
    job, told = prepared(sets, tmp_path)[0], []
    first = work(job, told.append)
    assert Checkpoint(tmp_path / "checkpoints", job.key).load()["step"] == 10
    second = work(job, told.append)
    assert told == [20, 20]
    for result in (second, train(job.task, job.train_set)):
        np.testing.assert_array_equal(first.views["samples"], result.views["samples"])


def test_work_elsewhere_leaves_no_checkpoint(sets, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    job = replace(prepared(sets, tmp_path)[0], checkpoints=None)
    assert work(job, lambda n: None).views["samples"].shape == (2, 7, 2)
    assert list(tmp_path.iterdir()) == []


def test_collected_arrays_have_a_row_for_each_run_in_order(done):
    collected = collect(*done)
    arms, seeds = [arm for arm in ARMS for _ in range(3)], [0, 1, 2] * 2
    for arrays in (collected.samples, collected.snapshots):
        assert arrays["arm"].tolist() == arms
        assert arrays["seed"].tolist() == seeds
    assert collected.samples["samples"].shape == (6, 7, 2)
    assert collected.snapshots["samples"].shape == (6, 5, 3, 2)
    assert collected.snapshots["step"].tolist() == [0, 2, 5, 8, 10]
    # each arm has two tasks: seeds 0 and 1, and seed 2
    rows = [(task, row) for task, result in enumerate(done[1]) for row in range(len(result.views["samples"]))]
    for run, (task, row) in enumerate(rows):
        np.testing.assert_array_equal(collected.samples["samples"][run], done[1][task].views["samples"][row])
        np.testing.assert_array_equal(collected.snapshots["samples"][run], done[1][task].snapshots["samples"][row])
    assert collected.diverged == []


def test_collected_weights_are_kept_by_arm(done):
    weights = collect(*done).weights
    assert weights["latent_dim=3/generator.layers.0.weight"].shape == (3, 3, 5)
    assert weights["latent_dim=1/generator.layers.0.weight"].shape == (3, 1, 5)
    assert {key.split("/")[0] for key in weights} == set(ARMS)
    assert len(weights) == 2 * 8
    np.testing.assert_array_equal(
        weights["latent_dim=1/discriminator.layers.1.bias"][2], done[1][3].weights["discriminator.layers.1.bias"][0]
    )


def test_collected_history_is_long(done):
    history = collect(*done).history
    terms = ["discriminator_loss", "discriminator_real", "discriminator_fake", "generator_loss", "generator_fake"]
    assert list(history) == ["arm", "seed", "step", *terms]
    keys = list(history[["arm", "seed", "step"]].itertuples(index=False, name=None))
    assert keys == [(arm, seed, step) for arm in ARMS for seed in range(3) for step in range(1, 11)]
    of_run = history[(history["arm"] == "latent_dim=3") & (history["seed"] == 1)]
    np.testing.assert_array_equal(of_run["generator_loss"], done[1][0].history["generator_loss"][:, 1])


def test_collected_names_the_diverged_runs(done):
    planned, results = done
    assert collect(planned, marked(results, [[-1, 4], [-1], [7, -1], [2]])).diverged == [
        {"arm": "latent_dim=3", "seed": 1, "step": 4, "term": "term 4"},
        {"arm": "latent_dim=1", "seed": 0, "step": 7, "term": "term 7"},
        {"arm": "latent_dim=1", "seed": 2, "step": 2, "term": "term 2"},
    ]


def marked(results, steps):
    """The results as if their runs had diverged at these steps, each in a term of its own."""
    terms = [[f"term {step}" if step >= 0 else "" for step in of_task] for of_task in steps]
    marks = [{"diverged_at": at, "non_finite": names} for at, names in zip(steps, terms, strict=True)]
    return [Trained(**(vars(result) | mark)) for result, mark in zip(results, marks, strict=True)]


def test_averages_are_arms_after_all_live_ones(sets, tmp_path):
    jobs = prepared(sets, tmp_path, effort=0.2, ema={"decay": 0.999})
    planned, results = [job.task for job in jobs], [train(job.task, job.train_set) for job in jobs]
    collected = collect(planned, marked(results, [[-1, 4], [-1], [-1, -1], [2]]))
    averages = [f"{arm},ema=0.999" for arm in ARMS]
    for arrays in (collected.samples, collected.snapshots):
        assert arrays["arm"].tolist() == [arm for arm in [*ARMS, *averages] for _ in range(3)]
        assert arrays["seed"].tolist() == [0, 1, 2] * 4
    assert planned[0].settings.ema.decay == 0.999
    live = np.concatenate([result.views["samples"] for result in results])
    averaged = np.concatenate([result.averaged[0]["samples"] for result in results])
    assert not np.array_equal(live, averaged)
    np.testing.assert_array_equal(collected.samples["samples"], np.concatenate([live, averaged]))
    watched = [r.snapshots["samples"] for r in results] + [r.averaged[1]["samples"] for r in results]
    np.testing.assert_array_equal(collected.snapshots["samples"], np.concatenate(watched))
    assert collected.diverged == [
        {"arm": "latent_dim=3", "seed": 1, "step": 4, "term": "term 4"},
        {"arm": "latent_dim=1", "seed": 2, "step": 2, "term": "term 2"},
        {"arm": "latent_dim=3,ema=0.999", "seed": 1, "step": 4, "term": "term 4"},
        {"arm": "latent_dim=1,ema=0.999", "seed": 2, "step": 2, "term": "term 2"},
    ]
    # history and weights exist once, for the live arms
    assert list(dict.fromkeys(collected.history["arm"])) == ARMS
    assert {key.split("/")[0] for key in collected.weights} == set(ARMS)


def test_the_history_is_that_of_the_first_seeds(done, monkeypatch):
    monkeypatch.setattr(experiments, "HISTORY_SEEDS", 2)  # the last task of each arm has only seed 2
    collected = collect(*done)
    assert sorted(set(collected.history["seed"])) == [0, 1]
    assert list(dict.fromkeys(collected.history["arm"])) == ARMS
    assert collected.samples["seed"].tolist() == [0, 1, 2] * 2
    monkeypatch.setattr(experiments, "HISTORY_SEEDS", 1)
    assert set(collect(*done).history["seed"]) == {0}


def test_what_is_collected_can_be_written(done, tmp_path):
    collected = collect(*done)
    for name in ("samples", "snapshots", "weights"):
        arrays = getattr(collected, name)
        artifacts.write_npz(tmp_path / f"{name}.npz", arrays)
        back = artifacts.read_npz(tmp_path / f"{name}.npz")
        assert set(back) == set(arrays)
        assert all(np.array_equal(back[key], value) for key, value in arrays.items())
