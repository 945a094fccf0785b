"""Which modes the generated points have, one by one, and which real points have no generated point near them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from modescope.datasets import Array
from modescope.metrics.common.neighbours import flat, pairs_within, radii, tree
from modescope.metrics.modes import Modes, modes_of
from modescope.metrics.prdc import Prdc
from modescope.scoring.found import Found

State = Literal["covered", "thin", "lost"]


@dataclass(frozen=True)
class Mode:
    """A mode and its share of the generated points."""

    number: int  # from 1, in the order in which the centres are given
    centre: Array  # (dim,)
    std: float  # along every axis
    weight: float  # its true probability
    share: float  # of high-quality points of it among all generated points
    state: State

    @property
    def place(self) -> tuple[float, ...]:
        """The first coordinates of the centre, as many as are read at a glance, to a hundredth of the deviation."""
        digits = 2 - math.floor(math.log10(self.std))
        return tuple(round(float(at), digits) + 0.0 for at in self.centre[:3])

    @property
    def whole(self) -> bool:
        """Whether these are all coordinates."""
        return len(self.centre) <= 3


def modes(found: Found) -> list[Mode]:
    """Every mode, as the family `modes` counts them: thin has too few points, lost has none. Empty without modes."""
    family = found.asked.families.get("modes")
    if not isinstance(family, Modes):
        return []
    dataset = found.asked.dataset
    centres, weights, std = modes_of(dataset)
    shares = family.counts(found.fake[None], dataset)[0] / len(found.fake)
    return [
        Mode(i + 1, centre, std, float(weight), float(share), _state(share, family.share * weight))
        for i, (centre, weight, share) in enumerate(zip(flat(centres), weights, shares, strict=True))
    ]


def _state(share: float, least: float) -> State:
    return "covered" if share >= least else "thin" if share > 0 else "lost"


def uncovered(found: Found) -> NDArray[np.bool_] | None:
    """Whether a real point has no generated point nearer than its k-th real neighbour, (n,); 1 - mean is `coverage`.

    None where coverage is not measured or means nothing.
    """
    family, score = found.asked.families.get("prdc"), found.scores.get("coverage")
    if not isinstance(family, Prdc) or score is None or math.isnan(score.value):
        return None
    balls, _ = pairs_within(tree(found.fake), flat(found.real), radii(found.real, family.k))
    return np.asarray(np.bincount(balls, minlength=len(found.real)) == 0)
