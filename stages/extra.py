"""Run extra/<name>/params.yaml, outside the default pipeline; all outputs go into that folder."""

from __future__ import annotations

import sys
from pathlib import Path

import classifier
import dataset
import evaluate
import render
import report
import sample
import train
import trainings

from modescope.lifecycle import turn
from modescope.params import config, entry, reading
from modescope.plan import pages
from modescope.plan.check import check


def main(name: str, project: Path = Path()) -> int:
    """Run every stage in order, as `dvc repro` would; what is trained survives an interruption."""
    known = sorted(path.parent.name for path in (project / "extra").glob("*/params.yaml"))
    if name not in known:
        raise config.ConfigError(f"extra/{name}: there is no such extra; allowed: {', '.join(known) or 'none'}")
    root = project / "extra" / name
    with turn.taken(root):
        return _run(name, root, project)


def _run(name: str, root: Path, project: Path) -> int:
    params = check(reading.read(root / "params.yaml"), project, root=root)
    pages.write(root / "plan", pages.pages(params, project))
    for item in params.datasets:
        dataset.main(item, root, project)
    if trainings.main(root):
        return 1
    for item in params.experiments:
        train.main(item, root)
    for item in params.samplers:
        sample.main(item, root, project)
    for item in params.classifiers:
        classifier.main(item, root)
    for stage in (evaluate, render):
        for item in params.studies:
            stage.main(item, root)
    report.main(root, f"make extra NAME={name}")
    return 0


if __name__ == "__main__":
    sys.exit(entry.run(main, sys.argv[1:], "NAME"))
