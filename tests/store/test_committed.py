"""Scores of an extra, read from the tables in git without its runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tiny

from modescope.store import artifacts
from modescope.store.committed import read_committed

ARMS = ["latent_dim=3", "latent_dim=1"]
FLOORS = {"study": "latent", "dataset": "blob", "repeat": [0, 1], "metric": "w2", "value": [0.01, 0.02]}


@pytest.fixture
def plan() -> dict[str, Any]:
    settings = tiny.experiment(seeds=2, sweep={"latent_dim": [3, 1]}).model_dump()
    return {
        "study": "latent",
        "published": {"blob": "someone"},
        "experiments": {"one": {"settings": settings, "steps": 20, "arms": ARMS}},
    }


def write(root: Path, rows: list[tuple[str, str, int, float]]) -> None:
    frame = pd.DataFrame(rows, columns=["experiment", "arm", "seed", "value"])
    frame = frame.assign(study="latent", metric="w2")[["study", "experiment", "arm", "seed", "metric", "value"]]
    artifacts.write_csv(root / "scores" / "latent.csv", frame)
    artifacts.write_csv(root / "scores" / "floors" / "latent.csv", pd.DataFrame(FLOORS))


def test_a_planned_run_without_scores_diverged_and_a_run_that_is_not_planned_is_left_out(
    tmp_path: Path, plan: dict[str, Any]
) -> None:
    rows = [("one", ARMS[0], 0, 0.1), ("one", ARMS[0], 1, 0.2), ("one", ARMS[1], 1, 0.3)]
    write(tmp_path, [*rows, ("one", ARMS[0], 2, 9.0), ("one", "latent_dim=7", 0, 9.0), ("gone", "base", 0, 9.0)])
    scores = read_committed(tmp_path, plan)
    assert scores is not None
    assert list(scores.runs[["experiment", "arm", "seed", "value"]].itertuples(index=False, name=None)) == rows
    assert set(scores.diverged) == {("one", ARMS[1], 0)}
    assert scores.datasets == {"one": "blob"}
    assert scores.settings["one"]["variant"] == "gan"
    assert scores.published == {"blob": "someone"}
    assert scores.costs == {}
    assert scores.floors["value"].tolist() == [0.01, 0.02]


def test_a_study_that_was_never_scored_has_no_scores(tmp_path: Path, plan: dict[str, Any]) -> None:
    assert read_committed(tmp_path, plan) is None
    write(tmp_path, [("one", ARMS[0], 0, 0.1)])
    (tmp_path / "scores" / "floors" / "latent.csv").unlink()
    assert read_committed(tmp_path, plan) is None
