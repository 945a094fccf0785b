"""Which snapshots of a run are shown: few enough for a small file, evenly spaced, always the first and the last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST = 24
FEWEST = 16  # rather these exactly evenly spaced than more that are not


def chosen(steps: NDArray[np.integer]) -> list[int]:
    """Indices of the shown snapshots, ascending, from the steps (snapshots,) at which they were taken, ascending.

    All of at most `MOST` snapshots; otherwise the largest number from `MOST` down to `FEWEST` whose evenly spaced steps
    were all taken; otherwise those nearest to `MOST` evenly spaced steps. So 41 snapshots at equal distances become 21.
    """
    if len(steps) <= MOST:
        return list(range(len(steps)))
    for n in range(MOST, FEWEST - 1, -1):
        wanted = np.linspace(steps[0], steps[-1], n)
        if np.isin(wanted, steps).all():
            return list(map(int, np.searchsorted(steps, wanted)))
    wanted = np.linspace(steps[0], steps[-1], MOST)
    return sorted({int(np.abs(steps - step).argmin()) for step in wanted})
