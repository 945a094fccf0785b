"""The queue's tasks on a real scheduler with workers on this machine: results, losses, refusals."""

import contextlib
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import cluster_tasks
import numpy as np
import pytest
import tiny

from modescope.engine.experiments import Job
from modescope.engine.training import train
from modescope.executors import CrashError
from modescope.params.config import ConfigError
from modescope.queue import cluster, dealing, likeness, parcel

HERE = Path(__file__).resolve().parent
PATIENCE_S = 60.0  # for what takes a second on an idle machine


def until(condition, what):
    """Wait until the condition holds; returns its value."""
    end = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)
    return value


class Dask:
    """A scheduler on a free port of this machine, and its workers, each a process, with the package in `package`."""

    def __init__(self, folder, package, **settings):
        self.folder, self.package, self.processes = folder, package, []
        where = folder / "scheduler.json"
        settings = {f"DASK_DISTRIBUTED__{name}": value for name, value in settings.items()}
        self.scheduler = self.start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(where), **settings
        )

        def address():
            with contextlib.suppress(OSError, ValueError):
                return json.loads(where.read_text(encoding="utf-8"))["address"]

        self.address = until(address, "the scheduler")

    def worker(self, *paths, threads=1):
        """A worker that imports from `paths` before all else. Without a nanny: what is lost stays lost."""
        options = ["--no-nanny", "--host", "127.0.0.1", "--nthreads", str(threads)]
        return self.start("worker", self.address, *options, paths=paths or [self.package])

    def start(self, command, *arguments, paths=(), **environment):
        environment["PYTHONPATH"] = os.pathsep.join(map(str, [*(paths or [self.package]), HERE]))
        log = self.folder / f"{command}-{len(self.processes)}.log"
        with log.open("w", encoding="utf-8") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", command, *arguments, "--no-dashboard"],
                cwd=self.folder,
                env=os.environ | {"DASK_TEMPORARY_DIRECTORY": str(self.folder)} | environment,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """Makes a scheduler; all processes end with the tests of this file.

    The package is a copy, so that whoever edits a file meanwhile does not have the workers refused.
    """
    package, made = tmp_path_factory.mktemp("package"), []
    shutil.copytree(Path(cluster.__file__).parents[1], package / "modescope")
    code = "import json; from modescope.queue import likeness; print(json.dumps(likeness.facts()))"
    environment = os.environ | {"PYTHONPATH": str(package)}
    facts = json.loads(subprocess.check_output([sys.executable, "-c", code], cwd=package, env=environment))

    def new(**settings):
        made.append(Dask(tmp_path_factory.mktemp("dask"), package, **settings))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likeness, "facts", lambda: facts)
        yield new
    for dask in made:
        dask.stop()


@pytest.fixture(scope="module")
def dask(make):
    """A scheduler and two workers."""
    made = make()
    made.pair = [made.worker(), made.worker()]
    return made


def two_workers(pool):
    until(lambda: pool.size() == 2, "both workers")


def test_tasks_run_on_all_workers_in_their_order(dask):
    with cluster.connect(dask.address, 12) as pool:
        two_workers(pool)
        tasks = [(n, 0.02) for n in range(12, 0, -1)]
        futures = [pool.submit(cluster_tasks.loop, task, slot) for slot, task in enumerate(tasks)]
        assert {future.result(PATIENCE_S) for future in futures} == {worker.pid for worker in dask.pair}
        until(lambda: list(pool.done()) == [n for n, _ in tasks], "all units")


def test_the_exception_of_a_task_comes_out_and_the_next_runs(dask):
    with cluster.connect(dask.address, 3) as pool:
        bad, good = pool.submit(cluster_tasks.fail, "mine", 0), pool.submit(cluster_tasks.loop, (1, 0.0), 1)
        with pytest.raises(KeyError, match="mine"):
            bad.result(PATIENCE_S)
        assert good.result(PATIENCE_S) in {worker.pid for worker in dask.pair}
        with pytest.raises((AttributeError, pickle.PicklingError)):
            pool.submit(lambda task, report: task, 1, 2)


def test_a_large_array_arrives_once_whole_and_writable_and_leaves(dask):
    array, same = np.arange(parcel.LARGE, dtype=np.float64), parcel.same
    with cluster.connect(dask.address, 6) as pool, pytest.MonkeyPatch.context() as patch:
        two_workers(pool)
        sent, submit = [], pool._client.submit
        patch.setattr(
            pool._client,
            "submit",
            lambda function, *a, **k: sent.append(function) or submit(function, *a, **k),
        )
        futures = [pool.submit(cluster_tasks.total, array.copy(), slot) for slot in range(6)]
        assert {future.result(PATIENCE_S) for future in futures} == {(array.sum(), True)}
        assert sent.count(same) == 1
        assert pool._inputs == {}


def test_what_nobody_waits_for_is_left(dask):
    with cluster.connect(dask.address, 3) as pool:
        two_workers(pool)
        futures = [pool.submit(cluster_tasks.loop, (10 * 600, 0.1), slot) for slot in range(3)]
        until(lambda: all(pool.done()[:2]), "their first messages")
    assert futures[2].cancelled()
    with cluster.connect(dask.address, 2) as pool:  # ten minutes too early, had they gone on
        two_workers(pool)
        futures = [pool.submit(cluster_tasks.loop, (2, 0.1), slot) for slot in range(2)]
        assert {future.result(PATIENCE_S) for future in futures} == {worker.pid for worker in dask.pair}


# Trainings


STEPS = 64 * 8  # eight reports


@pytest.fixture(scope="module")
def jobs():
    """Two tasks of the tiny experiment that share a train set which is large enough to travel apart."""
    rng = np.random.default_rng(0)
    train_set, held_out = (rng.normal(size=(n, 2)).astype(np.float32) for n in (parcel.LARGE // 8, 20))
    tasks = [tiny.task(seeds=seeds, steps=STEPS, ema={"decay": 0.9}) for seeds in ([0, 1], [2])]
    return [
        Job(task=task, key=str(i), train_set=train_set, held_out=held_out, device="cpu", checkpoints=None)
        for i, task in enumerate(tasks)
    ]


def arrays(trained):
    """Every array of a result, by its name."""
    parts = [trained.views, trained.snapshots, trained.weights, trained.history, *trained.averaged]
    return {(i, name): array for i, part in enumerate(parts) for name, array in part.items()}


def test_a_worker_that_is_killed_costs_time_and_no_bit(dask, jobs):
    """Keep last of the tests that use both workers."""
    local = [train(job.task, job.train_set, held_out=job.held_out) for job in jobs]
    with cluster.connect(dask.address, len(jobs)) as pool:
        two_workers(pool)
        futures = [pool.submit(cluster_tasks.slow_work, job, slot) for slot, job in enumerate(jobs)]
        until(lambda: all(pool.done()), "progress of both")
        before = list(pool.done())
        dask.pair[0].send_signal(signal.SIGKILL)
        until(lambda: 0 in pool.done(), "the lost task to begin anew")
        assert 0 < max(pool.done()) >= min(before)  # the other goes on
        results = [future.result(PATIENCE_S) for future in futures]
        until(lambda: list(pool.done()) == [STEPS * len(job.task.seeds) for job in jobs], "all units")
        assert pool.size() == 1
    for here, there in zip(local, results, strict=True):
        expected, found = arrays(here), arrays(there)
        assert expected.keys() == found.keys()
        assert {name: array.tobytes() for name, array in expected.items()} == {
            name: array.tobytes() for name, array in found.items()
        }
        assert here.diverged_at == there.diverged_at


def test_a_task_that_kills_its_workers_is_named_and_the_scheduler_may_be_lost(make, monkeypatch):
    monkeypatch.setattr(dealing, "MOST_LOSSES", 0)
    dask = make(SCHEDULER__ALLOWED_FAILURES="0")
    dask.worker(), dask.worker()
    with cluster.connect(dask.address, 4) as pool:
        two_workers(pool)
        deadly = pool.submit(cluster_tasks.die, None, 0)
        others = [pool.submit(cluster_tasks.loop, (3, 0.01), slot) for slot in (1, 2)]
        with pytest.raises(CrashError, match=r"^workers lost while running it: 1, the last at tcp://.*; out of memory"):
            deadly.result(PATIENCE_S)
        assert len({other.result(PATIENCE_S) for other in others}) == 1
        futures = [pool.submit(cluster_tasks.loop, (6000, 0.1), slot) for slot in (1, 2)]
        until(lambda: pool.size() == 1, "the count of the workers")
        dask.scheduler.kill()
        for future in futures:
            with pytest.raises(ConfigError, match="the scheduler was lost; start it and its workers"):
                future.result(PATIENCE_S)
        with pytest.raises(ConfigError, match="the scheduler was lost"):
            pool.submit(cluster_tasks.loop, (1, 0.0), 3).result(PATIENCE_S)


def test_tasks_wait_for_a_new_worker_where_the_last_is_lost(make):
    dask = make()
    first = dask.worker()
    with cluster.connect(dask.address, 3) as pool:
        array = np.ones(parcel.LARGE)
        futures = [pool.submit(cluster_tasks.loop, (15, 0.1), 0)]
        futures += [pool.submit(cluster_tasks.total, array, slot) for slot in (1, 2)]
        until(lambda: pool.done()[0], "progress")
        first.kill()
        until(lambda: pool.size() == 0, "the count of the workers")
        second = dask.worker()
        assert [future.result(PATIENCE_S) for future in futures] == [second.pid] + 2 * [(array.sum(), True)]


# Refusals


def refused(address):
    """The one line with which an address is refused."""
    with pytest.raises(ConfigError) as error, cluster.connect(address, 1):
        pass
    line = str(error.value)
    assert line.startswith(f"DASK_SCHEDULER_ADDRESS={address}: ")
    assert "\n" not in line
    return line


def test_without_distributed_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert refused("tcp://127.0.0.1:1").endswith("needs the package distributed: pip install 'modescope[cluster]'")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "127.0.0.1:1", "post://here"])
def test_an_address_where_nobody_answers(monkeypatch, address):
    monkeypatch.setattr(cluster, "ANSWER_S", 0.3)
    line = refused(address)
    assert "no scheduler answers (" in line
    assert line.endswith("start one: dask scheduler")


def unlike(package, root):
    """What the paths of other workers hold: no modescope, another one, another PyTorch."""
    hidden, other, torch = (root / name for name in ("hidden", "other", "torch"))
    hidden.mkdir()
    # Wherever one is: beside the code under test, also in another checkout that is installed.
    kept = "[path for path in sys.path if not (pathlib.Path(path) / 'modescope').is_dir()]"
    (hidden / "sitecustomize.py").write_text(f"import pathlib, sys\nsys.path[:] = {kept}\n", encoding="utf-8")
    (other / "modescope").mkdir(parents=True)
    (other / "modescope" / "__init__.py").touch()
    (torch / "torch-1.0.dist-info").mkdir(parents=True)
    metadata = "Metadata-Version: 2.1\nName: torch\nVersion: 1.0\n"
    (torch / "torch-1.0.dist-info" / "METADATA").write_text(metadata, encoding="utf-8")
    return [hidden], [other], [torch, package]


def test_unlike_workers_are_refused_and_get_no_task_if_they_come_later(make, monkeypatch, tmp_path, capsys):
    dask = make()
    monkeypatch.setattr(cluster, "WORKERS_S", 0.3)
    line = refused(dask.address)
    mend = f"dask worker {dask.address} --nworkers N --nthreads 1 --host 127.0.0.1"
    assert line.endswith(f"no worker came in 0 s; start some: {mend}")
    assert "waits for a worker" in capsys.readouterr().err
    monkeypatch.setattr(cluster, "WORKERS_S", PATIENCE_S)
    good = dask.worker()
    heard = ""

    def told(n):
        nonlocal heard
        heard += capsys.readouterr().err
        return heard.count("gets no task") == n

    with cluster.connect(dask.address, 8) as pool:
        for paths in unlike(dask.package, tmp_path):
            dask.worker(*paths)
        dask.worker(threads=2)
        until(lambda: told(4), "all four")
        assert pool.size() == 1
        futures = [pool.submit(cluster_tasks.loop, (1, 0.01), slot) for slot in range(8)]
        assert {future.result(PATIENCE_S) for future in futures} == {good.pid}
    lines = sorted(line.split("gets no task: ")[1] for line in heard.splitlines() if "gets no task" in line)
    beginnings = [
        "a worker of 2 threads; must be 1",
        "modescope is missing;",
        "modescope source ",
        "torch 1.0; must be ",
    ]
    assert [line[: len(words)] for line, words in zip(lines, beginnings, strict=True)] == beginnings
    good.kill()
    good.wait()
    assert any(words in refused(dask.address) for words in beginnings)
