"""Whether a claim states in words what it judges."""

from __future__ import annotations

import math
import re

from modescope.formatting import number
from modescope.studies import Claim


def says_its_range(claim: Claim) -> bool:
    """Whether both ends of the range stand in the rule; infinite ones, and 0 and 1 of a share, go without saying."""
    ends = {end for end in (claim.low, claim.high) if math.isfinite(end)} - {0, 1}
    words = re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?!\w)", claim.rule) + ["0.5"] * ("half" in claim.rule)
    return {number(end) for end in ends} <= {*words}
