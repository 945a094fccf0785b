"""What a plan takes: bytes of data and results, from the sizes in params.yaml, against this machine's memory and disk.

Nothing is allocated to find out, and nothing of the plan depends on the machine: it is accepted or refused.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modescope import datasets, machine
from modescope.formatting import plural
from modescope.params.config import ConfigError, Experiment, Params, Sampling, steps_at
from modescope.params.settings import Conv, Mlp

FLOAT = 4  # bytes of a number in a file
# What a process needs without any data, and how many times the bytes of its files. tests/plan/test_sizes.py has what
# was measured of PROCESS, DATASET, LAYERS, STEP and COPIES.
PROCESS, LIGHT = 500 << 20, 100 << 20  # with PyTorch, SciPy and pandas, and without
DATASET = 6.0  # while points are drawn, in double precision and with what they are drawn from
JOINED = 2.2  # while the results of an experiment's tasks are joined; 2.13 times 130 MiB, 2.25 times 11 MiB
SCORED = 1.2  # while all runs of a study are scored; 1.21 times 1.8 GiB, 1.06 times 283 MiB
SAMPLED = 4  # a sampler's files, times its points: with what these were drawn from; 2 to 4 in the default run
STACKED_WORK = 24_000_000  # parameters x batch of the replicas that train together, as `engine.tasks` has it
LAYERS, STEP, COPIES = 2, 6, 4  # in a worker: layers at once, what a step keeps of each, and of the points
CACHED = 2  # on the disk: DVC's cache has one of everything, where the file system cannot share them
KEPT = 0.9  # of the memory or the disk, at most: the rest is for others


@dataclass(frozen=True)
class Need:
    """Bytes that an entry of params.yaml takes: of memory while it is worked on, and of its files."""

    path: str
    memory: float
    disk: float
    why: str


def check(params: Params, weights: Mapping[str, Sequence[int]], root: Path) -> None:
    """Raises ConfigError, with the figure and the limit, for what fits neither into memory nor onto the disk.

    `weights` are the parameters of a replica's networks in each arm of every experiment. No space is asked for what
    lies in `root` already, the folder of results.
    """
    found, memory = needs(params, weights), machine.memory()
    for need in found:
        if memory is not None and need.memory > KEPT * memory:
            raise ConfigError(
                f"{need.path}: needs about {_size(need.memory)} of memory, {need.why}; {_size(memory)} are free here"
            )
    free = shutil.disk_usage(root).free
    new = [need for need in found if need.disk and not (root / _file(need, params)).exists()]
    if (total := CACHED * sum(need.disk for need in new)) > KEPT * free:
        most = max(new, key=lambda need: need.disk)
        raise ConfigError(
            f"{most.path}: needs about {_size(CACHED * most.disk)} of the disk, {most.why}, of {_size(total)} in all "
            f"with DVC's copies; {_size(free)} are free here"
        )


def needs(params: Params, weights: Mapping[str, Sequence[int]]) -> list[Need]:
    """What each dataset, experiment, sampler and study needs."""
    found, scored, sets = list[Need](), dict.fromkeys(params.studies, 0.0), dict[str, tuple[int, int, float]]()
    for name, spec in params.datasets.items():
        dataset = datasets.build(spec)
        points, numbers = dataset.n_train + dataset.n_test, math.prod(dataset.shape)
        sets[name] = numbers, dataset.n_test, FLOAT * points * numbers
        if not dataset.from_files:  # else it has as many points as its file, which are read when it is checked
            why = f"for {points:,} points of {plural(numbers, 'number')}"
            found.append(Need(f"datasets.{name}", LIGHT + DATASET * sets[name][2], sets[name][2], why))
    for name, experiment in params.experiments.items():
        numbers, n_test, size = sets[experiment.dataset]
        n = min(params.samples(experiment.study), n_test)
        arms = list(zip([arm for _, arm in experiment.arms()], weights[name], strict=True))
        seen = sum(_views(arm, numbers, n, params.effort) for arm, _ in arms)
        kept = sum(FLOAT * arm.seeds * (1 + (arm.ema is not None)) * replica for arm, replica in arms)
        shape = datasets.build(params.datasets[experiment.dataset]).shape
        worker = PROCESS + 2 * size + max(_task(arm, shape, n, replica) for arm, replica in arms)
        batch = max(experiment.generator_batch, experiment.discriminator_batch)
        why = (
            f"for {plural(len(experiment.all_arms()), 'arm')} of {plural(experiment.seeds, 'seed')} with {n:,} points "
            f"and a batch of {batch:,}"
        )
        found.append(Need(f"experiments.{name}", PROCESS + size + JOINED * (seen + kept) + worker, seen + kept, why))
        scored[experiment.study] += seen
    for name, sampling in params.samplers.items():
        numbers, n_test, size = sets[sampling.dataset]
        drawn = FLOAT * sampling.seeds * min(params.samples(sampling.study), n_test) * numbers
        why = f"for {plural(sampling.seeds, 'seed')}"
        found.append(Need(f"samplers.{name}", LIGHT + size + DATASET * drawn, SAMPLED * drawn, why))
        scored[sampling.study] += drawn
    return found + [
        Need(f"studies.{name}", PROCESS + SCORED * size, 0, "to score all of its runs") for name, size in scored.items()
    ]


def _views(arm: Experiment, numbers: int, n: int, effort: float) -> float:
    """Bytes of what the runs of an arm show: see `engine.watch`. `numbers` are those of one point."""
    point, watched, latent, snapshots = numbers, numbers, arm.latent_dim, arm.snapshots
    if arm.networks.encoder is not None:  # reconstructions, codes and what they are compared to
        point, watched = 2 * numbers + 3 * latent, 2 * numbers + 2 * latent
    steps = steps_at(effort, arm.steps)
    taken = min(snapshots.dense_until, steps) // snapshots.dense_every + min(snapshots.rest, steps) + 1
    each = n * point + taken * snapshots.points * watched
    if snapshots.field is not None:
        each += taken * snapshots.field.cells ** len(snapshots.field.low)
    if snapshots.walk is not None:
        each += snapshots.walk.lines * (snapshots.walk.points + 1) * point
    return FLOAT * arm.seeds * (1 + (arm.ema is not None)) * each


def _task(arm: Experiment, shape: Sequence[int], n: int, replica: int) -> float:
    """Bytes of a task in a worker: the replicas that train together, in a step or on the way to their points."""
    numbers, quarter = math.prod(shape), math.prod(shape[-2:]) // 4  # the widest maps have half the picture's sides
    networks = [getattr(arm.networks, name) for name in arm.networks.given]
    widths = [width for network in networks if isinstance(network, Mlp) for width in network.hidden]
    widths += [network.channels * quarter for network in networks if isinstance(network, Conv)]
    batch = max(arm.generator_batch, arm.discriminator_batch)
    alone = any(isinstance(network, Conv) for network in networks)
    together = 1 if alone else max(1, min(arm.seeds, STACKED_WORK // max(1, replica * batch)))
    step = 2 * batch * STEP * (sum(widths) + numbers)  # real and generated points
    shown = max(n, arm.snapshots.points) * (LAYERS * max(widths, default=0) + COPIES * numbers)
    return FLOAT * together * max(step, shown)


def _file(need: Need, params: Params) -> str:
    """Where the files of an entry lie once it is made."""
    section, name = need.path.split(".")
    entries: dict[str, Experiment | Sampling] = {**params.experiments, **params.samplers}
    return f"data/{name}.npz" if section == "datasets" else f"runs/{entries[name].study}/{name}"


def _size(size: float) -> str:
    unit, one = next((pair for pair in (("GB", 1e9), ("MB", 1e6)) if size >= pair[1]), ("kB", 1e3))
    return f"{size / one:,.1f} {unit}"
