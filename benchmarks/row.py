"""One line of benchmarks/results.csv."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """`ratio` says how many times better ours is, or which share of a limit it reaches."""

    name: str
    ours: float
    reference: float
    ratio: float
    unit: str
