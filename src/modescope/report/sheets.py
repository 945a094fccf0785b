"""CSV of the tables other than scores by arm: verdicts, claims, floors, steps and hashes, settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from modescope.report.tables import Grid
from modescope.statistics import Verdict
from modescope.studies import Claim

CLAIM = ["key", "claim", "rule", "effect", "low", "high", "seeds", "verdict"]


def csv(frame: pd.DataFrame) -> str:
    """Comma-separated text with a header and no index."""
    return str(frame.to_csv(index=False, lineterminator="\n"))


def claims(judged: Sequence[Claim]) -> str:
    """CSV of key, claim, rule, effect, low, high, seeds, verdict; numbers at full precision."""
    rows = [(c.key, c.text, c.rule, *c.effect, c.verdict) for c in judged]
    return csv(pd.DataFrame(rows, columns=CLAIM))


def steps(planned: Sequence[tuple[str, int, int]], hashes: Sequence[tuple[str, str, str]]) -> str:
    """CSV of experiment, steps at effort 1, steps run, SHA-256 of data and samples."""
    columns = ["experiment", "steps_at_effort_1", "steps_run", "data_sha256", "samples_sha256"]
    rows = [(*run, *found[1:]) for run, found in zip(planned, hashes, strict=True)]
    return csv(pd.DataFrame(rows, columns=columns))


def grid(settings: Grid) -> str:
    """CSV of the grid; its corner is the heading of the first column."""
    rows = [(key, *values) for key, values in settings.rows]
    return csv(pd.DataFrame(rows, columns=[settings.corner, *settings.columns]))


def all_claims(studies: Mapping[str, Sequence[Claim]]) -> str:
    """CSV of the claims of all studies, with the study in the first column."""
    rows = [(s, c.key, c.text, c.rule, *c.effect, c.verdict) for s, found in studies.items() for c in found]
    return csv(pd.DataFrame(rows, columns=["study", *CLAIM]))


def verdicts(counts: Mapping[str, Mapping[Verdict, int]]) -> str:
    """CSV of study and the number of claims with each verdict."""
    return csv(pd.DataFrame([{"study": study, **found} for study, found in counts.items()]))
