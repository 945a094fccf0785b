"""Tasks in worker processes or in this one: results in order, exceptions raised, the environment unchanged."""

import multiprocessing
import multiprocessing.forkserver
import os
import pathlib
import threading
import time

import pytest

from modescope import executors


def describe(task, report):
    """The task, its square and the worker's environment; sleeps so that later tasks end first."""
    time.sleep(0.05 * (3 - task) if task < 3 else 0)
    for _ in range(task):
        report(1)
    return task, task**2, os.environ.get("OMP_NUM_THREADS"), os.getpid()


def fail_at_one(task, report):
    if task == 1:
        raise KeyError("the bad task")
    time.sleep(30)  # terminated before it ends


class BrokenError(Exception):
    pass


def run(function, n, **options):
    options = {"units": sum(range(n)), "unit": "units", "describe": "test", "preload": "modescope.executors"} | options
    return executors.run(function, list(range(n)), **options)


@pytest.fixture
def bars(monkeypatch):
    """All progress bars."""
    made = []
    original = executors.tqdm

    def make(*args, **kwargs):
        made.append(original(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(executors, "tqdm", make)
    return made


@pytest.mark.parametrize("n_cores", [1, 2])
def test_results_come_in_the_order_of_the_tasks(monkeypatch, bars, n_cores):
    monkeypatch.setattr(executors, "cores", lambda: n_cores)
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MALLOC_TOP_PAD_", raising=False)
    before = dict(os.environ)
    results = run(describe, 4)
    assert [(task, square) for task, square, *_ in results] == [(0, 0), (1, 1), (2, 4), (3, 9)]
    assert {threads for *_, threads, _ in results} == {"1"}
    processes = {pid for *_, pid in results}
    assert 1 <= len(processes) <= n_cores
    assert os.getpid() not in processes
    assert dict(os.environ) == before
    assert [bar.n for bar in bars] == [6]


def test_the_exception_of_a_task_comes_out_and_the_others_are_abandoned(monkeypatch):
    monkeypatch.setattr(executors, "cores", lambda: 2)
    before, start = dict(os.environ), time.monotonic()
    with pytest.raises(KeyError, match="the bad task"):
        run(fail_at_one, 3)
    while any(process.is_alive() for process in multiprocessing.active_children()):
        assert time.monotonic() - start < 20
        time.sleep(0.05)
    assert dict(os.environ) == before


def test_in_process_runs_here_and_in_order(bars):
    seen = []

    def function(task, report):
        seen.append((task, os.getpid(), threading.get_ident()))
        report(task)
        return -task

    assert run(function, 4, in_process=True) == [0, -1, -2, -3]
    assert seen == [(task, os.getpid(), threading.get_ident()) for task in range(4)]
    assert [bar.n for bar in bars] == [6]


def test_in_process_exceptions_come_out():
    def function(task, report):
        raise BrokenError(task)

    with pytest.raises(BrokenError, match="0"):
        run(function, 2, in_process=True)


@pytest.mark.parametrize(("n_cores", "n_tasks", "workers"), [(1, 3, 1), (2, 3, 2), (4, 3, 3)])
def test_a_pool_has_a_worker_for_each_core_that_has_a_task(monkeypatch, n_cores, n_tasks, workers):
    monkeypatch.setattr(executors, "cores", lambda: n_cores)
    with executors.process_pool(n_tasks, "modescope.executors") as (pool, progress):
        assert pool._max_workers == workers
        assert list(progress) == [0] * n_tasks


@pytest.mark.parametrize("in_process", [False, True])
def test_no_tasks_start_nothing(monkeypatch, in_process):
    monkeypatch.setattr(executors, "process_pool", lambda *_: pytest.fail("a pool was made"))
    assert run(describe, 0, in_process=in_process) == []


def test_the_progress_goes_to_stderr(capsys):
    run(lambda task, report: report(1), 2, in_process=True, describe="latent_spiral")
    out, err = capsys.readouterr()
    assert out == ""
    assert "latent_spiral" in err


def test_cores_are_those_this_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 3, 5}, raising=False)
    assert executors.cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert executors.cores() == 4
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert executors.cores() == 1


# A fork server that is started ahead


def parent(task, report):
    return os.getppid()


@pytest.fixture
def no_server():
    """No fork server, before and after the test."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        pytest.skip("this system has no fork server")
    server = multiprocessing.forkserver._forkserver
    server._stop()
    yield server
    server._stop()


def test_warm_starts_the_server_with_the_environment_of_the_workers(monkeypatch, no_server):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MALLOC_TOP_PAD_", raising=False)
    before = dict(os.environ)
    executors.warm("modescope.executors")
    assert dict(os.environ) == before
    pid = no_server._forkserver_pid
    assert pid is not None
    environ = pathlib.Path(f"/proc/{pid}/environ")
    if environ.exists():
        found: dict[str, str] = {}
        for _ in range(200):  # the forked process needs a moment to become the server
            found = dict(line.split("=", 1) for line in environ.read_text(encoding="utf-8").split("\0") if "=" in line)
            if "MALLOC_TOP_PAD_" in found:
                break
            time.sleep(0.05)
        assert {name: found.get(name) for name in executors.WORKER_ENVIRONMENT} == executors.WORKER_ENVIRONMENT


def test_a_pool_takes_its_workers_from_the_warm_server(monkeypatch, no_server):
    monkeypatch.setattr(executors, "cores", lambda: 2)
    executors.warm("modescope.executors")
    pid = no_server._forkserver_pid
    executors.warm("modescope.executors")  # it is already running
    assert no_server._forkserver_pid == pid
    assert set(run(parent, 3)) == {pid}
    assert [square for _, square, *_ in run(describe, 3)] == [0, 1, 4]


def test_warm_does_nothing_where_workers_are_not_forked_from_a_server(monkeypatch):
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    monkeypatch.setattr(executors.forkserver, "ensure_running", lambda: pytest.fail("a server was started"))
    before = dict(os.environ)
    executors.warm("modescope.executors")
    assert dict(os.environ) == before
