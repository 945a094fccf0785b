"""How much of the machine a whole run from nothing uses: its arithmetic against the matrix peak of all cores.

`dvc repro` runs in a fresh clone of the last commit, without dvc.lock and scores. The arithmetic is that of the
matrix products of all trainings, two floating-point operations a multiply-add. Shares say where the time went.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import schedule, scratch, timeline, timing
from benchmarks.row import ROOT, Row, Scale
from modescope import datasets, machine
from modescope.engine.work import multiply_adds
from modescope.params import reading
from modescope.params.config import Experiment, Params, steps_at

PEAK_SECONDS = 5.0
SHORT = ("train@latent_spiral",)  # where the tiny run ends


def rows(scale: Scale) -> Iterator[Row]:
    """The whole run, its trainings by study, then what each group of stages took."""
    with scratch.folder() as folder:
        root = folder / "project"
        project = scratch.copied(root, scratch.TINY) if scale.tiny else _cloned(root)
        if scale.effort is not None:
            _set_effort(project.root / "params.yaml", scale.effort)
        params = Params.model_validate(reading.read(project.root / "params.yaml"))
        limit = timing.everywhere(timing.peak, scale.pick(PEAK_SECONDS, 0.01))
        found = run(project, *scale.pick((), SHORT))
        tasks = schedule.read(project.root)
    work = {name: arithmetic(params, entry) for name, entry in params.experiments.items()}
    yield _efficiency("the whole run, share of the matrix peak of all cores", sum(work.values()), found.wall, limit)
    training = found.seconds(["trainings"])
    yield _efficiency("the queue, share of the matrix peak of all cores", sum(work.values()), training, limit)
    for study in params.studies:
        names = [name for name, entry in params.experiments.items() if entry.study == study]
        if names:
            took = float(tasks.loc[tasks["experiment"].isin(names), "seconds"].sum())
            name = f"tasks of {study}, share of the matrix peak of a core"
            yield _efficiency(name, sum(work[name] for name in names), took, limit / machine.cores())
    for name, seconds in timeline.shares(found).items():
        yield Row(f"{name}, share of the whole", seconds, found.wall, seconds / found.wall, "s")
    yield from schedule.rows(tasks, found.wall - training)


def arithmetic(params: Params, entry: Experiment) -> float:
    """GFLOP of all runs of an experiment at the effort of the file."""
    shape = datasets.build(params.datasets[entry.dataset]).shape
    a_step = sum(multiply_adds(settings, shape) for _, settings in entry.arms())
    return 2 * a_step * entry.seeds * steps_at(params.effort, entry.steps) / 1e9


def run(project: scratch.Scratch, *targets: str) -> timeline.Timeline:
    """`dvc repro`, with a line a stage as it begins. Raises RuntimeError where it fails."""
    tools = project.root.with_name("tools")
    tools.mkdir()
    (tools / "sh").write_text(timeline.SHELL, encoding="utf-8")
    (tools / "sh").chmod(0o755)
    environment = project.environment
    environment["PATH"] = f"{tools}{os.pathsep}{environment['PATH']}"
    command, errors = [sys.executable, "-m", "dvc", "repro", *targets], tools / "errors"
    lines: list[tuple[float, str]] = []
    begun = time.perf_counter()
    with (
        errors.open("wb") as log,
        subprocess.Popen(
            command, cwd=project.root, env=environment, text=True, stdout=subprocess.PIPE, stderr=log
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            lines.append((time.perf_counter() - begun, line.rstrip()))
            if stage := timeline.BEGUN.match(line):
                print(f"{lines[-1][0]:8.0f} s  {stage[1]}", file=sys.stderr, flush=True)
    if process.returncode:
        said = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        raise RuntimeError(f"dvc repro ended with {process.returncode}: {''.join(said)}")
    return timeline.read(lines, time.perf_counter() - begun)


def _efficiency(name: str, work: float, seconds: float, limit: float) -> Row:
    speed = work / seconds
    return Row(name, speed, limit, speed / limit, "GFLOP/s")


def _cloned(root: Path) -> scratch.Scratch:
    """The last commit in a folder of its own, without what earlier runs have committed."""
    made = scratch.Scratch(root)
    clone = ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(root)]
    subprocess.run(clone, check=True, env=made.environment)
    for path in [*map(root.joinpath, ("dvc.lock", "metrics.json", "verdicts.csv")), *root.glob("scores/**/*.csv")]:
        path.unlink(missing_ok=True)
    return made


def _set_effort(file: Path, effort: float) -> None:
    text, n = re.subn(r"^effort:.*$", f"effort: {effort}", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if n != 1:
        raise ValueError(f"{file.name}: {n} lines begin with `effort:`; there must be one")
    file.write_text(text, encoding="utf-8")
