"""CSV of the tables other than scores by arm: verdicts, claims, floors, steps and hashes, settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from modescope.report.evidence import Decided, Judged
from modescope.report.spreadsheet import csv as csv
from modescope.report.tables import Grid
from modescope.statistics import Verdict
from modescope.studies import Claim

CLAIM = ["key", "claim", "rule", "effect", "low", "high", "seeds", "verdict", "reason"]
VERDICTS = ["study", "key", "claim", "where", "effect", "low", "high", "seeds", "verdict", "reason"]


def claims(judged: Sequence[Claim]) -> str:
    """CSV of key, claim, rule, effect, low, high, seeds, verdict, reason; numbers at full precision."""
    return csv(pd.DataFrame([_claim(c) for c in judged], columns=CLAIM))


def longer(studies: Mapping[str, Mapping[str, Sequence[Judged]]]) -> str:
    """CSV of what extra runs say: study, extra, fewest and most steps, then the columns of a claim."""
    found = [(s, one) for s, claims in studies.items() for judged in claims.values() for one in judged]
    rows = [(study, one.extra, *one.steps, *_claim(one.claim)) for study, one in found]
    return csv(pd.DataFrame(rows, columns=["study", "extra", "fewest_steps", "most_steps", *CLAIM]))


def steps(planned: Sequence[tuple[str, int, int | None]], hashes: Sequence[tuple[str, str, str]]) -> str:
    """CSV of experiment, steps run, steps of the article, SHA-256 of data and samples."""
    columns = ["experiment", "steps_run", "article_steps", "data_sha256", "samples_sha256"]
    rows = [(*run, *found[1:]) for run, found in zip(planned, hashes, strict=True)]
    return csv(pd.DataFrame(rows, columns=columns))


def grid(settings: Grid) -> str:
    """CSV of the grid; its corner is the heading of the first column."""
    rows = [(key, *values) for key, values in settings.rows]
    return csv(pd.DataFrame(rows, columns=[settings.corner, *settings.columns]))


def all_claims(studies: Mapping[str, Sequence[Claim]]) -> str:
    """CSV of the claims of all studies, with the study in the first column."""
    rows = [(s, *_claim(c)) for s, found in studies.items() for c in found]
    return csv(pd.DataFrame(rows, columns=["study", *CLAIM]))


def committed(studies: Mapping[str, Sequence[Claim]]) -> str:
    """CSV of every claim's verdict in the default run, by which revisions are compared: verdicts.csv, which is in git.

    Numbers have six digits, so that a machine that rounds in another way gives the same file.
    """
    rows = [
        (study, c.key, c.statement, c.where, *(f"{x:.6g}" for x in c.effect[:3]), c.effect.n, c.verdict, c.reason)
        for study, found in studies.items()
        for c in found
    ]
    return csv(pd.DataFrame(rows, columns=VERDICTS))


def verdicts(counts: Mapping[str, Mapping[Verdict, int]], decided: Mapping[str, Decided]) -> str:
    """CSV of study, the number of claims with each verdict of the default run, and what extra runs add, if any do."""
    added = {study: {"decided_by_extra_runs": d.longer, "open": d.open} for study, d in decided.items()}
    return csv(pd.DataFrame([{"study": study, **found, **added.get(study, {})} for study, found in counts.items()]))


def _claim(claim: Claim) -> tuple[object, ...]:
    """A row of the columns CLAIM."""
    return (claim.key, claim.text, claim.rule, *claim.effect, claim.verdict, claim.reason)
