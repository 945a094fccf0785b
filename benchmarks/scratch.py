"""A project in a temporary folder, with DVC apart from everything else on this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.row import ROOT
from modescope.params import reading
from modescope.plan import pages
from modescope.plan.check import check

SOURCES = (
    *("src", "stages", "reports/templates", "reports/static", "footage/README.md", "own/README.md", "extra/README.md"),
    *(".dvcignore", ".gitignore", "dvc.yaml", "params.yaml", "CITATION.cff"),
)
IGNORED = shutil.ignore_patterns("__pycache__", "*.egg-info")
OWN_VARIABLES = ("DVC_", "GIT_", "MODESCOPE_", "PYTHON", "OMP_", "MKL_")
# Runs in seconds, at the tiny scale.
TINY = """\
effort: 0.1
evaluation: {samples: 100, floor_repeats: 2}
datasets: {spiral: {kind: spiral, n_train: 200, n_test: 200}}
metrics: {moments: {}, prdc: {}}
studies: {latent: {title: Latent dimension}}
samplers: {}
classifiers: {}
experiments:
  latent_spiral:
    study: latent
    dataset: spiral
    variant: gan
    steps: 1000
    seeds: 2
    sweep: {latent_dim: [1, 2]}
    discriminator_batch: 32
    generator_batch: 32
    networks: {generator: {hidden: [16]}, discriminator: {hidden: [16]}}
    optimizers: {generator: {learning_rate: 1e-3}, discriminator: {learning_rate: 1e-3}}
    snapshots: {points: 50, rest: 5}
"""


@dataclass(frozen=True)
class Scratch:
    """A folder that is a git repository and a DVC project."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """The caller's without its settings of DVC, git and Python; this interpreter comes first."""
        beside = self.root.parent
        return {k: v for k, v in os.environ.items() if not k.startswith(OWN_VARIABLES)} | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "DVC_SITE_CACHE_DIR": str(beside / "site_cache"),
            "DVC_GLOBAL_CONFIG_DIR": str(beside / "no_config"),
            "DVC_SYSTEM_CONFIG_DIR": str(beside / "no_config"),
            "DVC_NO_ANALYTICS": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def run(self, *command: str) -> str:
        """What a command prints. Raises RuntimeError with the end of it where the command fails."""
        done = subprocess.run(command, cwd=self.root, env=self.environment, text=True, capture_output=True, check=False)
        if done.returncode:
            last = (done.stdout + done.stderr).strip().splitlines()[-1:]  # one line, as of every failure
            raise RuntimeError(f"{' '.join(command[1:])} ended with {done.returncode}: {''.join(last)}")
        return done.stdout

    def python(self, *arguments: str) -> str:
        """What Python prints, with this checkout's benchmarks at hand."""
        return self.run(sys.executable, *arguments)


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder for projects and what DVC keeps beside them."""
    with TemporaryDirectory(prefix="modescope_bench_") as name:
        yield Path(name)


def smallest(root: Path) -> Scratch:
    """A project of one stage without dependencies, which has run: the least that DVC can be asked about."""
    made = _empty(root)
    (root / "dvc.yaml").write_text("stages: {one: {cmd: 'true', outs: [one.txt]}}\n", encoding="utf-8")
    made.python("-m", "benchmarks.lock")
    return made


def _empty(root: Path) -> Scratch:
    root.mkdir(parents=True)
    made = Scratch(root)
    made.run("git", "init", "--quiet")
    made.python("-m", "dvc", "init", "--quiet")
    return made


def copied(root: Path, params: str | None = None) -> Scratch:
    """This checkout's pipeline with nothing run. `params` is the text of params.yaml; none: the checkout's own."""
    made = _empty(root)
    for name in SOURCES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=IGNORED)
        else:
            shutil.copy(ROOT / name, root / name)
    if params is not None:
        (root / "params.yaml").write_text(params, encoding="utf-8")
    return made


def finished(root: Path, params: str | None = None) -> Scratch:
    """The same as if every stage had just run: small outputs, and the dvc.lock that fits them."""
    made = copied(root, params)
    checked = check(reading.read(root / "params.yaml"), root)
    pages.write(root / "plan", pages.pages(checked, root))
    made.python("-m", "benchmarks.lock")
    return made


def generated(n: int) -> str:
    """The text of a params.yaml with n experiments, all but the first of which are one line on top of the first."""
    content = reading.read(ROOT / "params.yaml")
    name, entry = next((k, e) for k, e in content["experiments"].items() if e["study"] == "modes")
    kept: Mapping[str, Any] = {
        **{key: content[key] for key in ("effort", "evaluation", "metrics")},
        "datasets": {entry["dataset"]: content["datasets"][entry["dataset"]]},
        "studies": {entry["study"]: content["studies"][entry["study"]]},
        "samplers": {},
        "classifiers": {},
    }
    lines = [f"{key}: {json.dumps(value)}" for key, value in kept.items()]
    lines += ["experiments:", f"  {name}: &first {json.dumps(entry)}"]
    lines += [f"  {name}_{i}: {{<<: *first, latent_dim: {i + 2}}}" for i in range(1, n)]
    return "\n".join(lines) + "\n"
