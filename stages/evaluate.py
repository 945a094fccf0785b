"""Score every run of one study, its snapshots and the floors (real against real): three tables below scores/."""

from __future__ import annotations

import sys
from pathlib import Path

from modescope import evaluation, metrics
from modescope.params import entry
from modescope.store import artifacts, layout
from modescope.store.plan import read_plan


def main(study: str, root: Path = Path()) -> None:
    """Score each run's samples against the test set, its snapshots, and fresh real points against other real points."""
    plan = read_plan(root, study)
    runs = [layout.read_runs(root, plan, name) for name in plan["experiments"]]
    scores, floors = evaluation.evaluate(
        study,
        runs,
        plan["datasets"],
        plan["metrics"],
        n_samples=plan["evaluation"]["samples"],
        floor_repeats=plan["evaluation"]["floor_repeats"],
        training=layout.read_training(root, metrics.with_training(plan["metrics"], plan["datasets"])),
    )
    artifacts.write_csv(root / "scores" / f"{study}.csv", scores)
    artifacts.write_csv(root / "scores" / "floors" / f"{study}.csv", floors)
    progress = evaluation.progress(runs, plan["datasets"], plan["metrics"], f"{study}, while training")
    artifacts.write_csv(root / "scores" / "progress" / f"{study}.csv", progress)


if __name__ == "__main__":
    sys.exit(entry.stage(main, sys.argv[1:], "STUDY"))
