"""What this process may use of its machine: processors and memory, within the limits of a container."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from modescope.params import environment

JOBS_VARIABLE = environment.JOBS
CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")
MEMINFO = Path("/proc/meminfo")


def cores() -> int:
    """How many processes may compute at once: MODESCOPE_JOBS, or the processors that this process really has.

    Those are the ones it may run on (its affinity), or as many as its container's quota pays for, if that is fewer.
    Raises ConfigError where MODESCOPE_JOBS is no number above zero.
    """
    if wanted := environment.value(JOBS_VARIABLE):
        return int(wanted)
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([affinity, *(int(quota) for quota in _quotas())]))


def memory() -> int | None:
    """Bytes that new processes may take: what is free, or what the container has left; None where nothing says it."""
    found = [int(line.split()[1]) * 1024 for line in _lines(MEMINFO) if line.startswith("MemAvailable:")]
    for folder in _own_cgroups():
        limits = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
        for limit, used in ((_number(folder / limit), _number(folder / used)) for limit, used in limits):
            if limit is not None and used is not None:
                found.append(max(0, limit - used))
    return min(found, default=None)


def _quotas() -> Iterator[float]:
    """Processors that each control group around this process may use, where it is limited."""
    for folder in _own_cgroups():
        whole = " ".join(_lines(folder / "cpu.max")).split()  # version 2: "quota period", or "max period"
        quota, period = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")  # version 1
        if len(whole) == 2 and whole[0] != "max":
            yield int(whole[0]) / int(whole[1])
        elif quota is not None and period and quota > 0:  # -1: no limit
            yield quota / period


def _own_cgroups() -> Iterator[Path]:
    """The folders of the control groups of this process, each with all that contain it."""
    for line in _lines(OWN_CGROUP):
        _, controllers, path = line.split(":", 2)
        root = CGROUPS / controllers if controllers else CGROUPS
        own = root / path.strip("/")
        # Inside a container the path may be that of the host; the container's own limits then lie at the root.
        for folder in (own, *own.parents):
            if folder.is_dir():
                yield folder
            if folder == root:
                break


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _number(path: Path) -> int | None:
    text = "".join(_lines(path)).strip()
    return int(text) if text.lstrip("-").isdigit() else None
