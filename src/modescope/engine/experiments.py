"""Plans the tasks of one experiment, runs them on a device and collects their results into arrays."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from modescope.engine import tasks
from modescope.engine.checkpoint import Checkpoint
from modescope.engine.tasks import Task
from modescope.engine.training import Trained, train
from modescope.params import environment
from modescope.params.config import averaged_arm
from modescope.store.plan import TrainingPage
from modescope.store.results import key as key_of

DEVICE_VARIABLE = environment.DEVICE
HISTORY_SEEDS = 20  # the first of each arm: the losses of five hundred seeds would be a hundred thousand rows


@dataclass(frozen=True)
class Job:
    """A task and everything a worker needs to run it."""

    task: Task
    key: str  # of everything that determines the result
    train_set: NDArray[np.float32]
    held_out: NDArray[np.float32]
    device: str
    checkpoints: Path | None  # the folder for its progress; None where worker and driver share no file system


@dataclass(frozen=True)
class Collected:
    """All runs of an experiment: arms in the order of the sweep, seeds ascending within each arm."""

    samples: dict[str, NDArray[Any]]  # samples (runs, n, *shape), the variant's other views in the same form, arm, seed
    snapshots: dict[str, NDArray[Any]]  # the same at fixed points (runs, snapshots, points, ...), step, arm, seed
    weights: dict[str, NDArray[Any]]  # <arm>/<network>.<parameter> -> (seeds, ...)
    history: pd.DataFrame  # arm, seed, step, one column per loss term; the first HISTORY_SEEDS of every arm
    diverged: list[dict[str, Any]]  # arm, seed, step, and the term that became non-finite


def device() -> torch.device:
    """The device in the environment variable MODESCOPE_DEVICE; by default CUDA if available, else the CPU.

    Raises ConfigError where the variable names no device that is supported.
    """
    return torch.device(environment.value(DEVICE_VARIABLE) or ("cuda" if torch.cuda.is_available() else "cpu"))


def prepare(
    page: TrainingPage,
    sets: Mapping[str, NDArray[np.float32]],
    identity: Mapping[str, Any],
    checkpoints: Path | None,
) -> list[Job]:
    """The jobs that train an experiment on the `train` set of its data, in the order of arms and seeds.

    `identity` is that of the experiment (`store.results`). A task's own key leaves out the page, of which it has its
    part: so a task that is finished stays so when another arm is added to the sweep.
    """
    where, train_set = device(), sets["train"]
    planned = tasks.plan(
        identity["experiment"],
        page.experiment,
        train_set.shape[1:],
        effort=page.effort,
        n_samples=min(page.samples, len(sets["test"])),
        all_together=where.type == "cuda",
    )
    shared = {name: value for name, value in identity.items() if name != "page"} | {"device": where.type}
    return [
        Job(
            task,
            key_of(shared | asdict(task) | {"settings": task.settings.model_dump()}),
            train_set,
            sets["test"],
            str(where),
            checkpoints,
        )
        for task in planned
    ]


def prepare_worker() -> None:
    """Set PyTorch to one thread, no denormals and deterministic algorithms."""
    # Without it CUDA's matrix products may differ from call to call.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # arithmetic with denormals is a hundred times slower, and they do not matter here
    torch.use_deterministic_algorithms(True)


def work(job: Job, report: Callable[[int], None]) -> Trained:
    """Run one job in this process; bitwise reproducible on one machine."""
    prepare_worker()
    return train(
        job.task,
        job.train_set,
        held_out=job.held_out,
        device=job.device,
        checkpoint=None if job.checkpoints is None else Checkpoint(job.checkpoints, job.key),
        report=report,
    )


def collect(planned: Sequence[Task], results: Sequence[Trained]) -> Collected:
    """The results of an experiment's tasks, joined in the order of the tasks.

    Averaged weights (EMA) are separate arms, after all live ones.
    """
    weights: dict[str, list[NDArray[np.float32]]] = {}
    runs: list[tuple[str, int, int, str]] = []  # arm, seed, diverged at, what became non-finite
    seen: list[tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[np.float32]]]] = []
    for task, result in zip(planned, results, strict=True):
        for key, value in result.weights.items():
            weights.setdefault(f"{task.arm}/{key}", []).append(value)
        runs += _runs(task.arm, task, result)
        seen.append((result.views, result.snapshots))
    for task, result in zip(planned, results, strict=True):
        if result.averaged is not None:
            runs += _runs(averaged_arm(task.arm, task.settings), task, result)
            seen.append(result.averaged)
    who = {"arm": np.array([arm for arm, *_ in runs]), "seed": np.array([seed for _, seed, *_ in runs], dtype=np.int64)}
    steps = planned[0].settings.snapshots.schedule(planned[0].steps)
    views, snapshots = (
        {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} for parts in zip(*seen, strict=True)
    )
    return Collected(
        samples=views | who,
        snapshots=snapshots | {"step": np.array(steps, dtype=np.int64)} | who,
        weights={key: np.concatenate(values) for key, values in weights.items()},
        history=pd.concat(
            [_history(*pair) for pair in zip(planned, results, strict=True) if pair[0].seeds[0] < HISTORY_SEEDS],
            ignore_index=True,
        ),
        diverged=[
            {"arm": arm, "seed": seed, "step": step, "term": term} for arm, seed, step, term in runs if step >= 0
        ],
    )


def _runs(arm: str, task: Task, result: Trained) -> list[tuple[str, int, int, str]]:
    diverged = zip(task.seeds, result.diverged_at, result.non_finite, strict=True)
    return [(arm, seed, step, term) for seed, step, term in diverged]


def _history(task: Task, result: Trained) -> pd.DataFrame:
    """The task's history, one row per seed and logged step."""
    terms = {name: values for name, values in result.history.items() if name != "step"}
    return pd.concat(
        [
            pd.DataFrame(
                {"arm": task.arm, "seed": seed, "step": result.history["step"].astype(np.int64)}
                | {name: values[:, row] for name, values in terms.items()}
            )
            for row, seed in enumerate(task.seeds)
            if seed < HISTORY_SEEDS
        ],
        ignore_index=True,
    )
