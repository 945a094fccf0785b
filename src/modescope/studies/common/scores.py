"""Queries on the scores that every study needs: values of an arm, estimates, pairs by seed, the floor."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modescope.seeding import stream
from modescope.statistics import Estimate, bootstrap_mean
from modescope.store.runs import Scores

Values = NDArray[np.float64]


class _Index(NamedTuple):
    """Where the scores of a study stand in their table, since figures and tables ask for thousands of them."""

    rows: dict[tuple[str, str, str], list[int]]  # (experiment, arm, metric) -> ascending by seed
    arms: dict[str, list[str]]  # experiment -> its arms, as they come
    seeds: NDArray[np.int64]
    values: Values


_indices: dict[int, _Index] = {}  # by the identity of the table


def _index(runs: pd.DataFrame) -> _Index:
    """The index of a table of scores, made once for as long as the table lives; nobody changes the table."""
    if id(runs) not in _indices:
        seeds = runs["seed"].to_numpy(dtype=np.int64)
        found = _Index({}, {}, seeds, runs["value"].to_numpy(dtype=np.float64))
        order = np.argsort(seeds, kind="stable").tolist()
        experiments, arms, metrics = (runs[column].tolist() for column in ("experiment", "arm", "metric"))
        for row in order:
            found.rows.setdefault((experiments[row], arms[row], metrics[row]), []).append(row)
        for experiment, arm in dict.fromkeys(zip(experiments, arms, strict=True)):
            found.arms.setdefault(experiment, []).append(arm)
        _indices[id(runs)] = found
        weakref.finalize(runs, _indices.pop, id(runs)).atexit = False
    return _indices[id(runs)]


def experiments(scores: Scores) -> list[str]:
    """The experiments of the plan, in its order."""
    return list(scores.datasets)


def arms(scores: Scores, experiment: str) -> list[str]:
    """The arms of an experiment; arms whose runs all diverged come last."""
    scored = _index(scores.runs).arms.get(experiment, [])
    return list(dict.fromkeys([*scored, *(a for e, a, _ in scores.diverged if e == experiment)]))


def by_seed(scores: Scores, experiment: str, arm: str, metric: str) -> pd.Series[float]:
    """The values of one metric, indexed by ascending seed; empty if nothing was measured."""
    found = _index(scores.runs)
    rows = found.rows.get((experiment, arm, metric), [])
    return pd.Series(found.values[rows], index=pd.Index(found.seeds[rows], name="seed"), name="value")


def values(scores: Scores, experiment: str, arm: str, metric: str) -> Values:
    """The values of one metric by ascending seed, (seeds,)."""
    found = _index(scores.runs)
    return found.values[found.rows.get((experiment, arm, metric), [])]


def paired(scores: Scores, experiment: str, metric: str, chosen: Iterable[str]) -> list[Values]:
    """The values of one metric in several arms, at the seeds that all arms share, (seeds,) each."""
    return between(scores, metric, [(experiment, arm) for arm in chosen])


def between(scores: Scores, metric: str, runs: Iterable[tuple[str, str]]) -> list[Values]:
    """The same for pairs (experiment, arm) of any experiments."""
    columns = [by_seed(scores, experiment, arm, metric) for experiment, arm in runs]
    frame = pd.concat(columns, axis=1, join="inner").sort_index()
    return [frame.iloc[:, i].to_numpy(dtype=np.float64) for i in range(len(columns))]


def mean(scores: Scores, experiment: str, arm: str, metric: str) -> Estimate:
    """Mean over seeds with its bootstrap interval, for tables and figures."""
    return _mean(tuple(values(scores, experiment, arm, metric).tolist()), experiment, arm, metric)


def finite_mean(scores: Scores, experiment: str, arm: str, metric: str) -> Estimate:
    """The same over finite values only."""
    found = values(scores, experiment, arm, metric)
    return _mean(tuple(found[np.isfinite(found)].tolist()), experiment, arm, metric)


@cache
def _mean(values: tuple[float, ...], experiment: str, arm: str, metric: str) -> Estimate:
    return bootstrap_mean(values, stream("mean", experiment, arm, metric))


def floor(scores: Scores, dataset: str, metric: str) -> Values:
    """Scores of real points against real points, (repeats,); empty if they were not measured."""
    chosen = scores.floors[(scores.floors["dataset"] == dataset) & (scores.floors["metric"] == metric)]
    return chosen.sort_values("repeat")["value"].to_numpy(dtype=float)


def floor_range(scores: Scores, dataset: str, metric: str) -> tuple[float, float] | None:
    """5th and 95th percentile of the floor; None if it was not measured or is not finite."""
    repeats = floor(scores, dataset, metric)
    if repeats.size == 0 or not np.isfinite(repeats).all():
        return None
    low, high = np.quantile(repeats, [0.05, 0.95])
    return float(low), float(high)


def n_diverged(scores: Scores, experiment: str, arm: str) -> int:
    """How many runs of an arm diverged."""
    return sum((e, a) == (experiment, arm) for e, a, _ in scores.diverged)


def n_scored(scores: Scores, experiment: str, arm: str) -> int:
    """How many runs of an arm have scores."""
    found = _index(scores.runs)
    rows = [row for (e, a, _), rows in found.rows.items() if (e, a) == (experiment, arm) for row in rows]
    return len(np.unique(found.seeds[rows]))


def dataset(scores: Scores, experiment: str) -> str:
    """The dataset of an experiment. Raises KeyError for one that is not in the plan."""
    return scores.datasets[experiment]


def title(name: str) -> str:
    """A name for a heading: eight_gaussians -> Eight Gaussians."""
    return name.replace("_", " ").title()


def along(arms: Iterable[str], key: str) -> dict[int, str]:
    """Whole-number values of a swept key, ascending -> arm. Arms that sweep anything else are left out."""
    found = {a.removeprefix(f"{key}="): a for a in arms if a.startswith(f"{key}=")}
    return dict(sorted((int(value), arm) for value, arm in found.items() if value.isdecimal()))
