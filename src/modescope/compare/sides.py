"""One side of a comparison: the parameters, scores and stills of one revision, already read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

COLUMNS = ["study", "experiment", "arm", "seed", "metric", "value"]


@dataclass(frozen=True)
class Still:
    """A figure of one side; `file` is none where its picture is known but not on this machine."""

    title: str
    alt: str
    width: int  # CSS pixels
    height: int
    digest: str  # of the picture's bytes
    file: Path | None


@dataclass(frozen=True)
class Side:
    """What one revision says and found."""

    name: str  # as it was asked for
    told: str  # which revision that is, in words
    params: Mapping[str, Any]  # params.yaml, unchecked: an older one may have keys that are gone
    scores: pd.DataFrame  # COLUMNS, one row a value
    stills: Mapping[str, Mapping[str, Still]] = field(default_factory=dict)  # study -> figure -> still
    missing: list[str] = field(default_factory=list)  # what could not be had, a sentence each

    def studies(self) -> list[str]:
        """The studies of params.yaml, in its order."""
        return [str(name) for name in _section(self.params, "studies")]

    def experiments(self) -> dict[str, str]:
        """Experiment or sampler -> its study, in the order of params.yaml; without a study, nothing."""
        entries = _section(self.params, "experiments") | _section(self.params, "samplers")
        return {str(name): str(entry.get("study", "")) for name, entry in entries.items() if isinstance(entry, Mapping)}

    def planned_scores(self) -> pd.DataFrame:
        """The scores of what params.yaml has: rows of a removed experiment may have stayed behind."""
        return self.scores[self.scores["experiment"].isin(list(self.experiments()))]


def no_scores() -> pd.DataFrame:
    """A table of scores without rows."""
    return pd.DataFrame(columns=COLUMNS)


def _section(params: Mapping[str, Any], name: str) -> dict[Any, Any]:
    """A section of the parameters; empty where there is none or it is no mapping."""
    section = params.get(name)
    return dict(section) if isinstance(section, Mapping) else {}
