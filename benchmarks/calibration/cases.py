"""All cases, in the order of the document."""

from __future__ import annotations

from benchmarks.calibration import frames, modes, points, runs
from benchmarks.calibration.case import Case, Row, rows

ALL: list[Case] = [*modes.CASES, *points.CASES, *runs.CASES, *frames.CASES]


def measured(index: int) -> list[Row]:
    """The rows of one of them; workers are told a number, since functions cannot be sent."""
    return rows(ALL[index])
