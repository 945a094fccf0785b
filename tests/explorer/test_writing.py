"""What the script of a run holds: its own snapshots, the recorded scores, and nothing after it has diverged."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import synthetic_modes

from modescope.explorer import index, writing
from modescope.explorer.pack import step, unpack
from modescope.store.runs import Runs, Scores

WGAN, ROLL = "modes_ring8_heavy_wgan", "modes_swiss_roll_bigan"


def written(name: str) -> tuple[Runs, Scores, dict[str, Any], dict[str, dict[str, Any]]]:
    """An experiment's runs, scores, entry of explorer.json, and scripts."""
    runs = synthetic_modes.all_runs()[name]
    scores = replace(synthetic_modes.everything(), progress=synthetic_modes.during([runs]))
    dataset = runs.settings.dataset
    counted = index.counting(synthetic_modes.plan(), scores, dataset, runs.dataset)
    one = next(one for one in index.shown(scores, dataset) if one.entry.experiment == name)
    return runs, scores, *writing.entry(one, runs, scores, counted)


def points_of(content: dict[str, Any], runs: Runs) -> tuple[np.ndarray, float]:
    """The points of a script, (snapshots, points, 2), and a quantisation step."""
    counted = index.counting(synthetic_modes.plan(), synthetic_modes.everything(), runs.settings.dataset, runs.dataset)
    extent = index.geometry(runs.dataset, counted)["extent"]
    points = unpack(base64.b64decode(content["packed"]), extent)
    return points.reshape(len(content["steps"]), content["points"], 2), float(step(extent).max())


def test_a_run_holds_its_own_snapshots_and_scores() -> None:
    runs, scores, entry, scripts = written(WGAN)
    assert entry["key"] == entry["remedy"] == "wgan"
    assert [run["seed"] for run in entry["runs"]] == [0, 1, 2]
    assert [run["file"] for run in entry["runs"]] == [f"{name}.js" for name in scripts]
    found = scripts["ring8_heavy_wgan_1"]
    assert found["steps"] == runs.snapshot_steps.tolist()
    points, width = points_of(found, runs)
    inside = np.isfinite(points)
    assert inside.mean() > 0.95
    assert (np.abs(points - runs.snapshots[1])[inside] <= 0.501 * width).all()
    mine = scores.progress.query("seed == 1").set_index("step")["modes_covered"]
    assert found["counts"] == [mine[step] for step in found["steps"]] == [frame.count("1") for frame in found["kept"]]
    assert found["counted_points"] == synthetic_modes.POINTS
    assert found["final"] == entry["runs"][1]["final"] == 8.0
    assert found["diverged"] is None


def test_a_diverged_run_has_no_points_after_that() -> None:
    runs, _, entry, scripts = written(WGAN)
    found = scripts["ring8_heavy_wgan_2"]
    points, _ = points_of(found, runs)
    gone = np.array(found["steps"]) >= 40
    assert found["diverged"] == entry["runs"][2]["diverged"] == 40
    assert np.isnan(points[gone]).all()
    assert np.isfinite(points[~gone]).any()
    assert [count is None for count in found["counts"]] == gone.tolist()
    assert [set(frame) for frame in found["kept"]][-1] == {"0"}
    assert found["final"] is None


def test_data_without_modes_have_no_rings_and_are_told_by_coverage() -> None:
    runs, scores, entry, scripts = written(ROLL)
    found = next(iter(scripts.values()))
    assert "counts" not in found
    assert found["final"] == pytest.approx(0.9, abs=0.05)
    field = index.field(synthetic_modes.plan(), scores, "swiss_roll", runs.dataset, [entry])
    assert field["metric"] == "coverage"
    assert (field["centres"], field["radius"], field["n_modes"], field["rule"]) == (None, None, None, "")


def test_long_trainings_and_many_seeds_become_few() -> None:
    runs, scores, _, _ = written(WGAN)
    rows = [0] * 9
    many = replace(
        runs,
        arm=["base"] * 9,
        seed=list(range(9)),
        diverged_at=[-1] * 9,
        snapshots=np.repeat(np.repeat(runs.snapshots[rows], 30, axis=1), 20, axis=2),
        snapshot_steps=np.arange(30 * len(runs.snapshot_steps)),
    )
    one = next(one for one in index.shown(scores, "ring8_heavy") if one.entry.experiment == WGAN)
    entry, scripts = writing.entry(one, many, scores, None)
    assert [run["seed"] for run in entry["runs"]] == list(range(index.SEEDS))
    for content in scripts.values():
        assert content["points"] == index.POINTS
        assert len(content["packed"]) < 60_000
