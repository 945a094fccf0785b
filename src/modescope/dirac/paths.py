"""The paths of trained runs through the plane of theta and psi, and the exact ones from the same starts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modescope.datasets.constant import Constant
from modescope.dirac import steps
from modescope.dirac.remedies import Remedy, remedy, solvable
from modescope.params.config import Experiment, averaged_arm
from modescope.store.runs import Runs


def arms(settings: Experiment) -> dict[str, tuple[Experiment, bool]]:
    """Every arm -> its settings, and whether it is that of averaged weights."""
    found = {}
    for arm, chosen in settings.arms():
        found[arm] = chosen, False
        if chosen.ema is not None:
            found[averaged_arm(arm, chosen)] = chosen, True
    return found


def of_arm(settings: Experiment, arm: str) -> Remedy | None:
    """The remedy of an arm of an experiment; None if its field is not known. Raises KeyError for an unknown arm."""
    chosen, averaged = arms(settings)[arm]
    return remedy(chosen, averaged=averaged)


def trained(run: Runs) -> NDArray[np.float64] | None:
    """(theta, psi) at every snapshot, (runs, snapshots, 2), psi as the slope of D's field; None for other runs.

    With averaged weights theta is theirs, and psi that of the live D.
    """
    settings = run.settings
    known = isinstance(run.dataset, Constant) and run.dataset.value == 0 and isinstance(settings, Experiment)
    if not known or not solvable(run.trained) or "field" not in run.watched:
        return None
    field = run.trained.snapshots.field
    assert field is not None
    values = run.watched["field"].astype(np.float64)  # (runs, snapshots, cells)
    psi = (values[..., -1] - values[..., 0]) / (field.high[0] - field.low[0])
    return np.stack([run.snapshots[:, :, 0, 0].astype(np.float64), psi], -1)


def exact(run: Runs, paths: NDArray[np.float64]) -> NDArray[np.float64]:
    """The paths of alternating steps in the exact field from where those of `trained` start, in float64.

    (runs, snapshots, 2); NaN for arms whose field is not known.
    """
    found = np.full_like(paths, np.nan)
    for arm in run.arms:
        chosen, rows = of_arm(run.trained, arm), run.rows(arm)
        if chosen is not None:
            step = steps.alternating(chosen)
            at = run.snapshot_steps.tolist()
            found[rows] = steps.path(step, paths[rows, 0], at, averaged=chosen.decay is not None)
    return found
