"""What later stages read: the runs of an experiment as arrays, the scores of a study as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modescope.classifiers import Classifier
from modescope.datasets import Distribution
from modescope.params.config import Experiment, Sampling


@dataclass(frozen=True)
class Runs:
    """All runs (arm x seed) of one experiment, with the data they were trained on.

    Row r of every array below is the run of arm `arm[r]` and seed `seed[r]`; arms come in the order
    of the sweep, seeds ascending within each.
    """

    experiment: str
    settings: Experiment | Sampling
    dataset: Distribution
    real: NDArray[np.float32]  # (n_test, *shape), the fixed test set
    arm: list[str]  # (runs,)
    seed: list[int]  # (runs,)
    samples: NDArray[np.float32]  # (runs, n, *shape), after training; NaN where diverged; n = 0 without a generator
    snapshot_steps: NDArray[np.int64]  # (snapshots,)
    snapshots: NDArray[np.float32]  # (runs, snapshots, points, *shape), G at fixed z
    diverged_at: list[int]  # (runs,), step at which parameters or samples were found non-finite, -1 if never
    data_sha256: str  # of data/<dataset>.npz
    samples_sha256: str  # of samples.npz
    # After training, beside samples, (runs, n, ...). With an encoder: z, codes E(x) of the first test points,
    # reconstructions G(E(x)), recodes E(G(z)). Of a sampler: the views that its file names.
    views: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    # In the snapshots, (runs, snapshots, ...): fixed x, their codes, fixed z, and the discriminator's field.
    watched: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    classifier: Classifier | None = None  # of stacked digits

    @property
    def trained(self) -> Experiment:
        """The settings of a training. Raises TypeError for the runs of a sampler."""
        if not isinstance(self.settings, Experiment):
            raise TypeError(f"{self.experiment} was drawn by a sampler, not trained")
        return self.settings

    @property
    def arms(self) -> list[str]:
        """The arms in the order of the sweep."""
        return list(dict.fromkeys(self.arm))

    def rows(self, arm: str) -> list[int]:
        """The runs of an arm, by ascending seed."""
        return [row for row, name in enumerate(self.arm) if name == arm]


@dataclass(frozen=True)
class Scores:
    """What `evaluate` wrote for a study."""

    runs: pd.DataFrame  # study, experiment, arm, seed, metric, value
    floors: pd.DataFrame  # study, dataset, repeat, metric, value: real against real
    diverged: Mapping[tuple[str, str, int], int]  # (experiment, arm, seed) -> step, diverged runs only
    datasets: Mapping[str, str]  # experiment -> dataset, for every experiment of the plan, in its order
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # experiment -> its entry in params.yaml
    published: Mapping[str, str] = field(default_factory=dict)  # dataset -> protocol, where a published one is followed
    costs: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (experiment, arm) -> multiply-adds of a step
    classifiers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # classifier -> its record.json
    # experiment, arm, seed, step, and a column for each metric of evaluation.PROGRESS, of runs on data with modes
    progress: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["experiment", "arm", "seed", "step"]))
    dataset_titles: Mapping[str, str] = field(default_factory=dict)  # dataset -> its name for readers
    experiment_titles: Mapping[str, str] = field(default_factory=dict)  # experiment -> the name of its remedy
    # (experiment, arm, seed) of diverged runs -> what became non-finite: a column of the history, parameters or samples
    non_finite: Mapping[tuple[str, str, int], str] = field(default_factory=dict)
