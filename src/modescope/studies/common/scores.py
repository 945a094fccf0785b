"""Queries on the scores that every study needs: values of an arm, estimates, pairs by seed, the floor."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modescope.formatting import in_words
from modescope.seeding import stream
from modescope.statistics import Estimate, bootstrap_mean
from modescope.store.runs import Scores

Values = NDArray[np.float64]


class _Index(NamedTuple):
    """Where the values of a study stand in their table, since figures and tables ask for thousands of them."""

    rows: dict[tuple[str, ...], list[int]]  # (experiment, arm, metric) or (dataset, metric) -> ascending by number
    second: dict[str, list[str]]  # experiment -> its arms, as they come
    numbers: NDArray[np.int64]  # seeds or repeats
    values: Values


_indices: dict[int, _Index] = {}  # by the identity of the table


def _index(table: pd.DataFrame, keys: Sequence[str], number: str) -> _Index:
    """The index of a table of scores, made once for as long as the table lives; nobody changes the table."""
    if id(table) not in _indices:
        numbers = table[number].to_numpy(dtype=np.int64)
        found = _Index({}, {}, numbers, table["value"].to_numpy(dtype=np.float64))
        of_rows = list(zip(*(table[key].tolist() for key in keys), strict=True))
        for row in np.argsort(numbers, kind="stable").tolist():
            found.rows.setdefault(of_rows[row], []).append(row)
        for one, other in dict.fromkeys(key[:2] for key in of_rows):
            found.second.setdefault(one, []).append(other)
        _indices[id(table)] = found
        weakref.finalize(table, _indices.pop, id(table)).atexit = False
    return _indices[id(table)]


def _runs(scores: Scores) -> _Index:
    return _index(scores.runs, ("experiment", "arm", "metric"), "seed")


def experiments(scores: Scores) -> list[str]:
    """The experiments of the plan, in its order."""
    return list(scores.datasets)


def arms(scores: Scores, experiment: str) -> list[str]:
    """The arms of an experiment; arms whose runs all diverged come last."""
    scored = _runs(scores).second.get(experiment, [])
    return list(dict.fromkeys([*scored, *(a for e, a, _ in scores.diverged if e == experiment)]))


def by_seed(scores: Scores, experiment: str, arm: str, metric: str) -> pd.Series[float]:
    """The values of one metric, indexed by ascending seed; empty if nothing was measured."""
    found = _runs(scores)
    rows = found.rows.get((experiment, arm, metric), [])
    return pd.Series(found.values[rows], index=pd.Index(found.numbers[rows], name="seed"), name="value")


def values(scores: Scores, experiment: str, arm: str, metric: str) -> Values:
    """The values of one metric by ascending seed, (seeds,)."""
    found = _runs(scores)
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


def course(scores: Scores, experiment: str, arm: str, metric: str) -> tuple[NDArray[np.int64], Values]:
    """Steps (snapshots,) and a metric then, (seeds, snapshots), NaN once a run has diverged; empty if not measured."""
    frame = scores.progress
    mine = frame[(frame["experiment"] == experiment) & (frame["arm"] == arm)]
    if metric not in mine or mine[metric].isna().all():
        return np.empty(0, np.int64), np.empty((0, 0))
    table = mine.pivot(index="seed", columns="step", values=metric)
    return table.columns.to_numpy(dtype=np.int64), table.to_numpy(dtype=np.float64)


def floor(scores: Scores, dataset: str, metric: str) -> Values:
    """Scores of real points against real points, (repeats,); empty if they were not measured."""
    found = _index(scores.floors, ("dataset", "metric"), "repeat")
    return found.values[found.rows.get((dataset, metric), [])]


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
    found = _runs(scores)
    rows = [row for key, rows in found.rows.items() if key[:2] == (experiment, arm) for row in rows]
    return len(np.unique(found.numbers[rows]))


def dataset(scores: Scores, experiment: str) -> str:
    """The dataset of an experiment. Raises KeyError for one that is not in the plan."""
    return scores.datasets[experiment]


def title(scores: Scores, dataset: str) -> str:
    """The name of a dataset for readers: ring8_heavy -> Ring of eight, one heavy."""
    return scores.dataset_titles.get(dataset) or in_words(dataset)


def along(arms: Iterable[str], key: str) -> dict[int, str]:
    """Whole-number values of a swept key, ascending -> arm. Arms that sweep anything else are left out."""
    found = {a.removeprefix(f"{key}="): a for a in arms if a.startswith(f"{key}=")}
    return dict(sorted((int(value), arm) for value, arm in found.items() if value.isdecimal()))
