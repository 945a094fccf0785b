"""Building a claim: the measured effect, with an interval that is valid for few seeds, and the verdict."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modescope.seeding import stream
from modescope.statistics import Estimate, bootstrap_mean, judge, widened
from modescope.studies import Claim


def claim(key: str, text: str, rule: str, effect: Estimate, low: float, high: float) -> Claim:
    """A claim, judged by whether the whole interval of its effect lies in [low, high]."""
    return Claim(key.replace("_", "-"), text, rule, effect, judge(effect, low, high))


def effect(values: NDArray[np.float64], study: str, key: str) -> Estimate:
    """The mean over seeds, with an interval that is valid for few seeds: the wider of bootstrap and Student's t."""
    return widened(bootstrap_mean(values, stream("claims", study, key)), values)
