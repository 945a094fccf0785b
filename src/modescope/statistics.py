"""Intervals and verdicts over seeds; an explicit Generator, no globals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

Verdict = Literal["supported", "contradicted", "inconclusive"]


class Estimate(NamedTuple):
    """A value with its 95 % interval and the number of seeds behind it."""

    value: float
    low: float
    high: float
    n: int
