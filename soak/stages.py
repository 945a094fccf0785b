"""The kinds of stages, in a small project of their own: how each is called and found, and what it writes."""

from __future__ import annotations

import fnmatch
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import scratch
from ruamel.yaml import YAML

from soak import processes

TEMPORARY = (".*.part", ".*.old", ".compare.*", ".pdf.*", ".turn", "*.tmp")
PARAMS = """\
effort: 0.1
evaluation: {samples: 200, floor_repeats: 2}
datasets:
  spiral: {kind: spiral, n_train: 500, n_test: 500}
  line: {kind: line, n_train: 500, n_test: 500}
  digits: {kind: stacked_digits, n_train: 60, n_test: 60}
metrics: {moments: {}, prdc: {}, distances: {}, line: {}}
studies:
  latent: {title: Latent dimension}
  sampling: {title: Sampling}
samplers:
  sampling_inverse: {study: sampling, dataset: line, sampler: inverse_transform, seeds: 2}
classifiers:
  few_digits: {study: sampling, dataset: digits, steps: 60}
experiments:
  latent_spiral:
    study: latent
    dataset: spiral
    variant: gan
    steps: 60000
    seeds: 2
    sweep: {latent_dim: [1, 2]}
    discriminator_batch: 32
    generator_batch: 32
    networks: {generator: {hidden: [16]}, discriminator: {hidden: [16]}}
    optimizers: {generator: {learning_rate: 1e-3}, discriminator: {learning_rate: 1e-3}}
    snapshots: {points: 50, dense_until: 20, dense_every: 10, rest: 5}
"""
EXTRA = PARAMS.replace("steps: 60000", "steps: 20000")


@dataclass(frozen=True)
class Kind:
    """A kind of stage: how it is called, how its process is recognised, and what it writes."""

    name: str
    command: Sequence[str]
    script: str  # how the command line of its process ends
    outputs: Sequence[str]
    stages: Sequence[str] = ()  # in dvc.lock


def _stage(name: str, stage: str, script: str, *outputs: str) -> Kind:
    return Kind(name, ("dvc", "repro", stage), f"stages/start.py {script}", outputs, (stage,))


def _make(target: str, variables: Sequence[str], script: str, output: str) -> Kind:
    return Kind(target, ("make", "--old-file=setup", target, *variables), f"stages/start.py {script}", (output,))


# In the order of the pipeline: what comes before one is finished when its turn comes.
KINDS = (
    _stage("check", "check", "-m modescope check --plan plan", "plan"),
    _stage("dataset", "dataset@spiral", "stages/dataset.py spiral", "data/spiral.npz"),
    _stage("queue", "trainings", "stages/trainings.py", ".checkpoints/results"),
    _stage(
        "train",
        "train@latent_spiral",
        "stages/train.py latent_spiral",
        "runs/latent/latent_spiral",
        "history/latent/latent_spiral.csv",
    ),
    _stage("sample", "sample@sampling_inverse", "stages/sample.py sampling_inverse", "runs/sampling/sampling_inverse"),
    _stage("classifier", "classifier@few_digits", "stages/classifier.py few_digits", "runs/sampling/few_digits"),
    _stage(
        "evaluate",
        "evaluate@latent",
        "stages/evaluate.py latent",
        *(f"scores/{part}latent.csv" for part in ("", "floors/", "progress/")),
    ),
    _stage("render", "render@latent", "stages/render.py latent", "media/latent"),
    _stage("report", "report", "stages/report.py", "reports/html", "metrics.json", "verdicts.csv"),
    _make("extra", ("NAME=short",), "stages/extra.py short", "extra/short"),
    _make("compare", ("A=HEAD", "B=workspace"), "stages/compare.py HEAD workspace", "reports/compare"),
)


def project(root: Path) -> scratch.Scratch:
    """A copy of this checkout with few and short experiments, committed, and an extra of the same kind."""
    made = scratch.copied(root, PARAMS)
    (root / "extra" / "short").mkdir(parents=True)
    (root / "extra" / "short" / "params.yaml").write_text(EXTRA, encoding="utf-8")
    shutil.copy(scratch.ROOT / "Makefile", root / "Makefile")
    (root.parent / "temporary").mkdir()
    made.run("git", "add", "--all")
    made.run("git", "-c", "user.name=soak", "-c", "user.email=soak@localhost", "commit", "--quiet", "-m", "A copy")
    return made


def environment(made: scratch.Scratch) -> dict[str, str]:
    """That of the project, with a folder for temporary files that can be looked into."""
    return made.environment | {"TMPDIR": str(made.root.parent / "temporary"), "MODESCOPE_DEVICE": "cpu"}


def forget(root: Path, kind: Kind) -> None:
    """As if this kind had never run: its outputs, its entry in dvc.lock, and what DVC's cache knows of runs."""
    for output in (*kind.outputs, ".checkpoints", ".dvc/cache/runs"):
        path = root / output
        if output.startswith("extra/"):
            for part in path.iterdir():
                if part.name != "params.yaml":
                    shutil.rmtree(part) if part.is_dir() else part.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    lock = root / "dvc.lock"
    if lock.exists() and kind.stages:
        known = YAML(typ="safe").load(lock.read_text(encoding="utf-8"))
        for stage in kind.stages:
            known["stages"].pop(stage, None)
        with lock.open("w", encoding="utf-8") as file:
            YAML().dump(known, file)


def pid_of(root: Path, kind: Kind) -> int | None:
    """The process of the stage, once it is there."""
    return next((pid for pid, command in processes.of(root).items() if command.endswith(kind.script)), None)


def content(root: Path, kind: Kind) -> dict[str, bytes]:
    """Path -> content of all that the stage writes for its readers."""
    files = [path for output in kind.outputs for path in (root / output, *(root / output).rglob("*"))]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files if _counts(path)}


def _counts(path: Path) -> bool:
    return path.is_file() and path.name != "timings.csv"  # seconds, for nobody but the curious


def temporary(root: Path) -> list[str]:
    """Temporary files and folders in the project and in the system's folder for them."""
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in (".git", ".dvc")]
        found += [Path(folder, name) for name in (*folders, *files) for p in TEMPORARY if fnmatch.fnmatch(name, p)]
    found += (root.parent / "temporary").iterdir()
    return [path.relative_to(root.parent).as_posix() for path in found]
