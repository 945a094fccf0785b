"""How many cores and how much memory a process may use: affinity, a container's limits, and what the user says."""

import os

import pytest

from modescope import machine
from modescope.params.config import ConfigError


@pytest.fixture
def container(tmp_path, monkeypatch):
    """A machine of 64 processors and 100 GB free, whose control groups a test writes."""
    (tmp_path / "meminfo").write_text("MemTotal:  200000000 kB\nMemAvailable:  100000000 kB\n")
    (tmp_path / "cgroup").write_text("0::/\n")
    (tmp_path / "fs").mkdir()
    monkeypatch.setattr(machine, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(machine, "OWN_CGROUP", tmp_path / "cgroup")
    monkeypatch.setattr(machine, "CGROUPS", tmp_path / "fs")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(64)), raising=False)
    monkeypatch.delenv(machine.JOBS_VARIABLE, raising=False)
    return tmp_path


def test_without_limits_all_that_the_affinity_allows(container, monkeypatch):
    assert machine.cores() == 64
    assert machine.memory() == 100_000_000 * 1024
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 3, 5})
    assert machine.cores() == 3


@pytest.mark.parametrize(("count", "expected"), [(4, 4), (None, 1)])
def test_without_affinity_all_processors(container, monkeypatch, count, expected):
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: count)
    assert machine.cores() == expected


@pytest.mark.parametrize(
    ("quota", "expected"), [("200000 100000", 2), ("150000 100000", 1), ("50000 100000", 1), ("max 100000", 64)]
)
def test_a_quota_of_a_container(container, quota, expected):
    (container / "fs" / "cpu.max").write_text(f"{quota}\n")
    assert machine.cores() == expected


def test_the_strictest_of_nested_groups_counts(container):
    (container / "cgroup").write_text("0::/slice/job\n")
    (container / "fs" / "slice" / "job").mkdir(parents=True)
    (container / "fs" / "slice" / "cpu.max").write_text("300000 100000\n")
    (container / "fs" / "slice" / "job" / "cpu.max").write_text("800000 100000\n")
    (container / "fs" / "slice" / "memory.max").write_text("5000\n")
    (container / "fs" / "slice" / "memory.current").write_text("2000\n")
    (container / "fs" / "slice" / "job" / "memory.max").write_text("max\n")
    (container / "fs" / "slice" / "job" / "memory.current").write_text("1000\n")
    assert machine.cores() == 3
    assert machine.memory() == 3000


def test_groups_of_the_first_version(container):
    (container / "cgroup").write_text("3:cpu,cpuacct:/docker/abc\n2:memory:/docker/abc\n")  # the path of the host
    (container / "fs" / "cpu,cpuacct").mkdir()
    (container / "fs" / "cpu,cpuacct" / "cpu.cfs_quota_us").write_text("400000\n")
    (container / "fs" / "cpu,cpuacct" / "cpu.cfs_period_us").write_text("100000\n")
    (container / "fs" / "memory").mkdir()
    (container / "fs" / "memory" / "memory.limit_in_bytes").write_text("7000\n")
    (container / "fs" / "memory" / "memory.usage_in_bytes").write_text("9000\n")
    assert machine.cores() == 4
    assert machine.memory() == 0
    (container / "fs" / "cpu,cpuacct" / "cpu.cfs_quota_us").write_text("-1\n")
    assert machine.cores() == 64


def test_a_system_that_says_nothing_of_memory(container):
    (container / "meminfo").unlink()
    assert machine.memory() is None


def test_the_user_decides(container, monkeypatch):
    (container / "fs" / "cpu.max").write_text("200000 100000\n")
    monkeypatch.setenv(machine.JOBS_VARIABLE, "5")
    assert machine.cores() == 5


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", " 2", "\u0663"])
def test_what_is_no_number_of_jobs_is_refused_in_one_line(container, monkeypatch, value):
    monkeypatch.setenv(machine.JOBS_VARIABLE, value)
    with pytest.raises(ConfigError, match=r"MODESCOPE_JOBS=.*: must be a whole number above zero"):
        machine.cores()
