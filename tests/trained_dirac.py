"""Real trainings of the study `dirac` from a few starts, and their scores; made once for a process."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from modescope import datasets, evaluation, executors
from modescope.engine import experiments, tasks
from modescope.engine.training import train
from modescope.params.config import Experiment
from modescope.params.reading import read
from modescope.store.runs import Runs, Scores

SPEC = {"kind": "constant", "value": 0.0}
PARAMS = read(Path(__file__).resolve().parents[1] / "params.yaml")
SEEDS = 12
TITLES = {
    "gan": "GAN",
    "gan_saturating": "GAN, saturating loss",
    "gan_instance_noise": "GAN + instance noise",
    "lsgan": "LSGAN",
    "r1": "R1",
    "r3gan": "R3GAN",
    "wgan_gp": "WGAN-GP",
}
TRAINED = ("gan", "gan_saturating", "lsgan", "r1", "r3gan", "wgan_gp")
ENTRIES = {
    name: Experiment.model_validate(entry | {"seeds": SEEDS})
    for name, entry in PARAMS["experiments"].items()
    if entry["study"] == "dirac" and name.split("origin_")[1] in TRAINED
}


@cache
def runs() -> dict[str, Runs]:
    """Of every experiment in TRAINED."""
    return {name: run_of(name, settings) for name, settings in ENTRIES.items()}


@cache
def scores() -> Scores:
    """Of these runs."""
    return scored(runs())


def run_of(name: str, settings: Experiment, effort: float = 1.0) -> Runs:
    """The runs of an experiment, trained here with this share of its steps."""
    data = datasets.build(SPEC)
    real = data.sample(20, np.random.default_rng(0)).astype(np.float32)
    planned = tasks.plan(name, settings, (1,), effort=effort, n_samples=20)
    done = experiments.collect(planned, [train(task, real) for task in planned])
    gone = {(run["arm"], run["seed"]): run["step"] for run in done.diverged}
    arm, seed = done.samples["arm"].tolist(), done.samples["seed"].tolist()
    return Runs(
        experiment=name,
        settings=settings,
        dataset=data,
        real=real,
        arm=arm,
        seed=seed,
        samples=done.samples["samples"],
        snapshot_steps=done.snapshots["step"],
        snapshots=done.snapshots["samples"],
        diverged_at=[gone.get(run, -1) for run in zip(arm, seed, strict=True)],
        data_sha256="",
        samples_sha256="",
        watched={"field": done.snapshots["field"]},
    )


def scored(runs: dict[str, Runs]) -> Scores:
    """The scores of runs as `evaluate` makes them, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(executors, "run", lambda function, given, **_: [function(task, lambda n: None) for task in given])
        table, floors = evaluation.evaluate(
            "dirac", list(runs.values()), {"origin": SPEC}, {"dirac": {}}, n_samples=20, floor_repeats=2
        )
    return Scores(
        runs=table,
        floors=floors,
        diverged={
            (name, run.arm[row], run.seed[row]): step
            for name, run in runs.items()
            for row, step in enumerate(run.diverged_at)
            if step >= 0
        },
        datasets=dict.fromkeys(runs, "origin"),
        settings={name: run.trained.model_dump() for name, run in runs.items()},
        experiment_titles={name: TITLES[name.split("origin_")[1]] for name in runs},
    )


def changed(scores: Scores, name: str, metric: str, value: float) -> Scores:
    """The scores with one metric of an experiment replaced."""
    table = scores.runs.copy()
    table.loc[(table["experiment"] == name) & (table["metric"] == metric), "value"] = value
    return replace(scores, runs=table)
