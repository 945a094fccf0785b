"""Samples made elsewhere: one file per seed or one for all, and one line if they cannot be compared."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tiny
from pydantic import ValidationError

from modescope import datasets, samplers
from modescope.params.config import ConfigError, Experiment, Sampling
from modescope.plan import pages
from modescope.plan.check import check
from modescope.store import artifacts
from modescope.store.runs import Runs, Scores
from modescope.studies.common import grids
from modescope.studies.common.entries import entries

STAGES = Path(__file__).resolve().parents[2] / "stages"
PLANE = datasets.build({"kind": "gaussian", "dim": 2})
RING = datasets.build({"kind": "ring"})
POINTS = np.arange(240.0).reshape(120, 2)  # sorted, all different


def external(path: str | list[str], **settings: Any) -> samplers.Sampler:
    return samplers.build("external", {"path": path, **settings})


def rngs(n: int) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in range(n)]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


def test_every_seed_shows_points_of_its_own_file_in_random_order(own: Path, tmp_path: Path) -> None:
    for seed in range(3):
        np.save(own / f"g{seed}.npy", POINTS + 1000 * seed)
    sampler = external(["g0.npy", "g1.npy", "g2.npy"])
    sampler.check_source(PLANE, 100, 3, tmp_path)
    runs = sampler.runs(PLANE, 100, rngs(3), tmp_path)
    for seed, run in enumerate(runs):
        assert list(run) == ["samples"]
        rows = run["samples"][:, 0] - 1000 * seed
        assert len(set(rows.tolist())) == 100
        assert set(rows.tolist()) <= set(POINTS[:, 0].tolist())
        assert np.any(np.diff(rows) < 0)  # otherwise a file sorted by class would lose its last classes
    again = sampler.runs(PLANE, 100, rngs(3), tmp_path)
    assert all(np.array_equal(a["samples"], b["samples"]) for a, b in zip(runs, again, strict=True))


def test_one_file_is_shared_out_among_the_seeds(own: Path, tmp_path: Path) -> None:
    np.savez(own / "all.npz", samples=POINTS, z=POINTS)
    runs = external("all.npz", key="samples").runs(PLANE, 40, rngs(3), tmp_path)
    rows = np.concatenate([run["samples"] for run in runs])
    np.testing.assert_array_equal(rows[np.argsort(rows[:, 0])], POINTS)  # every point is in one run
    assert all(40 < run["samples"].max() < 240 for run in runs)
    assert all(run["samples"].mean() == pytest.approx(POINTS.mean(), abs=40) for run in runs)  # not split in file order


def test_columns_of_a_table_and_numbers_on_the_line(own: Path, tmp_path: Path) -> None:
    rows = "".join(f"{i},{-i}\n" for i in range(30))
    (own / "table.csv").write_text("a,b\n" + rows, encoding="utf-8")
    (run,) = external("table.csv", columns=["b", "a"]).runs(PLANE, 30, rngs(1), tmp_path)
    np.testing.assert_array_equal(run["samples"][:, 0], -run["samples"][:, 1])
    np.save(own / "line.npy", np.arange(30))
    (run,) = external("line.npy").runs(datasets.build({"kind": "line"}), 20, rngs(1), tmp_path)
    assert run["samples"].shape == (20, 1)


def test_what_cannot_be_compared_is_refused_in_one_line(own: Path, tmp_path: Path) -> None:
    np.save(own / "few.npy", POINTS[:99])
    np.save(own / "solid.npy", np.zeros((200, 3)))
    np.save(own / "nan.npy", np.full((200, 2), np.nan))
    (own / "pickle.npy").write_bytes(pickle.dumps(POINTS))
    np.savez(own / "two.npz", a=POINTS, b=POINTS)
    for path, seeds, expected in (
        ("few.npy", 1, "own/few.npy: 99 points are too few; 100 are needed"),
        ("few.npy", 2, "own/few.npy: 99 points are too few; 200 are needed, 100 for each seed"),
        ("solid.npy", 1, r"own/solid.npy: points of shape \(3,\); the dataset's have \(2,\)"),
        ("nan.npy", 1, r"own/nan.npy: row 0, column 0 \(from 0\): nan"),
        ("pickle.npy", 1, r"own/pickle.npy: not an npy file \(a pickle is never read\)"),
        ("two.npz", 1, "own/two.npz: key is missing"),
        ("gone.npy", 1, "own/gone.npy: there is no such file"),
        (["few.npy", "few.npy"], 3, "path: 2 files for 3 seeds; allowed: one per seed, or one for all"),
    ):
        with pytest.raises(ConfigError, match=expected) as caught:
            external(path).check_source(PLANE, 100, seeds, tmp_path)  # type: ignore[arg-type]
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", ["../x.npy", "/x.npy", ["a.npy", "../x.npy"], [], 3])
def test_paths_out_of_the_folder_are_refused(path: Any) -> None:
    with pytest.raises(ValidationError):
        external(path)


def test_nothing_is_drawn_and_other_samplers_read_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError, match="cannot draw new points"):
        external("x.npy").draw(PLANE, 3, np.random.default_rng(0))
    line, inverse = datasets.build({"kind": "line"}), samplers.build("inverse_transform", {})
    inverse.check_source(line, 10, 2, tmp_path / "gone")
    for run, rng in zip(inverse.runs(line, 10, rngs(2), tmp_path / "gone"), rngs(2), strict=True):
        np.testing.assert_array_equal(run["samples"], inverse.draw(line, 10, rng)["samples"])


def params(**settings: Any) -> dict[str, Any]:
    return {
        "effort": 1.0,
        "evaluation": {"samples": 50, "floor_repeats": 2},
        "datasets": {"blob": {"kind": "gaussian", "n_train": 50, "n_test": 60}},
        "metrics": {},
        "studies": {"modes": {"title": "Modes"}},
        "experiments": {"none": tiny.settings(study="modes")},
        "samplers": {
            "mine": {"study": "modes", "dataset": "blob", "sampler": "external", "seeds": 2, "settings": settings}
        },
    }


def test_the_check_reads_the_files_and_the_stage_writes_them_as_runs(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(STAGES))
    import sample

    content = params(path=["a.npy", "b.npy"])
    with pytest.raises(ConfigError, match=r"samplers\.mine: own/a.npy: there is no such file"):
        check(content, tmp_path)
    np.save(own / "a.npy", POINTS)
    np.save(own / "b.npy", POINTS[:49])
    with pytest.raises(ConfigError, match=r"samplers\.mine: own/b.npy: 49 points are too few; 50 are needed"):
        check(content, tmp_path)
    np.save(own / "b.npy", -POINTS)
    pages.write(tmp_path / "plan", pages.pages(check(content, tmp_path), tmp_path))
    artifacts.write_npz(tmp_path / "data" / "blob.npz", {"train": np.zeros((50, 2)), "test": np.zeros((60, 2))})
    sample.main("mine", tmp_path, tmp_path)
    sys.modules.pop("sample")
    found = artifacts.read_npz(tmp_path / "runs" / "modes" / "mine" / "samples.npz")
    assert found["samples"].shape == (2, 50, 2)
    assert found["samples"][0].min() >= 0 >= found["samples"][1].max()
    assert found["seed"].tolist() == [0, 1]


def entered(name: str, settings: Sampling | Experiment, steps: list[int]) -> Runs:
    """One run of 60 points on the ring, with a snapshot of 30 at each of the steps."""
    rng = np.random.default_rng(0)
    return Runs(
        experiment=name,
        settings=settings,
        dataset=RING,
        real=RING.sample(60, rng).astype(np.float32),
        arm=["base"],
        seed=[0],
        samples=RING.sample(60, rng).astype(np.float32)[None],
        snapshot_steps=np.array(steps, np.int64),
        snapshots=rng.normal(size=(1, len(steps), 30, 2)).astype(np.float32),
        diverged_at=[-1],
        data_sha256="",
        samples_sha256="",
    )


@pytest.mark.parametrize("trained", [True, False])
def test_samples_made_elsewhere_stand_beside_what_was_trained(trained: bool) -> None:
    mine = Sampling(study="modes", dataset="ring", sampler="external", seeds=1, settings={"path": "g.npy"})
    runs = {"modes_ring_mine": entered("modes_ring_mine", mine, [])}
    if trained:
        gan = Experiment.model_validate(tiny.settings(study="modes", dataset="ring", seeds=1))
        runs["modes_ring_gan"] = entered("modes_ring_gan", gan, [0, 10, 20])
    scores = Scores(
        runs=pd.DataFrame(
            [("modes", name, "base", 0, "coverage", 0.5) for name in runs],
            columns=["study", "experiment", "arm", "seed", "metric", "value"],
        ),
        floors=pd.DataFrame(columns=["study", "dataset", "repeat", "metric", "value"]),
        diverged={},
        datasets=dict.fromkeys(runs, "ring"),
        settings={name: run.settings.model_dump() for name, run in runs.items()},
    )
    found = {entry.label: entry.variant for entry in entries(scores, "ring")}
    assert found == ({"mine": "external", "gan": "gan"} if trained else {"mine": "external"})
    figure = grids.figure(runs, scores, "ring")
    assert figure is not None
    assert figure.experiments == sorted(runs)
    assert "External 0.5" in figure.alt
    assert (figure.animation is not None) == trained
    assert ("after 20 steps" in figure.title, "the same 30 latent points" in figure.caption) == (trained, trained)
