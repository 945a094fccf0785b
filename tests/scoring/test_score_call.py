"""`modescope.score`: the same numbers as the command, as a table; what it refuses, in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import modescope
from modescope.__main__ import main
from modescope.scoring.api import COLUMNS

CENTRES = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
STD = 0.05


def sets() -> tuple[Any, Any]:
    """200 real points on three modes, 90 generated ones on two."""
    rng = np.random.default_rng(0)
    real, fake = (CENTRES[rng.integers(k, size=n)] + STD * rng.standard_normal((n, 2)) for k, n in ((3, 200), (2, 90)))
    return real, fake


def test_it_returns_what_the_command_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real, fake = sets()
    for name, points in (("real", real), ("fake", fake), ("centres", CENTRES)):
        np.save(tmp_path / f"{name}.npy", points)
    paths = [word for name in ("real", "fake", "centres") for word in (f"--{name}", str(tmp_path / f"{name}.npy"))]
    chosen = ["--metrics", "modes,prdc,divergence"]
    assert (
        main(["score", *paths, "--std", str(STD), "--repeats", "2", "--seed", "7", "--points", "60", "--json", *chosen])
        == 0
    )
    printed = json.loads(capsys.readouterr().out)
    frame = modescope.score(
        real, fake, centres=CENTRES, std=STD, repeats=2, seed=7, points=60, metrics=["modes", "prdc", "divergence"]
    )
    assert frame.attrs == {key: printed[key] for key in ("points", "repeats", "seed")}
    assert frame.index.name == "metric"
    assert list(frame.columns) == COLUMNS
    assert list(frame.index) == list(printed["metrics"])
    rows = frame.drop(columns="reason").to_dict("index")  # bit for bit: JSON has the shortest text that reads back
    assert rows == {name: {key: entry[key] for key in COLUMNS[:-1]} for name, entry in printed["metrics"].items()}
    assert set(frame["reason"]) == {""}
    assert frame.loc["modes_covered", ["value", "floor"]].tolist() == [2, 3]


def test_tables_and_points_on_the_line_will_do() -> None:
    real, fake = sets()
    same = modescope.score(pd.DataFrame(real), fake.tolist(), metrics=["moments"], repeats=1)
    pd.testing.assert_frame_equal(same, modescope.score(real, fake, metrics=["moments"], repeats=1))
    line = modescope.score(real[:, 0], fake[:, 0], metrics=["moments"], repeats=1)
    pd.testing.assert_frame_equal(line, modescope.score(real[:, :1], fake[:, :1], metrics=["moments"], repeats=1))


def test_what_has_no_meaning_is_nan_with_the_reason() -> None:
    real, fake = sets()
    frame = modescope.score(np.round(real), fake, metrics=["divergence", "moments"], repeats=1)
    assert np.isnan(frame.loc["kl_qp", "value"])
    assert "coincide" in frame.loc["kl_qp", "reason"]
    assert frame.loc["mean_error", "reason"] == ""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"fake": [[1.0, np.inf]] * 20}, r"fake: inf at \[0, 1\]; allowed: finite numbers"),
        ({"fake": np.zeros((90, 3))}, r"fake: points of shape \(3,\); those of real have \(2,\)"),
        ({"fake": np.zeros((5, 90, 2))}, "it may hold 5 sets of points: give one of them"),
        ({"fake": [["a", "b"]]}, "fake: an array of <U1 and shape"),
        ({"fake": [[1.0], [1.0, 2.0]]}, r"fake: not an array \("),
        ({"fake": 3.0}, r"fake: an array of float64 and shape \(\)"),
        ({"train": [[True, False]]}, "train: an array of bool"),
        ({"centres": CENTRES}, "centres and std belong together"),
        ({"centres": CENTRES[:, :1], "std": 1.0}, "every centre must have 2 coordinates"),
        ({"metrics": "modes"}, r"metrics: 'modes'; allowed: a list of names, such as \['modes'\]"),
        ({"metrics": ["fid"]}, "metrics: 'fid' is unknown; allowed: "),
        ({"metrics": ["modes"]}, "modes cannot be measured here: it needs the modes"),
        ({"metrics": ["encoding"]}, "encoding cannot be measured here: points alone"),
        ({"points": 0}, "points and repeats must be at least 1"),
        ({"points": 3, "metrics": ["prdc"]}, "3 points a side are too few: prdc needs 6"),
    ],
)
def test_a_mistake_is_a_value_error_in_one_line(given: dict[str, Any], expected: str) -> None:
    real, fake = sets()
    with pytest.raises(ValueError, match=expected) as caught:
        modescope.score(**{"real": real, "fake": fake, **given})
    assert "\n" not in str(caught.value)


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys, modescope; print(*(name for name in sys.modules if name.startswith(('modescope', 'numpy'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["modescope"]
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        _ = modescope.scores
