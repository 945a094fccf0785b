"""Writes what the explorer shows of a study: a script for every run and for the real points, and explorer.json."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modescope import executors
from modescope.datasets import Distribution
from modescope.explorer import frames, index, script
from modescope.explorer.kept import Rule
from modescope.explorer.pack import pack
from modescope.store import artifacts, layout
from modescope.store.plan import Plan, read_plan
from modescope.store.runs import Runs, Scores
from modescope.studies.common import scores as ask


@dataclass(frozen=True)
class Task:
    """The runs of one experiment."""

    root: Path
    study: str
    experiment: str


def write(root: Path, study: str) -> None:
    """Write media/<study>/explorer.json and the scripts that it names; it is an empty list where nothing is planar."""
    plan, scores = _read(root, study)
    planar = index.planar(plan)
    tasks = [Task(root, study, e) for e, dataset in scores.datasets.items() if dataset in planar]
    packed = executors.run(
        write_runs,
        tasks,
        units=len(tasks),
        unit="experiments",
        describe=f"explorer of {study}",
        preload="modescope.explorer.writing",
    )
    runs = {key: entry for entries in packed for key, entry in entries.items()}
    fields = []
    for name, dataset in planar.items():
        mine = [runs[name, key] for key, _ in index.shown(scores, name) if (name, key) in runs]
        if mine:
            fields.append(index.field(plan, scores, name, dataset, mine))
            points = artifacts.read_npz(root / "data" / f"{name}.npz")["test"]
            _write(root, study, name, real(points, dataset, index.counting(plan, scores, name, dataset)))
    artifacts.write_json(root / "media" / study / script.INDEX, fields)


def write_runs(task: Task, report: executors.Report) -> dict[tuple[str, str], dict[str, Any]]:
    """Write the scripts of an experiment's runs; returns its entries of explorer.json by (dataset, key)."""
    plan, scores = _read(task.root, task.study)
    dataset = scores.datasets[task.experiment]
    mine = [one for one in index.shown(scores, dataset) if one.entry.experiment == task.experiment]
    runs = layout.read_runs(task.root, plan, task.experiment) if mine else None
    report(1)
    if runs is None or not runs.snapshots.size:  # without a generator there are no points
        return {}
    counted = index.counting(plan, scores, dataset, runs.dataset)
    found = {}
    for one in mine:
        found[dataset, one.key], scripts = entry(one, runs, scores, counted)
        for name, content in scripts.items():
            _write(task.root, task.study, name, content)
    return found


def entry(
    shown: index.Shown, runs: Runs, scores: Scores, counted: Rule | None
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """An entry of explorer.json, and what the scripts of its runs hold by name."""
    key, mine = shown
    scripts, files = dict[str, dict[str, Any]](), []
    for row in runs.rows(mine.arm)[: index.SEEDS]:
        name, content = f"{runs.settings.dataset}_{key}_{runs.seed[row]}", run(runs, row, scores, counted)
        scripts[name] = content
        told = {"final": content["final"], "diverged": content["diverged"]}
        files.append({"seed": runs.seed[row], "file": f"{name}.js", **told})
    named = {"remedy": mine.remedy, "title": mine.title, "experiment": mine.experiment, "arm": mine.arm}
    return {"key": key, **named, "runs": files}, scripts


def real(points: NDArray[np.floating], dataset: Distribution, counted: Rule | None) -> dict[str, Any]:
    """What the script of a dataset holds: where it is drawn, its modes, and its first real points (n, 2)."""
    where = index.geometry(dataset, counted)
    first = points[: index.REAL]
    return where | {"points": len(first), "packed": _text(first, where["extent"])}


def run(runs: Runs, row: int, scores: Scores, counted: Rule | None) -> dict[str, Any]:
    """What the script of a run holds: steps, points, modes kept then, and the score of the samples after training."""
    arm, seed, dataset = runs.arm[row], runs.seed[row], runs.settings.dataset
    at = frames.chosen(runs.snapshot_steps)
    snapshots, steps = runs.snapshots[row][at], runs.snapshot_steps[at].tolist()
    told = index.told(scores, dataset, counted)
    final = None if told is None else ask.by_seed(scores, runs.experiment, arm, told).get(seed)
    content: dict[str, Any] = {
        "steps": steps,
        "points": min(index.POINTS, snapshots.shape[1]),
        "packed": _text(snapshots[:, : index.POINTS], index.geometry(runs.dataset, counted)["extent"]),
        "diverged": None if runs.diverged_at[row] < 0 else runs.diverged_at[row],
        "final": _finite(final),
    }
    if counted is not None:
        by_step = _course(scores, runs.experiment, arm, seed, counted.metric)
        content["counted_points"] = snapshots.shape[1]
        content["counts"] = [_finite(by_step.get(step)) for step in steps]
        content["kept"] = ["".join("01"[int(kept)] for kept in frame) for frame in counted.kept(snapshots)]
    return content


def _course(scores: Scores, experiment: str, arm: str, seed: int, metric: str) -> dict[int, float]:
    """The scores of a run's snapshots by step; empty if they were not recorded."""
    frame = scores.progress
    mine = frame[(frame["experiment"] == experiment) & (frame["arm"] == arm) & (frame["seed"] == seed)]
    return dict(zip(mine["step"].tolist(), mine[metric].tolist(), strict=True)) if metric in mine else {}


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _text(points: NDArray[np.floating], extent: Sequence[float]) -> str:
    return base64.b64encode(pack(points, extent)).decode()


def _write(root: Path, study: str, name: str, content: dict[str, Any]) -> None:
    folder = root / "media" / study / script.FOLDER
    artifacts.write_bytes(folder / f"{name}.js", script.write(f"{study}/{name}", content))


@lru_cache(maxsize=1)
def _read(root: Path, study: str) -> tuple[Plan, Scores]:
    plan = read_plan(root, study)
    return plan, layout.read_scores(root, plan)
