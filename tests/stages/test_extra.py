"""extra/<name>/params.yaml runs outside the pipeline, and all its outputs are in its folder."""

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
from idx_files import write_mnist
from ruamel.yaml import YAML

from modescope.params import entry
from modescope.params.config import ConfigError
from modescope.params.reading import read
from modescope.plan.check import check
from modescope.plan.studies import plans

ROOT = Path(__file__).resolve().parents[2]
POINTS = 60  # a set, and as many generated
BUSY, PERIOD = 12, 40  # frames with a car, of every so many
EXTRAS = sorted(path.parent.name for path in (ROOT / "extra").glob("*/params.yaml"))
PARAMS = """\
effort: 1.0
evaluation: {samples: 50, floor_repeats: 2}
datasets:
  few: {kind: ring, n_modes: 3, radius: 1.0, std: 0.1, n_train: 60, n_test: 60}
metrics: {modes: {}}
studies:
  modes: {title: A few modes, published: {few: pacgan_ring8}}
experiments:
  x_few_gan:
    study: modes
    dataset: few
    variant: gan
    steps: 4
    seeds: 2
    discriminator_batch: 8
    generator_batch: 8
    networks: {generator: {hidden: [4]}, discriminator: {hidden: [4]}}
    optimizers: {generator: {learning_rate: 1e-3}, discriminator: {learning_rate: 1e-3}}
    snapshots: {points: 8, rest: 1}
"""


@pytest.fixture(scope="module")
def extra() -> Iterator[ModuleType]:
    """The module stages/extra.py; it imports the other stages from its folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "stages"))
        names = [path.stem for path in (ROOT / "stages").glob("*.py")]
        before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
        import extra

        yield extra
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(before)


@pytest.fixture(scope="module")
def project(extra: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose one extra has been run."""
    root = tmp_path_factory.mktemp("project")
    for name in ("x", "y"):
        (root / "extra" / name).mkdir(parents=True)
    (root / "extra" / "x" / "params.yaml").write_text(PARAMS, encoding="utf-8")
    (root / "extra" / "y" / "notes.txt").write_text("no params", encoding="utf-8")
    (root / "elsewhere").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODESCOPE_DEVICE", "cpu")
        patch.chdir(root / "elsewhere")
        extra.main("x", root)
    return root


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_everything_lands_in_its_folder(project: Path) -> None:
    assert {name for name in files(project) if not name.startswith("extra/x/")} == {"extra/y/notes.txt"}
    written = files(project / "extra" / "x")
    assert {
        "params.yaml",
        "plan/study/modes.json",
        "plan/train/x_few_gan.json",
        "data/few.npz",
        "runs/modes/x_few_gan/run.json",
        "runs/modes/x_few_gan/samples.npz",
        "scores/modes.csv",
        "scores/floors/modes.csv",
        "scores/progress/modes.csv",
        "media/modes/figures.json",
        "media/modes/few_samples.png",
        "reports/html/index.html",
        "metrics.json",
        "verdicts.csv",
    } <= written
    assert not any(name.startswith(".checkpoints/") for name in written)


def test_every_seed_is_scored(project: Path) -> None:
    scores = pd.read_csv(project / "extra" / "x" / "scores" / "modes.csv")
    assert set(scores["seed"]) == {0, 1}
    assert set(scores["experiment"]) == {"x_few_gan"}


def test_the_page_names_the_command_and_what_was_published(project: Path) -> None:
    html = project / "extra" / "x" / "reports" / "html"
    text = "".join((html / name).read_text(encoding="utf-8") for name in ("index.html", "modes.html"))
    assert "make extra NAME=x" in text
    assert "dvc repro" not in text
    assert "published: PacGAN2 (Lin et al. 2018, table 1)" in text
    assert "xtra runs" not in text  # evidence stands on the page of the default run


@pytest.mark.parametrize("name", ["nobody", "y", "../x", "x/../x", "", "."])
def test_another_name_is_refused_in_one_line(
    extra: ModuleType, project: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    before = files(project)
    assert entry.run(extra.main, [name, project]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"modescope: extra/{name}: there is no such extra; allowed: x\n"
    assert files(project) == before


def test_a_project_without_extras_says_so(
    extra: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.run(extra.main, ["x", tmp_path]) == 1
    assert capsys.readouterr().err.endswith("allowed: none\n")


def test_a_bad_extra_is_refused_before_anything_is_written(
    extra: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "extra" / "x").mkdir(parents=True)
    bad = PARAMS.replace("variant: gan", "variant: gone")
    (tmp_path / "extra" / "x" / "params.yaml").write_text(bad, encoding="utf-8")
    assert entry.run(extra.main, ["x", tmp_path]) == 1
    assert capsys.readouterr().err.startswith("modescope: experiments.x_few_gan.variant: 'gone' is unknown; allowed: ")
    assert files(tmp_path) == {"extra/x/params.yaml"}


@pytest.mark.parametrize("name", EXTRAS)
def test_the_extras_of_the_repository_are_sound(name: str, tmp_path: Path) -> None:
    content = read(ROOT / "extra" / name / "params.yaml")
    if any(spec["kind"] == "video" for spec in content["datasets"].values()):
        with pytest.raises(ConfigError, match=r"footage/\S+: there is no such file; put it into the folder footage/"):
            check(content, tmp_path)  # the clip is not in the repository
        return
    if any(spec["kind"] == "stacked_mnist" for spec in content["datasets"].values()):
        with pytest.raises(ConfigError, match=r"own/mnist/\S+: there is no such file; put it into the folder own/"):
            check(content, tmp_path)  # nor is MNIST
        write_mnist(tmp_path / "own" / "mnist")
    params = check(content, tmp_path)
    for study, plan in plans(params, {}):
        assert plan["experiments"], f"{study} has no experiment"
    assert {e.study for e in params.experiments.values()} == set(params.studies)
    assert {e.dataset for e in params.experiments.values()} == set(params.datasets)


def test_there_are_extras() -> None:
    assert EXTRAS


def test_what_chooses_settings_is_no_evidence() -> None:
    studies = {name: read(ROOT / "extra" / name / "params.yaml")["studies"].values() for name in EXTRAS}
    offered = {name for name, entries in studies.items() if any(entry.get("evidence") for entry in entries)}
    assert {"bigan_long", "modes_long", "sharp_long"} <= offered
    assert not [name for name in offered if name.endswith(("_tuning", "_curves", "robustness"))]


@pytest.mark.parametrize("name", EXTRAS)
def test_the_scores_that_are_kept_are_those_of_its_params(name: str) -> None:
    content = read(ROOT / "extra" / name / "params.yaml")
    for study in content["studies"]:
        file = ROOT / "extra" / name / "scores" / f"{study}.csv"
        if file.is_file():
            planned = {e for e, settings in content["experiments"].items() if settings["study"] == study}
            assert set(pd.read_csv(file)["experiment"]) == planned, f"run `make extra NAME={name}` again"


# The extras of the repository


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
    classifiers = {name: settings | {"steps": 2} for name, settings in params.get("classifiers", {}).items()}
    return params | {
        "effort": 1.0,
        "classifiers": classifiers,
        "evaluation": {"samples": POINTS, "floor_repeats": 2},
        "datasets": {name: params["datasets"][name] | sizes for name in used},
        "metrics": {name: {} if name == "distances" else spec for name, spec in params["metrics"].items()},
        "experiments": experiments,
    }


def film(path: Path, crop: dict[str, int]) -> None:
    """Two minutes of a grey street under a fixed camera, with a white car now and then; large enough for the crop."""
    rng = np.random.default_rng(0)
    width, height = crop["x"] + crop["width"], crop["y"] + crop["height"]
    greys = np.clip(90 + rng.normal(0, 1, (4, height, width, 3)), 0, 255).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=2)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = width, height, "yuv420p", 4_000_000
        for index in range(6 * PERIOD):
            picture = greys[index % len(greys)].copy()
            if index % PERIOD < BUSY:
                picture[height // 3 : 2 * height // 3, crop["x"] + 60 : crop["x"] + 200] = 250
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("name", EXTRAS)
def test_every_extra_of_the_repository_runs_at_a_small_scale(
    extra: ModuleType, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODESCOPE_DEVICE", "cpu")
    params = shrunk(read(ROOT / "extra" / name / "params.yaml"))
    for spec in params["datasets"].values():
        if spec["kind"] == "video":
            film(tmp_path / "footage" / spec["path"], spec["crop"])
        if spec["kind"] == "stacked_mnist":
            write_mnist(tmp_path / "own" / spec["path"])
    root = tmp_path / "extra" / name
    root.mkdir(parents=True)
    with (root / "params.yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(params, file)
    extra.main(name, tmp_path)
    assert (root / "reports" / "html" / "index.html").is_file()
    for study in params["studies"]:
        scores = pd.read_csv(root / "scores" / f"{study}.csv")
        assert set(scores["experiment"]) == set(params["experiments"])
