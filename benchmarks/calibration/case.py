"""One situation of which the exact scores are known, and what a family of metrics makes of it over repeats."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from modescope.seeding import stream

Scores = dict[str, float]
Measure = Callable[[int, np.random.Generator], Scores]


@dataclass(frozen=True)
class Case:
    """What is scored, and what should come out."""

    family: str
    what: str  # for readers
    n: int  # points a side
    draw: Measure  # scores of n fresh points a side
    exact: Callable[[int], Mapping[str, float]]  # by metric, for n points; NaN where there is no exact value
    repeats: int = 40
    slow: bool = False  # needs the decoder or a classifier: the test leaves it out


class Row(NamedTuple):
    """One metric of a case over its repeats."""

    family: str
    metric: str
    what: str
    n: int
    exact: float
    mean: float
    spread: float  # standard deviation of one value
    repeats: int

    @property
    def error(self) -> float:
        """Two standard errors of the mean."""
        return 2 * self.spread / math.sqrt(self.repeats)


def rows(case: Case, repeats: int | None = None) -> list[Row]:
    """The metrics of a case that it has exact values for, or NaN. Raises KeyError for one that is not scored."""
    times = repeats or case.repeats
    found = [case.draw(case.n, stream("calibration", case.family, case.what, repeat)) for repeat in range(times)]
    made = []
    for metric, exact in case.exact(case.n).items():
        values = np.array([scores[metric] for scores in found])
        spread = float(values.std(ddof=1)) if times > 1 else math.nan
        made.append(Row(case.family, metric, case.what, case.n, exact, float(values.mean()), spread, times))
    return made
