"""What later stages read: the runs of an experiment as arrays, the scores of a study as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modescope.config import Experiment
from modescope.datasets import Distribution


@dataclass(frozen=True)
class Runs:
    """All runs (arm x seed) of one experiment, with the data they were trained on.

    Row r of every array below is the run of arm `arm[r]` and seed `seed[r]`; arms come in the order
    of the sweep, seeds ascending within each.
    """

    experiment: str
    settings: Experiment
    dataset: Distribution
    real: NDArray[np.float32]  # (n_test, *shape), the fixed test set
    arm: list[str]  # (runs,)
    seed: list[int]  # (runs,)
    samples: NDArray[np.float32]  # (runs, n, *shape), after training; NaN where diverged
    snapshot_steps: NDArray[np.int64]  # (snapshots,)
    snapshots: NDArray[np.float32]  # (runs, snapshots, points, *shape), G at fixed z
    diverged_at: list[int]  # (runs,), step at which parameters or samples were found non-finite, -1 if never
    data_sha256: str  # of data/<dataset>.npz
    samples_sha256: str  # of samples.npz

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
