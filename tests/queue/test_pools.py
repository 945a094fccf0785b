"""Which workers the trainings get, and how many."""

import os
import threading

import numpy as np
import pytest
import tiny

from modescope import executors, machine
from modescope.engine import experiments
from modescope.engine.experiments import Job
from modescope.params.config import ConfigError
from modescope.queue import cluster, pools

SET = np.zeros((1000, 2), np.float32)


def job(n_samples=100, train_set=SET, seeds=(0, 1)):
    return Job(tiny.task(seeds=seeds, n_samples=n_samples), "key", train_set, SET, "cpu", None)


def test_a_footprint_grows_with_the_sets_and_the_samples():
    base = pools.footprint(job())
    # two replicas of a hundred points of two numbers, and two layers of five units, the widest of both networks
    each = pools.COPIES * 2 * 100 * 2 * 4 + 2 * 2 * 100 * 5 * 4
    assert base == pools.WORKER_BYTES + 4 * SET.nbytes + each
    assert pools.footprint(job(n_samples=200)) - base == each
    assert pools.footprint(job(train_set=np.zeros((3000, 2), np.float32))) - base == 4 * SET.nbytes


@pytest.mark.parametrize(
    ("n_cores", "fit", "n_jobs", "expected"), [(4, None, 9, 4), (4, 9, 3, 3), (4, 2, 9, 2), (4, 0, 9, 1), (1, 9, 9, 1)]
)
def test_no_more_workers_than_cores_jobs_or_memory(monkeypatch, n_cores, fit, n_jobs, expected):
    jobs = [job() for _ in range(n_jobs - 1)] + [job(n_samples=1000)]  # the largest decides
    monkeypatch.setattr(machine, "cores", lambda: n_cores)
    monkeypatch.setattr(machine, "memory", lambda: None if fit is None else fit * pools.footprint(jobs[-1]) + 1)
    assert pools.workers(jobs) == expected


def where(task, report):
    report(3)
    if task == "fail":
        raise KeyError(task)
    return os.getpid(), threading.get_ident()


def test_a_gpu_is_used_by_this_process_one_task_after_the_other(monkeypatch):
    monkeypatch.setattr(pools, "device", lambda: experiments.torch.device("cuda"))
    monkeypatch.setattr(pools.torch.cuda, "device_count", lambda: 1)
    monkeypatch.delenv(cluster.VARIABLE, raising=False)
    with pools.opened([job(), job(), job()]) as pool:
        futures = [pool.submit(where, task, slot) for slot, task in enumerate(("one", "fail", "two"))]
        first, last = futures[0].result(timeout=60), futures[2].result(timeout=60)
        with pytest.raises(KeyError, match="fail"):
            futures[1].result(timeout=60)
        assert first == last
        assert first[0] == os.getpid()
        assert first[1] != threading.get_ident()
        assert list(pool.done()) == [3, 3, 3]
        assert pool.size() == 1


@pytest.mark.parametrize(("device", "count"), [("cuda", 0), ("cuda:1", 1)])
def test_a_gpu_that_is_not_there_is_refused_in_one_line(monkeypatch, device, count):
    monkeypatch.setattr(pools, "device", lambda: experiments.torch.device(device))
    monkeypatch.setattr(pools.torch.cuda, "device_count", lambda: count)
    monkeypatch.delenv(cluster.VARIABLE, raising=False)
    says = f"MODESCOPE_DEVICE={device}: PyTorch finds {count} GPUs here"
    with pytest.raises(ConfigError, match=says), pools.opened([job()]):
        pass


def test_without_a_gpu_processes_of_this_machine(monkeypatch):
    monkeypatch.setattr(pools, "device", lambda: experiments.torch.device("cpu"))
    monkeypatch.delenv(cluster.VARIABLE, raising=False)
    monkeypatch.setattr(machine, "cores", lambda: 3)
    monkeypatch.setattr(machine, "memory", lambda: None)
    with pools.opened([job(), job()]) as pool:
        assert isinstance(pool, executors.Processes)
        assert pool.size() == 2
