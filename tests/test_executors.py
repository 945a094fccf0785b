"""Tasks in worker processes or in this one: results in order, exceptions raised, the environment unchanged."""

import multiprocessing
import multiprocessing.forkserver
import os
import pathlib
import signal
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


@pytest.mark.parametrize(("n_cores", "n_tasks", "workers"), [(1, 3, 1), (2, 3, 2), (4, 3, 3)])
def test_there_is_a_worker_for_each_core_that_has_a_task(monkeypatch, n_cores, n_tasks, workers):
    started = []
    original = executors.Processes

    def note(n_workers, *rest):
        started.append(n_workers)
        return original(n_workers, *rest)

    monkeypatch.setattr(executors, "cores", lambda: n_cores)
    monkeypatch.setattr(executors, "Processes", note)
    run(describe, n_tasks)
    assert started == [workers]


def test_no_tasks_start_nothing(monkeypatch):
    monkeypatch.setattr(executors, "local", lambda *_: pytest.fail("a pool was made"))
    assert run(describe, 0) == []


def test_the_progress_goes_to_stderr(capsys):
    run(describe, 2, describe="latent_spiral")
    out, err = capsys.readouterr()
    assert out == ""
    assert "latent_spiral" in err


# A pool whose workers may crash


def die_at_one(task, report):
    report(7)
    if task == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    report(task)
    return os.getpid()


def test_a_crash_costs_the_task_that_it_happened_in_and_no_other():
    with executors.local(1, 4, "modescope.executors") as pool:
        futures = [pool.submit(die_at_one, task, task) for task in range(4)]
        with pytest.raises(executors.CrashError, match="the process that ran it has ended"):
            futures[1].result(timeout=60)
        pids = [futures[task].result(timeout=60) for task in (0, 2, 3)]
        assert pool.size() == 1
        assert list(pool.done()) == [7, 0, 9, 10]
    assert pids[0] != pids[1] == pids[2]  # the worker that crashed has a successor


def test_the_workers_end_with_the_block():
    with executors.local(2, 2, "modescope.executors") as pool:
        pids = {pool.submit(describe, task, task).result(timeout=60)[3] for task in range(2)}
    deadline = time.monotonic() + 20
    while any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids)


# A fork server that is started ahead


def parent(task, report):
    return os.getppid()


@pytest.fixture
def no_server(monkeypatch):
    """A fork server of the test's own, which is not started; that of the other tests is left alone."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        pytest.skip("this system has no fork server")
    server = multiprocessing.forkserver.ForkServer()
    for name in ("connect_to_new_process", "ensure_running", "set_forkserver_preload"):
        monkeypatch.setattr(multiprocessing.forkserver, name, getattr(server, name))
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
