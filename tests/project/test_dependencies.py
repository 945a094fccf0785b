"""What a stage uses and does not declare would be a result that silently goes stale."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from dvc.repo import Repo
from pipeline_copy import ROOT, Copy, Note
from ruamel.yaml import YAML

from modescope.params.reading import read

SRC = ROOT / "src"
# `check` reads the hyperparameters of variants, which are beside their losses.
WITH_TORCH = {"check", "trainings", "classifier@few_digits"}
# The queue asks DVC what is missing. Its output never changes, so nothing that DVC reads can change a result.
DVC_READS = [".dvc", ".dvcignore", ".git", ".gitignore", "dvc.lock", "dvc.yaml", "history", "params.yaml", "runs"]
# They say which training runs when and where: nothing of it changes a result, so their edits train nothing again.
WHEN_AND_WHERE = ["src/modescope/executors.py", "src/modescope/machine.py", "src/modescope/queue"]
# They say how a process begins and ends. As with stages/python.sh, nothing of it changes a result.
HOW = ["src/modescope/lifecycle", "stages/start.py"]
DIGESTS = ("dataset_code", "training_code")  # the code that many stages share, as one hash each


def through_digests(declared: list[str], deps_of: dict[str, list[str]]) -> list[str]:
    """What a stage declares, with what stands behind a digest that it depends on."""
    digests = [Path(path).stem for path in declared if path.startswith("digests/")]
    return [*declared, *(path for name in digests for path in deps_of[name])]


def covered(path: str, declared: list[str]) -> bool:
    """Whether the path or a folder that holds it is declared."""
    return any(path == entry or path.startswith(f"{entry}/") for entry in declared)


def inert(path: str) -> bool:
    """Whether no result depends on a Python file: it has nothing but a docstring, the version, and `__getattr__`.

    That finds what only users of the package ask for, by a name that no stage uses.
    """
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Assign(targets=[ast.Name(id="__version__")]):
                pass
            case ast.FunctionDef(name="__getattr__") | ast.ImportFrom(module="typing"):
                pass
            case _:
                return False
    return True


@pytest.fixture(scope="module")
def locked(finished: Copy) -> dict[str, Any]:
    """What DVC resolved for every stage, from dvc.lock."""
    return dict(YAML(typ="safe", pure=True).load(finished.root / "dvc.lock")["stages"])


@pytest.fixture(scope="module")
def noted(finished: Copy) -> list[Note]:
    """What the processes of the first run used."""
    return finished.notes()


def paths(entry: dict[str, Any], key: str) -> list[str]:
    return [item["path"] for item in entry.get(key, [])]


def test_every_stage_and_its_workers_are_seen(locked: dict[str, Any], noted: list[Note]) -> None:
    for stage, entry in locked.items():
        mine = [note for note in noted if note.stage == stage]
        script = "src/modescope/__main__.py" if stage == "check" else entry["cmd"].split()[2]
        assert script in {note.what for note in mine if note.kind == "run"}
        if stage.startswith(("trainings", "evaluate@")):
            assert {note.pid for note in mine if note.kind == "fork"}, f"{stage}: no worker was seen"
    # A worker imports these by the names in params.yaml; the process that started it does not.
    families = {note.what for note in noted if note.stage == "evaluate@latent" and "/metrics/" in note.what}
    assert "src/modescope/metrics/prdc.py" in families


def test_code_that_runs_is_declared(locked: dict[str, Any], noted: list[Note]) -> None:
    deps_of = {stage: paths(entry, "deps") for stage, entry in locked.items()}
    for stage, declared in deps_of.items():
        declared = through_digests(declared, deps_of)
        ran = {note.what for note in noted if note.stage == stage and note.kind == "run"}
        missing = sorted(path for path in ran if not covered(path, [*declared, *HOW]) and not inert(path))
        assert not missing, f"dvc.yaml: {stage} runs but does not declare {missing}"


def test_files_that_are_read_are_declared(locked: dict[str, Any], noted: list[Note]) -> None:
    deps_of = {stage: paths(entry, "deps") for stage, entry in locked.items()}
    for stage, entry in locked.items():
        declared = through_digests(deps_of[stage], deps_of)
        allowed = [*declared, *HOW, *paths(entry, "outs"), *entry.get("params", {}), ".checkpoints"]
        allowed += ["dvc.yaml"] * (stage in DIGESTS)  # it hashes what it declares
        allowed += DVC_READS * (stage == "trainings")
        if stage.startswith(("dataset", "sample")):
            allowed += ["own", "footage"]  # the hash of each file that is read is in the page, which is declared
        if stage.startswith(("evaluate", "render")):
            allowed += ["data"]  # their hash is in run.json, which is declared and compared with the file
        read_by = {note.what for note in noted if note.stage == stage and note.kind == "read"}
        undeclared = {path for path in read_by if not covered(path, allowed) and "__pycache__" not in path}
        missing = sorted(path for path in undeclared if not (path.endswith(".py") and inert(path)))
        assert not missing, f"dvc.yaml: {stage} reads but does not declare {missing}"


def test_only_trainings_and_the_check_import_torch(locked: dict[str, Any], noted: list[Note]) -> None:
    with_torch = {note.stage for note in noted if (note.kind, note.what) == ("package", "torch")}
    assert with_torch == WITH_TORCH
    assert set(locked) - WITH_TORCH == {
        *DIGESTS,
        "dataset@digits",
        "dataset@eight_gaussians",
        "dataset@line",
        "dataset@spiral",
        "sample@sampling_inverse",
        "evaluate@latent",
        "evaluate@sampling",
        "render@latent",
        "render@sampling",
        "report",
        "train@latent_eight_gaussians",
        "train@latent_spiral",
    }


def test_only_the_queue_asks_dvc(noted: list[Note]) -> None:
    assert {note.stage for note in noted if (note.kind, note.what) == ("package", "dvc")} == {"trainings"}


# The same for all that params.yaml names, without running it: what each file imports, and what that imports.


def test_code_that_is_imported_by_anything_in_params_is_declared() -> None:
    params = read(ROOT / "params.yaml")
    named = {"datasets": {spec["kind"] for spec in params["datasets"].values()}} | {
        "metrics": set(params["metrics"]),
        "studies": set(params["studies"]),
        "variants": {experiment["variant"] for experiment in params["experiments"].values()},
        "samplers": {sampling["sampler"] for sampling in params["samplers"].values()},
    }
    stages = Repo(str(ROOT)).index.stages
    deps_of = {stage.name: [dep.def_path for dep in stage.deps] for stage in stages}
    for stage in stages:
        kind, _, item = stage.name.partition("@")
        match kind:
            case "dataset_code" | "training_code":
                start, found = ["stages/digest.py"], {}
            case "check":
                start = ["src/modescope/__main__.py", "src/modescope/commands/check.py"]
                found = {key: named[key] for key in ("datasets", "metrics", "samplers", "studies", "variants")}
            case "dataset":
                start, found = ["stages/dataset.py"], {"datasets": {params["datasets"][item]["kind"]}}
            case "trainings":
                start, found = ["stages/trainings.py"], {"variants": named["variants"]}
            case "train":
                deps_of[stage.name] += WHEN_AND_WHERE
                start, found = ["stages/train.py"], {"variants": {params["experiments"][item]["variant"]}}
            case "sample":
                start, sampling = ["stages/sample.py"], params["samplers"][item]
                found = {"datasets": named["datasets"], "samplers": {sampling["sampler"]}}
            case "classifier":
                start, found = ["stages/classifier.py"], {}
            case "evaluate":
                start, found = ["stages/evaluate.py"], {key: named[key] for key in ("datasets", "metrics")}
            case "render":
                start, found = ["stages/render.py"], {"datasets": named["datasets"], "studies": {item}}
            case "report":
                start, found = ["stages/report.py"], {key: named[key] for key in ("datasets", "metrics", "studies")}
            case _:
                pytest.fail(f"what does {stage.name} import? Say it here")
        plugins = [f"modescope.{package}.{name}" for package, names in found.items() for name in names]
        start += [file for plugin in plugins for file in files(plugin)]
        declared = [*HOW, *through_digests(deps_of[stage.name], deps_of)]
        missing = sorted(path for path in closure(start) if not covered(path, declared))
        missing = [path for path in missing if not inert(path)]
        assert not missing, f"dvc.yaml: {stage.name} imports but does not declare {missing}"


def closure(start: list[str]) -> set[str]:
    """These files and every file of the project that one of them imports, directly or not."""
    reached, waiting = set(), list(start)
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += imported(path)
    return reached


@cache
def imported(path: str) -> frozenset[str]:
    """Files of the project that a file's import statements execute, packages on the way included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(file for name in names for file in files(name))


def files(name: str) -> Iterator[str]:
    """The files that are executed for `import a.b.c`, where c may also be a name in a.b."""
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        path = SRC.joinpath(*parts[:length])
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                yield Path(file).relative_to(ROOT).as_posix()
