"""Leaves metrics out of tables whose values are not all numbers, so that no mean takes them in silently."""

from __future__ import annotations

import math
from collections.abc import Sequence


def without_nans(
    scores: Sequence[dict[str, float]], groups: Sequence[str]
) -> tuple[list[dict[str, float]], dict[tuple[str, str], int]]:
    """Scores (comparisons,) of the groups (comparisons,) without what is NaN in any comparison of the same group.

    The second answer names what was left out: (group, metric) -> the first comparison where it is NaN.
    """
    lost: dict[tuple[str, str], int] = {}
    for i, (found, group) in enumerate(zip(scores, groups, strict=True)):
        for name, value in found.items():
            if math.isnan(value):
                lost.setdefault((group, name), i)
    kept = [
        {name: value for name, value in found.items() if (group, name) not in lost}
        for found, group in zip(scores, groups, strict=True)
    ]
    return kept, lost
