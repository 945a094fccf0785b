"""The scores that an extra keeps in git, read back without its runs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from modescope.store.plan import Plan
from modescope.store.runs import Scores

UNKNOWN_STEP = 0  # at which a run diverged: the tables do not say
RUN = ["experiment", "arm", "seed"]


def read_committed(root: Path, plan: Plan) -> Scores | None:
    """The scores of a study from root/scores/ alone; None if the study was never scored.

    A planned run without scores counts as diverged, rows of runs that are not planned are left out, and no cost of
    a step is known.
    """
    study, members = str(plan["study"]), plan["experiments"]
    runs, floors = (root / "scores" / place / f"{study}.csv" for place in ("", "floors"))
    if not runs.is_file() or not floors.is_file():
        return None
    planned = [
        (name, arm, seed)
        for name, entry in members.items()
        for arm in entry["arms"]
        for seed in range(entry["settings"]["seeds"])
    ]
    table = pd.read_csv(runs)
    there = pd.MultiIndex.from_frame(table[RUN])
    scored = set(there)
    return Scores(
        runs=table[there.isin(planned)].reset_index(drop=True),
        floors=pd.read_csv(floors),
        diverged={run: UNKNOWN_STEP for run in planned if run not in scored},
        datasets={name: entry["settings"]["dataset"] for name, entry in members.items()},
        settings={name: entry["settings"] for name, entry in members.items()},
        dataset_titles=plan.get("titles", {}).get("datasets", {}),
        experiment_titles=plan.get("titles", {}).get("experiments", {}),
        published=plan.get("published", {}),
    )
