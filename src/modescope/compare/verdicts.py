"""Verdicts on claims that two revisions reach: which ones changed, and which claims only one of them judges."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from modescope.report.sheets import VERDICTS
from modescope.statistics import Estimate


@dataclass(frozen=True)
class Judged:
    """One claim as one side judges it."""

    study: str
    key: str
    claim: str
    where: str  # the data that it is about; empty if the claim says it
    effect: Estimate
    verdict: str
    reason: str  # why it is open, or how contradicted

    @property
    def text(self) -> str:
        """The claim with the data that it is about."""
        return f"{self.where}: {self.claim}" if self.where else self.claim


@dataclass(frozen=True)
class Verdicts:
    """The verdicts of two sides."""

    known: tuple[bool, bool]  # whether A and B have a table of verdicts
    turned: list[tuple[Judged, Judged]]  # (in A, in B), where the verdicts differ
    alike: int  # claims with the same verdict
    gone: list[Judged]  # only A judges them
    new: list[Judged]  # only B does


def compared(a: pd.DataFrame | None, b: pd.DataFrame | None) -> Verdicts:
    """The verdicts of both sides' tables by study and key, in the order of B; None for a side that has no table."""
    if a is None or b is None:
        return Verdicts((a is not None, b is not None), [], 0, [], [])
    before, after = judged(a), judged(b)
    shared = [(before[key], found) for key, found in after.items() if key in before]
    turned = [(old, new) for old, new in shared if old.verdict != new.verdict]
    return Verdicts(
        known=(True, True),
        turned=turned,
        alike=len(shared) - len(turned),
        gone=[found for key, found in before.items() if key not in after],
        new=[found for key, found in after.items() if key not in before],
    )


def judged(table: pd.DataFrame) -> dict[tuple[str, str], Judged]:
    """(study, key) -> claim, from a table with the columns VERDICTS."""
    rows = table[VERDICTS].itertuples(index=False)
    return {
        (str(study), str(key)): Judged(
            str(study),
            str(key),
            str(claim),
            str(where),
            Estimate(float(effect), float(low), float(high), int(seeds)),
            str(verdict),
            str(reason),
        )
        for study, key, claim, where, effect, low, high, seeds, verdict, reason in rows
    }
