"""Tables of metrics by arm, with numeric columns `m`, `m_low`, `m_high` that the page shows as one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from modescope.statistics import Estimate, floor_summary, wilson
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, cost

FLOOR = "real against real"


def metrics(scores: Scores, key: str, chosen: Sequence[str]) -> pd.DataFrame:
    """One row per arm: the mean of every metric with its interval, seeds, diverged runs. The floor is the last row."""
    rows: list[dict[str, object]] = []
    for experiment in ask.experiments(scores) if chosen else []:
        dataset = ask.dataset(scores, experiment)
        arms = _arms(scores, experiment, key)
        rows += [{"dataset": dataset, **_row(scores, experiment, arm, key, chosen)} for arm in arms]
        rows.append({"dataset": dataset, key: FLOOR, **floor_row(scores, dataset, chosen)})
    return last(pd.DataFrame(rows), ["seeds", "diverged"])


def modes(scores: Scores, key: str, chosen: Sequence[str]) -> pd.DataFrame:
    """The same for experiments on data with modes, with the success rate."""
    rows: list[dict[str, object]] = []
    for experiment in ask.experiments(scores):
        dataset = ask.dataset(scores, experiment)
        arms = _arms(scores, experiment, key)
        if not any(ask.values(scores, experiment, arm, "modes_covered").size for arm in arms):
            continue
        for arm in arms:
            row = _row(scores, experiment, arm, key, chosen)
            covered = ask.values(scores, experiment, arm, "all_modes_covered")
            runs = covered.size + ask.n_diverged(scores, experiment, arm)
            rows.append({"dataset": dataset, **row, **columns("success", wilson(int(covered.sum()), runs))})
        success = {"success": floor_summary(ask.floor(scores, dataset, "all_modes_covered")).mean}
        rows.append({"dataset": dataset, key: FLOOR, **floor_row(scores, dataset, chosen), **success})
    return last(pd.DataFrame(rows), ["seeds", "diverged"])


def entry_row(
    scores: Scores, dataset: str, entry: Entry, chosen: Sequence[str], key: str = "remedy"
) -> dict[str, object]:
    """The row of an entry, named in the column `key`: the mean of every metric, cost, seeds, diverged runs."""
    row: dict[str, object] = {key: entry.label}
    for metric in chosen:
        row |= columns(metric, ask.mean(scores, entry.experiment, entry.arm, metric))
    row["cost"] = cost(scores, dataset, entry)
    counted = {"seeds": ask.n_scored(scores, entry.experiment, entry.arm)}
    return row | counted | {"diverged": ask.n_diverged(scores, entry.experiment, entry.arm)}


def floor_row(scores: Scores, dataset: str, chosen: Sequence[str]) -> dict[str, object]:
    """Mean of the floor, with its 5th and 95th percentile in place of an interval."""
    row: dict[str, object] = {}
    for metric in chosen:
        low, high = ask.floor_range(scores, dataset, metric) or (np.nan, np.nan)
        mean = floor_summary(ask.floor(scores, dataset, metric)).mean
        row |= {metric: mean, f"{metric}_low": low, f"{metric}_high": high}
    return row


def _arms(scores: Scores, experiment: str, key: str) -> list[str]:
    """The arms along the key in ascending order, then the others."""
    found = ask.arms(scores, experiment)
    along = list(ask.along(found, key).values())
    return along + [arm for arm in found if arm not in along]


def _row(scores: Scores, experiment: str, arm: str, key: str, chosen: Sequence[str]) -> dict[str, object]:
    row: dict[str, object] = {key: arm.removeprefix(f"{key}=")}
    for metric in chosen:
        row |= columns(metric, ask.mean(scores, experiment, arm, metric))
    return row | {
        "seeds": ask.n_scored(scores, experiment, arm),
        "diverged": ask.n_diverged(scores, experiment, arm),
    }


def columns(name: str, e: Estimate) -> dict[str, float]:
    """The mean and the bounds of its interval as three columns."""
    if e.n == 0:
        return {name: np.nan, f"{name}_low": np.nan, f"{name}_high": np.nan}
    return {name: e.value, f"{name}_low": e.low, f"{name}_high": e.high}


def last(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Move these columns to the end, as Int64: they are counts, which floor rows lack."""
    there = [c for c in columns if c in frame]
    return frame[[c for c in frame if c not in there] + there].astype(dict.fromkeys(there, "Int64"))
