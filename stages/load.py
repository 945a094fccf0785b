"""What several stages read: a study's plan, its scores, and the records of its runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from modescope.studies import Scores


def plan(root: Path, study: str) -> dict[str, Any]:
    """plan/<study>.json."""
    return dict(json.loads((root / "plan" / f"{study}.json").read_text(encoding="utf-8")))


def records(root: Path, plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """run.json of every experiment of the plan, by name."""
    paths = {name: root / "runs" / plan["study"] / name / "run.json" for name in plan["experiments"]}
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in paths.items()}


def scores(root: Path, plan: dict[str, Any]) -> Scores:
    """The scores and floors of a study, and which of its runs diverged."""
    study = plan["study"]
    return Scores(
        pd.read_csv(root / "scores" / f"{study}.csv"),
        pd.read_csv(root / "scores" / "floors" / f"{study}.csv"),
        {
            (name, run["arm"], int(run["seed"])): int(run["step"])
            for name, record in records(root, plan).items()
            for run in record["diverged"]
        },
    )
