"""One side of a comparison: parameters, scores, verdicts and stills of one revision, as read from its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

COLUMNS = ["study", "experiment", "arm", "seed", "metric", "value"]
NAME = re.compile(r"[a-z0-9_]+")  # allowed in names of files: those of studies and of figures


@dataclass(frozen=True)
class Still:
    """A figure of one side; `file` is None if the picture is known by its hash but not available locally."""

    title: str
    alt: str
    width: int  # CSS pixels
    height: int
    digest: str  # hash of the picture's bytes
    file: Path | None


@dataclass(frozen=True)
class Side:
    """The parameters and results of one revision."""

    name: str  # as given by the user
    told: str  # a description of the revision
    params: Mapping[str, Any]  # params.yaml, not validated: an older one may have obsolete keys
    scores: pd.DataFrame  # COLUMNS, one row per value
    stills: Mapping[str, Mapping[str, Still]] = field(default_factory=dict)  # study -> figure -> still
    missing: list[str] = field(default_factory=list)  # one sentence for each thing that is not available
    verdicts: pd.DataFrame | None = None  # verdicts.csv, one row a claim; None for a revision from before it
    metrics: Mapping[str, Any] = field(default_factory=dict)  # metrics.json; empty without it

    def section(self, name: str) -> dict[str, Any]:
        """A section of the parameters by name of entry; empty if it is missing or not a mapping."""
        section = self.params.get(name)
        return {str(key): value for key, value in section.items()} if isinstance(section, Mapping) else {}

    def studies(self) -> list[str]:
        """The studies of params.yaml, in order."""
        return list(self.section("studies"))

    def experiments(self) -> dict[str, str]:
        """Experiment or sampler -> its study (empty if none is given), in the order of params.yaml."""
        entries = self.section("experiments") | self.section("samplers")
        return {name: str(entry.get("study", "")) for name, entry in entries.items() if isinstance(entry, Mapping)}

    def planned_scores(self) -> pd.DataFrame:
        """The scores of experiments in params.yaml, without leftover rows of removed experiments."""
        return self.scores[self.scores["experiment"].isin(list(self.experiments()))]


def no_scores() -> pd.DataFrame:
    """A table of scores without rows."""
    return pd.DataFrame(columns=COLUMNS)
