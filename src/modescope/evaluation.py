"""Scores every run, also while it trains, and real against real for the floors; returns tables."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modescope import datasets, executors, metrics
from modescope.classifiers import Classifier
from modescope.dirac import paths
from modescope.metrics import digits
from modescope.metrics.common.memory import frozen
from modescope.metrics.common.nans import without_nans
from modescope.params.config import Experiment
from modescope.seeding import stream
from modescope.store.runs import Runs

# Scored during training: by family, which of its metrics.
PROGRESS = {
    "modes": ["modes_covered", "modes_resolved", "high_quality_fraction"],
    "digits": ["modes_recognised", "modes_confident", "confident_fraction"],
}
FEWEST_SNAPSHOTS = 3


@dataclass(frozen=True)
class Comparison:
    """Two point sets to score against each other, and the names that seed their random numbers."""

    names: tuple[str | int, ...]
    dataset: dict[str, Any]
    metrics: Mapping[str, dict[str, Any]]
    real: NDArray[np.float32] | None  # None: both sets are drawn from the dataset, for the floor
    fake: NDArray[np.float32] | None
    n: int
    views: Mapping[str, NDArray[np.floating]] = field(default_factory=dict)  # further views of a run, (n, ...)
    classifier: Classifier | None = None
    fewer: tuple[int, ...] = ()  # of a floor: numbers of points at which the metrics of `PROGRESS` are scored as well
    train: NDArray[np.float32] | None = None  # (m, ...), if a family that applies needs it


@dataclass(frozen=True)
class Course:
    """The snapshots of a run, to score each of them."""

    dataset: dict[str, Any]
    metrics: Mapping[str, dict[str, Any]]
    snapshots: NDArray[np.float32]  # (snapshots, points, *shape), NaN after divergence
    classifier: Classifier | None = None


def score(comparison: Comparison, report: executors.Report) -> dict[str, float]:
    """The value of every metric that applies, by name."""
    dataset = datasets.build(comparison.dataset)
    if comparison.real is None or comparison.fake is None:
        rng = stream(*comparison.names, "points")
        real, fake = frozen(dataset.sample(comparison.n, rng)), frozen(dataset.sample(comparison.n, rng))
    else:
        real, fake = _shared(comparison.real.tobytes(), comparison.real.shape), frozen(comparison.fake)
    views = {name: view.astype(np.float64) for name, view in comparison.views.items()}
    families, classifier = metrics.build(comparison.metrics), comparison.classifier
    train = None if comparison.train is None else _shared(comparison.train.tobytes(), comparison.train.shape)
    scores = metrics.score_all(families, real, fake, dataset, comparison.names, views, classifier, train)
    if classifier is not None and "digits" in families:
        for n in (n for n in comparison.fewer if n <= len(fake)):
            seen = digits.counts(classifier.recognise(fake[:n]), dataset)
            scores |= {f"{name}_{n}": seen[name] for name in PROGRESS["digits"]}
    report(1)
    return scores


def score_course(course: Course, report: executors.Report) -> dict[str, list[float]]:
    """The metrics of `PROGRESS` at every snapshot, by name; NaN where points are not finite."""
    dataset, found = datasets.build(course.dataset), dict[str, list[float]]()
    families = metrics.build(course.metrics)
    for points in course.snapshots.astype(np.float64):
        if not np.isfinite(points).all():
            scores = {}
        elif course.classifier is not None:
            scores = digits.counts(course.classifier.recognise(points), dataset)
        else:
            scores = metrics.score_all(families, points, points, dataset, ("progress",))
        for name in itertools.chain.from_iterable(PROGRESS[family] for family in families):
            found.setdefault(name, []).append(scores.get(name, np.nan))
    report(1)
    return found


@lru_cache(maxsize=2)  # the test set and the training points
def _shared(content: bytes, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The points with these bytes of float32, (n, *shape): one array for all runs that are scored on the same ones.

    So metrics can remember what concerns it alone.
    """
    return frozen(np.frombuffer(content, np.float32).reshape(shape))


def evaluate(
    study: str,
    runs: Sequence[Runs],
    specs: Mapping[str, dict[str, Any]],
    families: Mapping[str, dict[str, Any]],
    *,
    n_samples: int,
    floor_repeats: int,
    training: Mapping[str, NDArray[np.float32]] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(scores, floors) of a study in long form; diverged runs have no scores.

    `specs` are the dataset entries by name, `families` the metric entries by name, `training` the training points
    (m, *shape) of those datasets where a family needs them. Scores have the columns study, experiment, arm, seed,
    metric, value; floors have study, dataset, repeat, metric, value. Metrics that ties void on a dataset have no rows
    for it, neither in scores nor in floors, so that no mean takes them in; standard error says which and why.
    """
    training = training or {}
    run_keys, floor_keys, comparisons, groups = [], [], [], []
    for run in runs:
        moved = _in_the_plane(run)
        n = min(n_samples, len(run.real))
        test = run.real[:n]  # one array for all comparisons, so that it goes to a worker once
        for row, (arm, seed) in enumerate(zip(run.arm, run.seed, strict=True)):
            if run.diverged_at[row] < 0:
                run_keys.append((study, run.experiment, arm, seed))
                pair = (test, run.samples[row][:n])
                names = (run.experiment, arm, seed, "evaluate")
                views = {name: view[row][:n] for name, view in run.views.items()} | _on_the_line(run, row, n)
                views |= {name: path[row] for name, path in moved.items()}
                spec = specs[run.settings.dataset]
                train = training.get(run.settings.dataset)
                comparison = Comparison(names, spec, families, *pair, n_samples, views, run.classifier, (), train)
                comparisons.append(comparison)
                groups.append(run.settings.dataset)
    for name, spec in specs.items():
        dataset = datasets.build(spec)
        n = min(n_samples, dataset.n_test)  # as many as for the runs, as scores depend on n
        of_it = [run for run in runs if run.settings.dataset == name]
        fixed = of_it[0].real if dataset.from_files else None
        classifier = of_it[0].classifier if of_it else None
        fewer = tuple(sorted({run.snapshots.shape[2] for run in of_it} - {0}))
        for repeat in range(floor_repeats):
            floor_keys.append((study, name, repeat))
            whose = ("floor", name, repeat)
            real, fake = (None, None) if fixed is None else halves(fixed, stream(*whose, "points"))
            train = training.get(name)
            comparisons.append(Comparison(whose, spec, families, real, fake, n, {}, classifier, fewer, train))
            groups.append(name)
    results = executors.run(
        score, comparisons, units=len(comparisons), unit="comparisons", describe=study, preload="modescope.evaluation"
    )
    results, lost = without_nans(results, groups)
    for (name, metric), i in lost.items():
        print(f"{study}: {metric} is left out for {name}: {_why(comparisons[i], metric)}", file=sys.stderr)
    split = len(run_keys)
    return (
        _long(run_keys, results[:split], ["study", "experiment", "arm", "seed"]),
        _long(floor_keys, results[split:], ["study", "dataset", "repeat"]),
    )


def _why(comparison: Comparison, metric: str) -> str:
    """Why a metric is not a number."""
    real, fake, train = comparison.real, comparison.fake, comparison.train
    void = dict[str, str]()
    if real is not None and fake is not None:
        dataset, families = datasets.build(comparison.dataset), metrics.build(comparison.metrics)
        void = metrics.voided(families, frozen(real), frozen(fake), dataset, None if train is None else frozen(train))
    return void.get(metric, "some of its values are not numbers")


def progress(
    runs: Sequence[Runs], specs: Mapping[str, dict[str, Any]], families: Mapping[str, dict[str, Any]], describe: str
) -> pd.DataFrame:
    """The metrics of `PROGRESS` during training: experiment, arm, seed, step, and a column a metric.

    Only of generators with at least `FEWEST_SNAPSHOTS` snapshots on data with modes: mixtures, and stacks of digits
    where there is a classifier. Of each of the two, there are columns if there are such runs. A run has rows until it
    diverges.
    `describe` is what a progress bar calls the work; the rest is as in `evaluate`.
    """
    keys, courses = [], []
    for run in runs:
        family = "digits" if run.classifier is not None else "modes"
        counted = run.classifier is not None or run.dataset.centres is not None
        counted = counted and family in families and run.snapshots.shape[2] > 0
        if counted and len(run.snapshot_steps) >= FEWEST_SNAPSHOTS:
            chosen, spec = {family: families[family]}, specs[run.settings.dataset]
            for row, (arm, seed) in enumerate(zip(run.arm, run.seed, strict=True)):
                keys.append((run.experiment, arm, seed, run.snapshot_steps.tolist()))
                courses.append(Course(spec, chosen, run.snapshots[row], run.classifier))
    results = executors.run(
        score_course, courses, units=len(courses), unit="runs", describe=describe, preload="modescope.evaluation"
    )
    used = [family for family in PROGRESS if any(family in course.metrics for course in courses)] or ["modes"]
    names = list(itertools.chain.from_iterable(PROGRESS[family] for family in used))
    rows = [
        (experiment, arm, seed, step, *(found[name][i] if name in found else np.nan for name in names))
        for (experiment, arm, seed, steps), found in zip(keys, results, strict=True)
        for i, step in enumerate(steps)
        if np.isfinite(next(iter(found.values()))[i])
    ]
    return pd.DataFrame(rows, columns=["experiment", "arm", "seed", "step", *names])


def halves(real: NDArray[np.float32], rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The test set (n, *shape) split at random into two sets of n // 2, for the floor of data from files.

    Runs are scored on more points, so this floor is slightly too high.
    """
    order = rng.permutation(len(real))
    n = len(real) // 2
    return real[order[:n]], real[order[n : 2 * n]]


def _on_the_line(run: Runs, row: int, n: int) -> dict[str, NDArray[np.float32]]:
    """For a field in one dimension: D's last `logits` at `places`, (cells,) each, and the `samples`; else nothing."""
    field = run.settings.snapshots.field if isinstance(run.settings, Experiment) else None
    if field is None or len(field.low) > 1 or "field" not in run.watched:
        return {}
    places = np.linspace(field.low[0], field.high[0], field.cells, dtype=np.float32)
    return {"logits": run.watched["field"][row, -1], "places": places, "samples": run.samples[row][:n]}


def _in_the_plane(run: Runs) -> dict[str, NDArray[np.float64]]:
    """For a Dirac-GAN: `path` and `exact` (runs, snapshots, 2) after `steps` (runs, snapshots), and `at`; else nothing.

    `at` is `steps`, but NaN for averaged weights: where they go next depends on the live weights, which are not in
    their path.
    """
    path = paths.trained(run)
    if path is None:
        return {}
    live = [not paths.arms(run.trained)[arm][1] for arm in run.arm]
    steps = np.tile(run.snapshot_steps.astype(np.float64), (len(live), 1))
    at = np.where(np.array(live)[:, None], steps, np.nan)
    return {"path": path, "exact": paths.exact(run, path), "steps": steps, "at": at}


def _long(
    keys: Sequence[tuple[str | int, ...]], results: Sequence[dict[str, float]], columns: list[str]
) -> pd.DataFrame:
    rows = [(*key, name, value) for key, scores in zip(keys, results, strict=True) for name, value in scores.items()]
    return pd.DataFrame(rows, columns=[*columns, "metric", "value"])
