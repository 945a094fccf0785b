"""How a claim is put together: the measured effect with an interval that holds at few seeds, and its verdict."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modescope.seeding import stream
from modescope.statistics import Estimate, bootstrap_mean, judge, widened
from modescope.studies import Claim


def claim(key: str, text: str, rule: str, effect: Estimate, low: float, high: float) -> Claim:
    """Judged by whether the whole interval of the effect lies in [low, high]."""
    return Claim(key.replace("_", "-"), text, rule, effect, judge(effect, low, high))


def effect(values: NDArray[np.float64], study: str, key: str) -> Estimate:
    """The mean over seeds, with an interval that holds at few of them."""
    return widened(bootstrap_mean(values, stream("claims", study, key)), values)
