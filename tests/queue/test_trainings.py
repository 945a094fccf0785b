"""The queue: longest first, crashes named while the others go on, and a next call that continues."""

import errno
import json
import os
import signal

import numpy as np
import pytest
import tiny
import torch

from modescope.engine import tasks
from modescope.engine.experiments import DEVICE_VARIABLE
from modescope.engine.training import train as alone
from modescope.params.config import ConfigError
from modescope.queue import cluster, pools, trainings
from modescope.queue.trainings import timed, train
from modescope.store import artifacts, results
from modescope.store.plan import TrainingPage
from modescope.store.results import Results

ARMS = ["latent_dim=1", "latent_dim=3"]
ENTRIES = {
    "short": tiny.experiment(steps=5),
    "long": tiny.experiment(steps=200, ema={"decay": 0.9}),
    "swept": tiny.experiment(steps=10, sweep={"latent_dim": [1, 3]}),
}
FILES = {"samples.npz", "snapshots.npz", "weights.npz", "history.csv", "run.json"}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A root with data and three pages; two replicas fit into a task."""
    monkeypatch.setenv(DEVICE_VARIABLE, "cpu")
    monkeypatch.delenv(cluster.VARIABLE, raising=False)
    monkeypatch.setattr(tasks, "STACKED_WORK", 2 * 49 * 8)
    rng = np.random.default_rng(0)
    sets = {part: rng.normal(size=(n, 2)).astype(np.float32) for part, n in (("train", 50), ("test", 20))}
    artifacts.write_npz(tmp_path / "data" / "blob.npz", sets)
    for name, entry in ENTRIES.items():
        page = TrainingPage(experiment=entry, effort=1.0, samples=9)
        artifacts.write_json(tmp_path / "plan" / "train" / f"{name}.json", page.model_dump())
    artifacts.write_json(tmp_path / "digests" / "training_code.json", {})
    return tmp_path


@pytest.fixture
def order(monkeypatch):
    """(experiment, arm, first seed) of every task as submitted; the tasks run in this process."""
    seen = []

    class Pool(pools.Here):
        def submit(self, function, task, slot):
            seen.append((task.task.experiment, task.task.arm, task.task.seeds[0]))
            return super().submit(function, task, slot)

    class Opened:
        def __init__(self, jobs):
            self.pool = Pool(len(jobs))

        def __enter__(self):
            return self.pool

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(pools, "opened", Opened)
    return seen


def key(root, name):
    return results.key(results.identity(root, name, "blob", "gan"))


def stored(root, name):
    return root / results.FOLDER / "results" / key(root, name)


def samples(root, name):
    return artifacts.read_npz(stored(root, name) / "samples.npz")


def test_the_longest_task_goes_first_and_every_experiment_is_stored(root, order):
    assert train(root, list(ENTRIES)) == []
    assert order == [
        ("long", "base", 0),
        ("long", "base", 2),
        ("swept", "latent_dim=3", 0),
        ("swept", "latent_dim=1", 0),
        ("swept", "latent_dim=3", 2),
        ("short", "base", 0),
        ("swept", "latent_dim=1", 2),
        ("short", "base", 2),
    ]
    for name, entry in ENTRIES.items():
        assert Results(root).has(key(root, name))
        assert {path.name for path in stored(root, name).iterdir()} == FILES
        record = json.loads((stored(root, name) / "run.json").read_text(encoding="utf-8"))
        assert record["steps"] == entry.steps
        assert record["data_sha256"] == artifacts.sha256(root / "data" / "blob.npz")
        assert record["samples_sha256"] == artifacts.sha256(stored(root, name) / "samples.npz")
        assert all(cost > 0 for cost in record["multiply_adds"].values())
        assert list(record["multiply_adds"]) == entry.all_arms()
    timings = (root / "timings.csv").read_text(encoding="utf-8").splitlines()
    assert timings[0] == "experiment,arm,first_seed,seeds,steps,seconds"
    assert {line.rsplit(",", 1)[0] for line in timings[1:]} >= {"long,base,0,2,200", "long,base,2,1,200"}
    assert len(timings) == 1 + len(order)
    left = {path.name for path in (root / results.FOLDER).iterdir()}
    assert left == {"results"}, "a checkpoint or a finished task was not removed"


def test_processes_give_what_a_training_alone_gives(root, monkeypatch):
    monkeypatch.setattr(pools.machine, "cores", lambda: 2)
    assert train(root, ["swept"]) == []
    found = samples(root, "swept")
    sets = artifacts.read_npz(root / "data" / "blob.npz")
    for arm, settings in ENTRIES["swept"].arms():
        for seeds in ([0, 1], [2]):
            expected = alone(tasks.Task("swept", arm, settings, seeds, 10, 9), sets["train"]).views["samples"]
            for seed, run in zip(seeds, expected, strict=True):
                row = list(zip(found["arm"].tolist(), found["seed"].tolist(), strict=True)).index((arm, seed))
                np.testing.assert_array_equal(found["samples"][row], run)


def test_a_second_call_for_the_same_has_nothing_to_train(root, order):
    train(root, ["swept"])
    before = samples(root, "swept")["samples"]
    (stored(root, "swept") / "run.json").unlink()  # as if the writing had been cut short
    del order[:]
    train(root, ["swept"])
    assert len(order) == 4
    np.testing.assert_array_equal(samples(root, "swept")["samples"], before)


def bad_seed(job, report):
    if (job.task.experiment, job.task.seeds) == ("swept", [2]) and job.task.arm == ARMS[1]:
        report(3)
        raise ZeroDivisionError("no such luck")
    return timed(job, report)


def killed_seed(job, report):
    try:
        return bad_seed(job, report)
    except ZeroDivisionError:
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("kill", [False, True], ids=["exception", "killed"])
def test_a_crash_is_named_the_others_end_and_the_next_call_continues(root, monkeypatch, capfd, kill):
    monkeypatch.setattr(pools.machine, "cores", lambda: 2)
    monkeypatch.setattr(trainings, "timed", killed_seed if kill else bad_seed)
    crashed = train(root, list(ENTRIES))
    said = "CrashError: the process that ran it has ended" if kill else "ZeroDivisionError: no such luck"
    assert len(crashed) == 1
    assert crashed[0].startswith(f"swept, arm latent_dim=3, seed 2: {said}")
    err = capfd.readouterr().err
    assert f"modescope: {crashed[0]}; the other trainings go on" in err
    assert kill or "in bad_seed" in err  # the traceback of the worker
    assert [Results(root).has(key(root, name)) for name in ENTRIES] == [True, True, False]
    assert len(list((root / results.FOLDER).glob("*.npz"))) == 3  # the finished tasks of the unfinished experiment

    monkeypatch.undo()
    monkeypatch.setenv(DEVICE_VARIABLE, "cpu")
    monkeypatch.setattr(tasks, "STACKED_WORK", 2 * 49 * 8)
    submitted = []
    monkeypatch.setattr(trainings, "timed", lambda job, report: submitted.append(job.task.seeds) or timed(job, report))
    monkeypatch.setattr(pools, "device", lambda: torch.device("cuda"))  # so all runs in this process
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert train(root, ["swept"]) == []
    assert submitted == [[2]]
    assert Results(root).has(key(root, "swept"))


def full_disk(job, report):
    if job.task.experiment == "long":
        raise OSError(errno.ENOSPC, "No space left on device", "x.pt")
    return timed(job, report)


def test_a_full_disk_ends_the_queue_once_and_the_next_call_continues(root, order, monkeypatch, capfd):
    with monkeypatch.context() as patch:
        patch.setattr(trainings, "timed", full_disk)
        with pytest.raises(OSError, match=r"No space left on device: 'x\.pt'"):
            train(root, list(ENTRIES))
    assert "go on" not in capfd.readouterr().err
    assert train(root, list(ENTRIES)) == []
    assert all(Results(root).has(key(root, name)) for name in ENTRIES)


def test_timings_are_added_whole_or_not_at_all(root, order, monkeypatch):
    train(root, ["short"])
    before = (root / "timings.csv").read_bytes()
    train(root, ["long"])
    assert (root / "timings.csv").read_bytes().startswith(before)
    assert (root / "timings.csv").read_bytes().count(b"experiment") == 1
    assert [path.name for path in root.glob(".*.part")] == []


def test_all_tasks_finished_but_not_joined(root, order, monkeypatch):
    """Killed between the last task's file and the files of the experiment: nothing is trained again."""
    with monkeypatch.context() as patch:
        patch.setattr(trainings, "_finish", lambda *_: None)
        train(root, ["short"])
    # the last task has no file of its own then; so it alone is run again
    del order[:]
    train(root, ["short"])
    assert order == [("short", "base", 2)]
    assert Results(root).has(key(root, "short"))


def test_a_damaged_task_is_removed_and_said(root, order, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(trainings, "_finish", lambda *_: None)
        train(root, ["short"])
    damaged = next((root / results.FOLDER).glob("*.npz"))
    damaged.write_bytes(b"half of a res")
    with pytest.raises(ConfigError, match=r"damaged, now removed; the next call trains it again"):
        train(root, ["short"])
    assert not damaged.exists()
    train(root, ["short"])
    assert Results(root).has(key(root, "short"))


def test_the_summary_names_every_crash():
    assert trainings.summary(["a, arm base: KeyError", "b, arm base: KeyError"]).splitlines() == [
        "modescope: crashed: 2",
        "  a, arm base: KeyError",
        "  b, arm base: KeyError",
        "The next call continues with what is missing.",
    ]
