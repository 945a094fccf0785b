"""Which modes a snapshot keeps, one by one, by the rule that the scores count them with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modescope.datasets import Distribution
from modescope.formatting import number
from modescope.metrics import Metric
from modescope.metrics.modes import Modes, modes_of
from modescope.store.runs import Scores
from modescope.studies.common import courses
from modescope.studies.common import scores as ask


@dataclass(frozen=True)
class Rule:
    """How the modes of a dataset are counted."""

    metric: str  # of the scores: modes_covered, or modes_resolved where modes are sharp
    family: Modes
    dataset: Distribution

    @property
    def near(self) -> bool:
        """Whether points near a mode count, not only those of high quality."""
        return self.metric == courses.RESOLVED

    @property
    def radius(self) -> float:
        """Within this distance of a mode's centre, in data units, a point counts for the mode."""
        near = self.family.neighbourhood(self.dataset) if self.near else None
        return self.family.deviations * modes_of(self.dataset)[2] if near is None else near

    @property
    def words(self) -> str:
        """The rule for readers."""
        share = "half" if self.family.share == 0.5 else f"{self.family.share:.0%}"
        width = f"{number(self.family.deviations)} standard deviations"
        if self.near:
            width = f"{number(self.family.resolution)} times the smallest distance between modes"
        due = "the points that are due to it"
        return f"A mode is kept if at least {share} of {due} lie in its circle, whose radius is {width}."

    def kept(self, sets: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Which modes are kept by sets of points, (k, n, 2) -> (k, n_modes); none where a point is not finite."""
        finite = np.isfinite(sets).all(axis=(1, 2))
        points = np.where(finite[:, None, None], sets, 0).astype(np.float64)
        counts = self.family.counts(points, self.dataset, self.radius)
        enough = counts / sets.shape[1] >= self.family.share * modes_of(self.dataset)[1]
        return np.asarray(enough & finite[:, None])


def rule(scores: Scores, name: str, dataset: Distribution, families: dict[str, Metric]) -> Rule | None:
    """The rule for a dataset; None where no modes were counted on real points."""
    metric, family = courses.counted(scores, name), families.get("modes")
    if not isinstance(family, Modes) or not ask.floor(scores, name, metric).size:
        return None
    return Rule(metric, family, dataset)
