"""The wheel as others install it, without the extra `pipeline`: its content, and what runs without PyTorch and DVC."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pipeline_copy import ROOT

from modescope.__main__ import PIPELINE

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SRC = ROOT / "src"
IMPORTED_AS = {"scikit-learn": "sklearn"}  # where a package is installed by another name

# Runs commands in a process whose finder knows nothing of the packages that are refused, as if they were not there.
RUN = """
import contextlib, importlib.abc, io, json, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in REFUSED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

REFUSED, COMMANDS = json.loads(sys.argv[1])
sys.meta_path.insert(0, Refuse())
from modescope.__main__ import main
import modescope
found = {"file": modescope.__file__, "runs": []}
for command in COMMANDS:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(command)
    found["runs"].append({"code": code, "out": out.getvalue(), "err": err.getvalue()})
found["modules"] = sorted({name.split(".")[0] for name in sys.modules})
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network from the files that git would hold."""
    folder = tmp_path_factory.mktemp("wheel")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(SRC, folder / "src", ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    options = ["--quiet", "--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", "out", "."]
    subprocess.run(command, cwd=folder, check=True, timeout=120)
    (built,) = (folder / "out").glob("*.whl")
    return built


def run_in(installed: Path, folder: Path, *commands: list[str], refused: tuple[str, ...] = PIPELINE) -> dict[str, Any]:
    """What the commands print in `folder`, with the code in `installed` and without the packages `refused`."""
    arguments = [sys.executable, "-c", RUN, json.dumps([refused, commands])]
    environment = {"PYTHONPATH": str(installed), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_holds_the_package_with_its_data_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.startswith("modescope-")}
        (entry,) = (name for name in archive.namelist() if name.endswith("/entry_points.txt"))
        scripts = archive.read(entry).decode()
    there = {p.relative_to(SRC).as_posix() for p in (SRC / "modescope").rglob("*") if p.is_file()}
    assert held == {name for name in there if "__pycache__" not in name}
    assert scripts.split() == ["[console_scripts]", "modescope", "=", "modescope.__main__:main"]


def test_score_runs_without_the_pipeline_and_the_others_say_what_is_missing(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    rng = np.random.default_rng(0)
    for name in ("real", "fake"):
        rows = "\n".join(f"{x!r},{y!r}" for x, y in rng.standard_normal((60, 2)).tolist())
        (tmp_path / f"{name}.csv").write_text(f"x,y\n{rows}\n", encoding="utf-8")
    (tmp_path / "params.yaml").write_text("{}\n", encoding="utf-8")
    score = ["score", "--real", "real.csv", "--fake", "fake.csv", "--repeats", "1", "--json", "--html", "page.html"]
    others = [["check"], ["schema"], ["changes", "--base", "HEAD"], ["list", "variants"]]
    found = run_in(tmp_path / "installed", tmp_path, score, ["list"], ["list", "metrics"], *others)
    assert Path(found["file"]).is_relative_to(tmp_path / "installed")
    scored, names, metrics, *refused = found["runs"]
    assert {"coverage", "w2", "kl_qp"} <= set(json.loads(scored["out"])["metrics"])
    taken = "modescope: real.csv: row 1: names\nmodescope: fake.csv: row 1: names\n"
    assert [(run["code"], run["err"]) for run in (scored, names, metrics)] == [(0, taken), (0, ""), (0, "")]
    assert "variants: bigan, " in names["out"]
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    for command, run in zip(others, refused, strict=True):
        assert (run["code"], run["out"]) == (1, "")
        install = "needs torch, which is not installed: pip install 'modescope[pipeline]'"
        assert run["err"] == f"modescope: {command[0]}: {install}\n"
    assert not set(found["modules"]) & {*PIPELINE, "pyarrow", "av", "distributed"}


def test_a_package_that_is_needed_and_missing_is_no_extra(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run_in(SRC, tmp_path, ["list", "metrics"], refused=("scipy",))
    assert "No module named 'scipy" in caught.value.stderr


def test_the_packages_of_the_pipeline_are_those_of_its_extra() -> None:
    extra = [re.split(r"[<>=]", wanted)[0] for wanted in PROJECT["optional-dependencies"]["pipeline"]]
    assert sorted(IMPORTED_AS.get(name, name) for name in extra) == sorted(PIPELINE)
    assert not set(extra) & {re.split(r"[<>=]", wanted)[0] for wanted in PROJECT["dependencies"]}
