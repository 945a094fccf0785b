"""A small synthetic study `modes`, in the form the pipeline produces: experiments, scores and runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd

from modescope import datasets, executors
from modescope.evaluation import progress
from modescope.params.config import Experiment
from modescope.plan.studies import title_of
from modescope.store.runs import Runs, Scores

SEEDS, STEPS, POINTS = 3, 80, 60
HEAVY = [0.65, *[0.05] * 7]
KINDS: dict[str, dict[str, Any]] = {
    "ring8_heavy": {"kind": "ring", "n_modes": 8, "radius": 1.0, "std": 0.05, "weights": HEAVY},
    "line5": {"kind": "line", "n_modes": 5, "low": -0.5, "high": 0.5, "std": 0.01},
    "ring8_sharp": {"kind": "ring", "n_modes": 8, "radius": 1.0, "std": 0.01},
    "swiss_roll": {"kind": "swiss_roll"},
    "ring8": {"kind": "ring", "n_modes": 8, "radius": 1.0, "std": 0.05},
}
N_MODES = {"ring8_heavy": 8, "line5": 5, "ring8_sharp": 8, "ring8": 8}
NET, FIELD = {"hidden": [8]}, {"low": [-0.75, -1.25], "high": [0.75, 1.25], "cells": 6}
PAIR = {"generator": {"learning_rate": 1e-3}, "discriminator": {"learning_rate": 1e-3}}
WITH_ENCODER = {"generator": NET, "encoder": NET, "discriminator": NET}
FAMILY: dict[str, dict[str, Any]] = {"modes": {}}
UNIFORM = {"kind": "uniform", "low": -1.0, "high": 1.0}


def experiment(dataset: str, variant: str, **changes: Any) -> Experiment:
    """Settings of one experiment, with an encoder where the variant has one."""
    encoder = variant.startswith("bigan")
    rest = {"snapshots": {"points": POINTS, "rest": 4, **({"field": FIELD} if dataset == "line5" else {})}}
    return Experiment.model_validate(
        {
            "study": "modes",
            "dataset": dataset,
            "variant": variant,
            "steps": 1_000,
            "seeds": SEEDS,
            "latent_dim": 1 if dataset == "line5" else 2,
            "latent": UNIFORM if encoder or variant == "encoder" else {"kind": "normal"},
            "discriminator_batch": 8,
            "generator_batch": 8,
            "networks": WITH_ENCODER if encoder else {"generator": NET, "discriminator": NET},
            "optimizers": PAIR,
        }
        | rest
        | changes
    )


WEIGHTS = [0.1, 1.0, 10.0]
EXPERIMENTS: dict[str, Experiment] = {
    "modes_ring8_heavy_gan": experiment("ring8_heavy", "gan", ema={"decay": 0.999}),
    "modes_ring8_heavy_gan_saturating": experiment("ring8_heavy", "gan", hyperparameters={"saturating": True}),
    "modes_ring8_heavy_wgan": experiment("ring8_heavy", "wgan"),
    "modes_ring8_heavy_bigan": experiment("ring8_heavy", "bigan"),
    "modes_ring8_heavy_bigan_pgp": experiment("ring8_heavy", "bigan_pgp", hyperparameters={"gp_weight": 0.1}),
    "modes_ring8_heavy_unrolled": experiment("ring8_heavy", "unrolled"),
    "modes_line5_bigan": experiment("line5", "bigan"),
    "modes_line5_bigan_reconstruction": experiment(
        "line5", "bigan_reconstruction", sweep={"hyperparameters.reconstruction_weight": WEIGHTS}
    ),
    "modes_line5_bigan_pgp": experiment("line5", "bigan_pgp", sweep={"hyperparameters.gp_weight": WEIGHTS}),
    "modes_line5_bigan_pgp_forms": experiment(
        "line5", "bigan_pgp", sweep={"hyperparameters.form": ["article", "authors"]}
    ),
    "modes_swiss_roll_bigan": experiment("swiss_roll", "bigan"),
    "modes_ring8_encoder": experiment(
        "ring8", "encoder", networks={"encoder": NET, "discriminator": NET}, latent=UNIFORM
    ),
}
GAN, BIGAN = "modes_ring8_heavy_gan", "modes_ring8_heavy_bigan"
LINE, PGP = "modes_line5_bigan", "modes_line5_bigan_pgp"
RECONSTRUCTION, ENCODER = "modes_line5_bigan_reconstruction", "modes_ring8_encoder"
LAMBDA = "hyperparameters.gp_weight="
WEIGHT = "hyperparameters.reconstruction_weight="
Values = Mapping[tuple[str, str, str], list[float]]  # (experiment, arm, metric) -> by seed


def made(
    values: Values,
    *,
    diverged: Mapping[tuple[str, str, int], int] | None = None,
    floors: bool = True,
    published: Mapping[str, str] | None = None,
    costs: Mapping[str, float] | None = None,
    experiments: Mapping[str, Experiment] = EXPERIMENTS,
) -> Scores:
    """Scores of these runs only, in a plan with the experiments that they name; `costs` by variant."""
    gone = dict(diverged or {})
    named = {e for e, *_ in [*values, *gone]}
    chosen = {name: e for name, e in experiments.items() if name in named}
    rows = [
        ("modes", name, arm, seed, metric, value)
        for (name, arm, metric), by_seed in values.items()
        for seed, value in enumerate(by_seed)
    ]
    floor = [
        ("modes", dataset, repeat, metric, value)
        for dataset in dict.fromkeys(e.dataset for e in chosen.values())
        for metric, repeats in floor_values(dataset).items()
        for repeat, value in enumerate(repeats)
        if floors
    ]
    return Scores(
        pd.DataFrame(rows, columns=["study", "experiment", "arm", "seed", "metric", "value"]),
        pd.DataFrame(floor, columns=["study", "dataset", "repeat", "metric", "value"]),
        gone,
        {name: e.dataset for name, e in chosen.items()},
        {name: e.model_dump() for name, e in chosen.items()},
        published or {},
        {
            (name, arm): round(1_000 * (costs or {})[e.variant])
            for name, e in chosen.items()
            if e.variant in (costs or {})
            for arm in e.all_arms()
        },
        experiment_titles={name: title_of(name, e, {}) for name, e in chosen.items()},
    )


def floor_values(dataset: str) -> dict[str, tuple[float, ...]]:
    """Scores of real points against real points by metric, three repeats each."""
    found: dict[str, tuple[float, ...]] = {
        "coverage": (0.96, 0.97, 0.98),
        "kl_qp": (-0.01, 0.0, 0.01),
        "kl_qp_smoothed": (0.0, 0.01, 0.02),
        "sliced_w2": (0.01, 0.02, 0.03),
    }
    if dataset in N_MODES:
        all_of_them = (float(N_MODES[dataset]),) * 3
        found |= {
            "modes_covered": all_of_them,
            "modes_hit": all_of_them,
            "all_modes_covered": (1.0,) * 3,
            "high_quality_fraction": (0.987, 0.988, 0.989),
            "mode_kl": (0.0003, 0.0004, 0.0005),
        }
        if dataset.endswith("sharp"):
            found |= {"modes_resolved": all_of_them, "resolved_fraction": (1.0,) * 3}
    return found


def everything() -> Scores:
    """Scores of all experiments. All runs of the unrolled GAN diverged, and so did the last seed of the WGAN."""
    rng, values = np.random.default_rng(0), {}
    for name, settings in EXPERIMENTS.items():
        for place, arm in enumerate(settings.all_arms()):
            if name.endswith("unrolled"):
                continue
            n = SEEDS - name.endswith("wgan")
            for metric, value in _typical(settings, place).items():
                spread = 0 if metric.startswith(("modes_", "all_")) else 0.01 * value
                values[name, arm, metric] = (value + spread * rng.uniform(-1, 1, n)).tolist()
    return made(
        values,
        diverged={("modes_ring8_heavy_wgan", "base", 2): 40}
        | {("modes_ring8_heavy_unrolled", "base", seed): 20 + seed for seed in range(SEEDS)},
        costs={"gan": 1.0, "wgan": 2.0, "bigan": 1.6},
    )


def _typical(settings: Experiment, place: int) -> dict[str, float]:
    found: dict[str, float] = {}
    if settings.variant != "encoder":
        found |= {"coverage": 0.9 - 0.1 * place, "kl_qp": 0.2, "kl_qp_smoothed": 0.1, "sliced_w2": 0.05}
        if settings.dataset in N_MODES:
            covered = float(N_MODES[settings.dataset] - place - (settings.variant == "bigan"))
            found |= {"modes_covered": covered, "modes_hit": covered, "high_quality_fraction": 0.9, "mode_kl": 0.1}
            found["all_modes_covered"] = float(covered == N_MODES[settings.dataset])
    if settings.networks.encoder is not None:
        found |= {"code_coverage": 0.9}
        if settings.dataset in N_MODES:
            found["modes_kept"] = float(N_MODES[settings.dataset])
        if settings.variant != "encoder":
            found |= {"reconstruction_error": 0.3, "recode_error": 0.2}
    return found


def runs(name: str, diverged: Iterable[int] = (), experiments: Mapping[str, Experiment] = EXPERIMENTS) -> Runs:
    """Runs whose points move straight from the origin to the data; rows in `diverged` are NaN from halfway on."""
    settings, rng = experiments[name], np.random.default_rng(len(name))
    dataset = datasets.build(KINDS[settings.dataset])
    arms = settings.all_arms()
    schedule = np.array(settings.snapshots.schedule(STEPS))
    n, frames = len(arms) * settings.seeds, len(schedule)
    generates = settings.variant != "encoder"
    samples = np.array([dataset.sample(POINTS if generates else 0, rng) for _ in range(n)], np.float32)
    moved = (schedule / STEPS).reshape(1, -1, 1, *[1] * len(dataset.shape)) * samples[:, None]
    at = [-1] * n
    for row in diverged:
        at[row] = STEPS // 2
        samples[row] = np.nan
        moved[row, frames // 2 :] = np.nan
    real = dataset.sample(200, rng).astype(np.float32)
    return Runs(
        experiment=name,
        settings=settings,
        dataset=dataset,
        real=real,
        arm=[arm for arm in arms for _ in range(settings.seeds)],
        seed=[seed for _ in arms for seed in range(settings.seeds)],
        samples=samples,
        snapshot_steps=schedule,
        snapshots=moved.astype(np.float32),
        diverged_at=at,
        data_sha256="d" * 64,
        samples_sha256="5" * 64,
        watched=_watched(settings, real, n, frames, rng),
    )


def _watched(
    settings: Experiment, real: np.ndarray, n: int, frames: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    if settings.networks.encoder is None:
        return {}
    x = np.broadcast_to(real[:POINTS], (n, frames, *real[:POINTS].shape)).astype(np.float32)
    shape = (n, frames, POINTS, settings.latent_dim)
    found = {"x": x, "codes": rng.uniform(-1, 1, shape), "z": rng.uniform(-1, 1, shape)}
    if settings.snapshots.field is not None:
        cells = settings.snapshots.field.cells
        found["field"] = rng.normal(size=(n, frames, cells, cells))
    return {key: value.astype(np.float32) for key, value in found.items()}


def all_runs() -> dict[str, Runs]:
    """The runs that belong to `everything`."""
    lost = {"modes_ring8_heavy_wgan": (2,), "modes_ring8_heavy_unrolled": range(SEEDS)}
    return {name: runs(name, lost.get(name, ())) for name in EXPERIMENTS}


def during(found: Sequence[Runs]) -> pd.DataFrame:
    """The scores of the snapshots of these runs, as `evaluate` writes them."""
    here = patch.object(
        executors, "run", lambda function, tasks, **_: [function(task, lambda n: None) for task in tasks]
    )
    with here:
        return progress(found, {run.settings.dataset: KINDS[run.settings.dataset] for run in found}, FAMILY, "")


def plan() -> dict[str, Any]:
    """The plan of the study."""
    return {
        "study": "modes",
        "title": "Lost modes and their remedies",
        "effort": 0.08,
        "evaluation": {"samples": 10_000, "floor_repeats": 3},
        "metrics": {"modes": {}, "divergence": {}, "prdc": {}, "distances": {}, "encoding": {}},
        "experiments": {
            name: {"settings": e.model_dump(mode="json"), "steps": STEPS, "arms": e.all_arms()}
            for name, e in EXPERIMENTS.items()
        },
        "datasets": KINDS,
    }
