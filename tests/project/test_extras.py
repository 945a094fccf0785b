"""Every extra of the repository runs from its params to its page, at a small scale."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import av
import numpy as np
import pandas as pd
import pytest
from pipeline_copy import ROOT
from ruamel.yaml import YAML

from modescope.params.config import read

EXTRAS = sorted(path.parent.name for path in (ROOT / "extra").glob("*/params.yaml"))
POINTS = 60  # a set, and as many generated
BUSY, PERIOD = 12, 40  # frames with a car, of every so many


@pytest.fixture
def extra(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """stages/extra.py, which finds the other stages beside it."""
    monkeypatch.syspath_prepend(str(ROOT / "stages"))
    monkeypatch.setenv("MODESCOPE_DEVICE", "cpu")
    names = [path.stem for path in (ROOT / "stages").glob("*.py")]
    before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    import extra

    yield extra
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(before)


def shrunk(params: dict[str, Any]) -> dict[str, Any]:
    """The first and the last experiment, a step and two seeds an arm, two arms at most, a few points."""
    kept = list(params["experiments"])[:: max(1, len(params["experiments"]) - 1)]
    experiments = {
        name: params["experiments"][name]
        | {"steps": 1, "seeds": 2, "sweep": dict(list(params["experiments"][name].get("sweep", {}).items())[:1])}
        for name in kept
    }
    for experiment in experiments.values():
        experiment["sweep"] = {key: values[:2] for key, values in experiment["sweep"].items()}
        experiment["snapshots"] = experiment.get("snapshots", {}) | {"points": 8, "rest": 1}
    used = {experiment["dataset"] for experiment in experiments.values()}
    sizes = {"n_train": POINTS, "n_test": POINTS}
    return params | {
        "effort": 1.0,
        "evaluation": {"samples": POINTS, "floor_repeats": 2},
        "datasets": {name: params["datasets"][name] | sizes for name in used},
        "metrics": {name: {} if name == "distances" else spec for name, spec in params["metrics"].items()},
        "experiments": experiments,
    }


def film(path: Path, crop: dict[str, int]) -> None:
    """Two minutes of a grey street under a fixed camera, with a white car now and then; large enough for the crop."""
    rng = np.random.default_rng(0)
    width, height = crop["x"] + crop["width"], crop["y"] + crop["height"]
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=2)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = width, height, "yuv420p", 4_000_000
        for index in range(6 * PERIOD):
            picture = np.clip(np.full((height, width, 3), 90.0) + rng.normal(0, 1, (height, width, 3)), 0, 255)
            if index % PERIOD < BUSY:
                picture[height // 3 : 2 * height // 3, crop["x"] + 60 : crop["x"] + 200] = 250
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture.astype(np.uint8), format="rgb24")))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("name", EXTRAS)
def test_it_runs(extra: ModuleType, name: str, tmp_path: Path) -> None:
    params = shrunk(read(ROOT / "extra" / name / "params.yaml"))
    for spec in params["datasets"].values():
        if spec["kind"] == "video":
            film(tmp_path / "footage" / spec["path"], spec["crop"])
    root = tmp_path / "extra" / name
    root.mkdir(parents=True)
    with (root / "params.yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(params, file)
    extra.main(name, tmp_path)
    assert (root / "reports" / "html" / "index.html").is_file()
    for study in params["studies"]:
        scores = pd.read_csv(root / "scores" / f"{study}.csv")
        assert set(scores["experiment"]) == set(params["experiments"])
