"""The settings of the simplest GAN that are compared: short labels, successful seeds, and the seed to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modescope.formatting import listing, number, sentence
from modescope.statistics import Estimate, wilson
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import settings_of

STUDY, BASELINE = "point", "Baseline"
REAL = 1.0  # the article's number
DECAY, NOISE = "optimizers.discriminator.weight_decay", "hyperparameters.parameter_noise"


@dataclass(frozen=True)
class Setting:
    """One arm of one experiment."""

    experiment: str
    arm: str
    label: str  # from the names in params.yaml
    title: str  # for readers


def settings(scores: Scores) -> list[Setting]:
    """Every arm of every experiment, in the order of params.yaml: point_weight_decay at 0.1 -> weight decay 0.1."""
    found = []
    for experiment in ask.experiments(scores):
        name = experiment.removeprefix(f"{STUDY}_").replace("_", " ")
        for arm in ask.arms(scores, experiment):
            values = settings_of(arm).values()
            title = scores.experiment_titles.get(experiment) or sentence(name)
            title = BASELINE if name == BASELINE.lower() else title
            swept = f" at {listing([_shown(value) for value in values])}" if values else ""
            found.append(Setting(experiment, arm, f"{name} {' '.join(values)}".strip(), title + swept))
    return found


def _shown(value: str) -> str:
    """A swept value for readers; lists stay as they are."""
    try:
        return number(float(value))
    except ValueError:
        return value


def by_success(scores: Scores) -> list[tuple[Setting, Estimate]]:
    """Every setting that was run with its share of successful seeds, the best first."""
    found = [(setting, share(scores, setting)) for setting in settings(scores)]
    return sorted(((s, e) for s, e in found if e.n), key=lambda pair: -pair[1].value)


def find(scores: Scores, name: str, swept: Mapping[str, float] | None = None) -> Setting | None:
    """The setting of the experiment point_<name> at these swept values; None if it was not run."""
    for setting in settings(scores):
        values = {key: float(value) for key, value in settings_of(setting.arm).items()}
        if setting.experiment == f"{STUDY}_{name}" and values == (swept or {}):
            return setting
    return None


def successes(scores: Scores, setting: Setting) -> pd.Series[float]:
    """1 or 0 by ascending seed; runs that diverged are failures."""
    scored = ask.by_seed(scores, setting.experiment, setting.arm, "success")
    lost = [s for e, a, s in scores.diverged if (e, a) == (setting.experiment, setting.arm)]
    return pd.concat([scored, pd.Series(0.0, index=lost, dtype=float)]).sort_index()


def share(scores: Scores, setting: Setting) -> Estimate:
    """The share of seeds that succeeded, with its Wilson interval."""
    found = successes(scores, setting)
    return wilson(int(found.sum()), len(found))


def finals(scores: Scores, setting: Setting) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(seeds, their final (w, b) (seeds, 2)) of the runs that did not diverge, by ascending seed."""
    columns = [ask.by_seed(scores, setting.experiment, setting.arm, f"final_{name}") for name in ("weight", "bias")]
    frame = pd.concat(columns, axis=1, join="inner").sort_index()
    return frame.index.to_numpy(dtype=np.int64), frame.to_numpy(dtype=np.float64).reshape(-1, 2)


def typical(scores: Scores, setting: Setting, *, failing: bool) -> int | None:
    """The seed whose line ends at the median distance from w = 0, b = 1, of all seeds or of those that failed.

    For an even number of seeds, the nearer of the middle two; None if there is no such seed.
    """
    seeds, lines = finals(scores, setting)
    if failing:
        failed = successes(scores, setting).reindex(seeds).to_numpy() == 0
        seeds, lines = seeds[failed], lines[failed]
    if not len(seeds):
        return None
    distance = np.hypot(lines[:, 0], lines[:, 1] - REAL)
    return int(seeds[np.argsort(distance, kind="stable")[(len(seeds) - 1) // 2]])
