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

    def studies(self) -> list[str]:
        """The studies of params.yaml, in order."""
        return [str(name) for name in _section(self.params, "studies")]

    def experiments(self) -> dict[str, str]:
        """Experiment or sampler -> its study (empty if none is given), in the order of params.yaml."""
        entries = _section(self.params, "experiments") | _section(self.params, "samplers")
        return {str(name): str(entry.get("study", "")) for name, entry in entries.items() if isinstance(entry, Mapping)}

    def planned_scores(self) -> pd.DataFrame:
        """The scores of experiments in params.yaml, without leftover rows of removed experiments."""
        return self.scores[self.scores["experiment"].isin(list(self.experiments()))]


def no_scores() -> pd.DataFrame:
    """A table of scores without rows."""
    return pd.DataFrame(columns=COLUMNS)


def _section(params: Mapping[str, Any], name: str) -> dict[Any, Any]:
    """A section of the parameters; empty if it is missing or not a mapping."""
    section = params.get(name)
    return dict(section) if isinstance(section, Mapping) else {}
