"""A copy of the project in a folder of its own, with params that train in seconds, for the tests of the pipeline.

Every Python process of a copy notes which of the copy's files it executes or opens (`recorder/`), so that
what a stage really uses can be compared with what dvc.yaml declares.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
RECORDER = Path(__file__).resolve().parent / "recorder"
SOURCES = ("src", "stages", "reports/templates", "reports/static")
FILES = (
    "dvc.yaml",
    "params.yaml",
    ".dvcignore",
    ".gitattributes",
    ".gitignore",
    ".dvc/config",
    ".dvc/.gitignore",
    "CITATION.cff",
    "footage/README.md",
    "own/README.md",
    "extra/README.md",
)
NOBODY = {"NAME": "nobody", "EMAIL": "nobody@example.org", "DATE": "2001-02-03T04:05:06+0000"}
OUTPUTS = (
    "data",
    "runs",
    "history",
    "scores",
    "media",
    "plan",
    "digests",
    "reports/html",
    "metrics.json",
    "verdicts.csv",
    "docs",
)

# Two ways to reach the plane: with modes and without. Enough numbers for every metric, few enough for seconds.
PARAMS = """\
effort: 0.1
evaluation: {samples: 200, floor_repeats: 2}
datasets:
  eight_gaussians: {kind: ring, n_modes: 8, radius: 2.0, std: 0.2, n_train: 500, n_test: 500}
  spiral: {kind: spiral, n_train: 500, n_test: 500}
  line: {kind: line, n_train: 500, n_test: 500}
  digits: {kind: stacked_digits, n_train: 60, n_test: 60}
metrics: {modes: {}, divergence: {}, prdc: {}, moments: {}, distances: {}, line: {}}
studies:
  latent: {title: Why do GANs need so much noise?}
  sampling: {title: From random variables to samples}
samplers:
  sampling_inverse: {study: sampling, dataset: line, sampler: inverse_transform, seeds: 2}
classifiers:
  few_digits: {study: sampling, dataset: digits, steps: 20}
experiments:
  latent_eight_gaussians: &latent
    study: latent
    dataset: eight_gaussians
    variant: gan
    steps: 6000
    seeds: 2
    sweep: {latent_dim: [1, 2]}
    discriminator_batch: 32
    generator_batch: 32
    networks: {generator: {hidden: [16]}, discriminator: {hidden: [16]}}
    optimizers: {generator: {learning_rate: 1e-3}, discriminator: {learning_rate: 1e-3}}
    snapshots: {points: 50, dense_until: 20, dense_every: 10, rest: 5}
  latent_spiral:
    <<: *latent
    dataset: spiral
"""

# An extra run of the same study, with its scores, beside a sweep that is no evidence.
EXTRA = """\
effort: 1.0
evaluation: {samples: 200, floor_repeats: 2}
datasets:
  eight_gaussians: {kind: ring, n_modes: 8, radius: 2.0, std: 0.2, n_train: 500, n_test: 500}
metrics: {prdc: {}}
studies:
  latent: {title: A longer run, evidence: true}
experiments:
  long_eight_gaussians:
    study: latent
    dataset: eight_gaussians
    variant: gan
    steps: 12000
    seeds: 3
    sweep: {latent_dim: [1, 2]}
    discriminator_batch: 32
    generator_batch: 32
    networks: {generator: {hidden: [16]}, discriminator: {hidden: [16]}}
    optimizers: {generator: {learning_rate: 1e-3}, discriminator: {learning_rate: 1e-3}}
"""
EXTRA_SCORES = """\
study,experiment,arm,seed,metric,value
latent,long_eight_gaussians,latent_dim=1,0,coverage,0.30
latent,long_eight_gaussians,latent_dim=1,1,coverage,0.31
latent,long_eight_gaussians,latent_dim=1,2,coverage,0.32
latent,long_eight_gaussians,latent_dim=2,0,coverage,0.91
latent,long_eight_gaussians,latent_dim=2,1,coverage,0.92
latent,long_eight_gaussians,latent_dim=2,2,coverage,0.93
"""
EXTRA_FLOORS = """\
study,dataset,repeat,metric,value
latent,eight_gaussians,0,coverage,0.96
latent,eight_gaussians,1,coverage,0.97
"""


class Note(NamedTuple):
    """One line of the record: a process of a stage that ran or read a file, imported a package, or was forked."""

    stage: str
    pid: int
    kind: str
    what: str


@dataclass(frozen=True)
class Copy:
    """A copy of the project, and how to run DVC in it apart from everything else on this machine."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """The caller's environment, but the copy's code, this interpreter, and nobody's settings."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "GIT_", "MODESCOPE_", "PYTHON"))}
        beside = self.root.parent
        return kept | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONPATH": f"{RECORDER}{os.pathsep}{self.root / 'src'}",
            "MODESCOPE_DEVICE": "cpu",
            "MODESCOPE_ROOT": str(self.root.resolve()),
            "MODESCOPE_RECORD": str(self.record),
            "DVC_SITE_CACHE_DIR": str(beside / "site_cache"),
            "DVC_GLOBAL_CONFIG_DIR": str(beside / "no_config"),
            "DVC_SYSTEM_CONFIG_DIR": str(beside / "no_config"),
            "DVC_NO_ANALYTICS": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    @property
    def record(self) -> Path:
        """Where the processes of this copy's stages note what they use."""
        return self.root.with_name(f"{self.root.name}.record")

    def notes(self) -> list[Note]:
        """What has been noted so far."""
        text = self.record.read_text(encoding="utf-8") if self.record.exists() else ""
        fields = (line.split("\t") for line in text.splitlines())
        return [Note(stage, int(pid), kind, what) for stage, pid, kind, what in fields]

    @contextmanager
    def inside(self) -> Iterator[None]:
        """This process in the copy, with its settings of DVC and git: what needs no process of its own is quicker."""
        with pytest.MonkeyPatch.context() as patch, chdir(self.root):
            for name, value in self.environment.items():
                if name.startswith(("DVC_", "GIT_")):
                    patch.setenv(name, value)
            yield

    def dvc(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a DVC command to its end, with its output."""
        command = [sys.executable, "-m", "dvc", *arguments]
        return subprocess.run(
            command, cwd=self.root, env=self.environment, text=True, stdout=PIPE, stderr=STDOUT, check=False
        )

    def repro(self) -> list[str]:
        """`dvc repro`, which must succeed; the stages that it ran, in order."""
        done = self.dvc("repro")
        assert done.returncode == 0, done.stdout
        return ran(done.stdout)

    def start(self, *prefix: str) -> subprocess.Popen[bytes]:
        """Begin `dvc repro` in a session of its own, so that it can be interrupted as Ctrl-C does."""
        with (self.root.parent / f"{self.root.name}.log").open("ab") as log:
            return subprocess.Popen(
                [*prefix, sys.executable, "-m", "dvc", "repro"],
                cwd=self.root,
                env=self.environment,
                stdout=log,
                stderr=STDOUT,
                start_new_session=True,
                # Python takes no notice of Ctrl-C in a process that was started in the background of a shell.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def params(self) -> Any:
        """params.yaml as plain Python."""
        return YAML(typ="safe", pure=True).load(self.root / "params.yaml")

    def write_params(self, content: Any) -> None:
        """Replace params.yaml."""
        with (self.root / "params.yaml").open("w", encoding="utf-8") as file:
            YAML().dump(content, file)  # in the order of the content, which the safe one would sort

    def outputs(self) -> dict[str, tuple[int, bytes]]:
        """Path -> (time of change, content) of every file that the stages have written."""
        found = [path for name in OUTPUTS for path in (self.root / name, *(self.root / name).rglob("*"))]
        return {
            path.relative_to(self.root).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
            for path in found
            if path.is_file()
        }


def stage(name: str) -> Any:
    """The script of a stage as a module, for what needs no process of its own."""
    spec = importlib.util.spec_from_file_location(f"stage_{name}", ROOT / "stages" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ran(output: str) -> list[str]:
    """The stages that a `dvc repro` with this output ran or took from the cache, in order."""
    return re.findall(r"^(?:Running stage|Stage) '([^']+)'(?::$| is cached)", output, flags=re.MULTILINE)


def duplicate(copy: Copy, root: Path) -> Copy:
    """A second copy with all results, to be changed."""
    shutil.copytree(copy.root, root, symlinks=True)
    return Copy(root)


def make(root: Path) -> Copy:
    """Copy the project to `root`, give it tiny params, and commit it, always with the same commit id."""
    for name in SOURCES:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "params.yaml").write_text(PARAMS, encoding="utf-8")
    for name, text in (
        ("params.yaml", EXTRA),
        ("scores/latent.csv", EXTRA_SCORES),
        ("scores/floors/latent.csv", EXTRA_FLOORS),
    ):
        (root / "extra" / "long" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "extra" / "long" / name).write_text(text, encoding="utf-8")
    environment(root)  # else every stage starts a Python to see whether it could be used
    copy = Copy(root)
    git(copy, "init", "--quiet")
    git(copy, "add", "--all")
    git(copy, "commit", "--quiet", "--message", "A copy")
    return copy


def finish(root: Path) -> None:
    """A copy at `root` after its first `dvc repro`."""
    Copy(root).record.unlink(missing_ok=True)
    make(root).repro()


def environment(folder: Path) -> None:
    """A .venv in the folder, whose Python is that of the tests; nothing of it is on the PATH."""
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)


def clone(copy: Copy, root: Path) -> Copy:
    """The same commit in another folder, with nothing run."""
    git(copy, "clone", "--quiet", "--no-hardlinks", str(copy.root), str(root))
    return Copy(root)


def git(copy: Copy, *arguments: str) -> None:
    """Run git in the copy as a nobody of long ago."""
    who = {f"GIT_{role}_{field}": value for role in ("AUTHOR", "COMMITTER") for field, value in NOBODY.items()}
    subprocess.run(["git", *arguments], cwd=copy.root, env=copy.environment | who, check=True)
