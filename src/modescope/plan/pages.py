"""params.yaml cut into pages, one an entry, and what earlier entries left behind."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modescope import datasets, samplers
from modescope.params.config import Classifying, ConfigError, Experiment, Params, Sampling
from modescope.plan.declared import remedies
from modescope.plan.studies import plans, untitled
from modescope.store import artifacts
from modescope.store.plan import ClassifierPage, DatasetPage, Page, RemedyPage, SamplingPage, TrainingPage

SUMMARY, REPORT = "studies.json", "report.json"
PAGES = (DatasetPage, TrainingPage, SamplingPage, ClassifierPage, RemedyPage)


def pages(params: Params, project: Path = Path()) -> dict[str, Any]:
    """Path below plan/ -> content of the page; `footage/` and `own/`, whose files are hashed, lie in the project."""
    found: dict[str, Any] = {SUMMARY: list(params.studies), REPORT: params.report.model_dump()}

    def add(name: str, page: Page) -> None:
        found[f"{page.kind}/{name}.json"] = page.model_dump()

    for name, spec in params.datasets.items():
        add(name, DatasetPage(spec=untitled(spec), files=hashes(datasets.build(spec).sources(project))))
    for name, experiment in params.experiments.items():
        trained = experiment.model_copy(update={"article_steps": None, "title": None})  # so that an edit trains nothing
        add(name, TrainingPage(experiment=trained, effort=params.effort, samples=params.samples(experiment.study)))
    for name, sampling in params.samplers.items():
        files = hashes(samplers.build(sampling.sampler, sampling.settings).sources(project))
        spec, drawn = untitled(params.datasets[sampling.dataset]), sampling.model_copy(update={"title": None})
        add(name, SamplingPage(sampling=drawn, dataset=spec, samples=params.samples(sampling.study), files=files))
    for name, classifier in params.classifiers.items():
        add(name, ClassifierPage(classifier=classifier))
    declared = remedies()
    for name, page in declared.items():
        add(name, page)
    return found | {f"study/{study}.json": plan for study, plan in plans(params, declared)}


def write(folder: Path, contents: Mapping[str, Any]) -> None:
    """Write the pages into the folder and remove those of entries that are gone.

    Raises ConfigError for a folder that holds something else, in which nothing is to be removed, and OSError.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        what = "a link" if folder.is_symlink() else "a file"
        raise ConfigError(f"--plan {folder}: there is {what} of that name; name a folder")
    folder.mkdir(parents=True, exist_ok=True)
    known = {SUMMARY, REPORT, *(page.kind for page in PAGES), "study"}
    if other := [path.name for path in folder.iterdir() if path.name not in known and path.name[0] != "."]:
        raise ConfigError(
            f"--plan {folder}: holds {min(other)!r}, which is no page of a plan; name a folder for the plan alone"
        )
    for old in folder.rglob("*.json"):
        if old.relative_to(folder).as_posix() not in contents:
            old.unlink()
    for path, content in contents.items():
        artifacts.write_json(folder / path, content)


def remove_leftovers(params: Params, root: Path) -> list[str]:
    """Remove the outputs of entries that params.yaml no longer has; returns their paths.

    Stages depend on whole folders such as runs/<study>. A leftover in one would change what DVC sees and so make
    dvc.lock depend on the history of a checkout. DVC's cache keeps every finished output, git every table of scores.
    """
    entries: list[tuple[str, Experiment | Sampling | Classifying]] = [
        *params.experiments.items(),
        *params.samplers.items(),
        *params.classifiers.items(),
    ]
    made = {
        "runs/*/*": {f"runs/{entry.study}/{name}" for name, entry in entries},
        "history/*/*.csv": {f"history/{entry.study}/{name}.csv" for name, entry in entries},
        "media/*": {f"media/{study}" for study in params.studies},
        "scores/*.csv": {f"scores/{study}.csv" for study in params.studies},
        "scores/floors/*.csv": {f"scores/floors/{study}.csv" for study in params.studies},
        "scores/progress/*.csv": {f"scores/progress/{study}.csv" for study in params.studies},
    }
    removed = []
    for pattern, wanted in made.items():
        for path in sorted(root.glob(pattern)):
            name = path.relative_to(root).as_posix()
            if name not in wanted:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
                removed.append(name)
    for folder in [*root.glob("runs/*"), *root.glob("history/*")]:
        if folder.is_dir() and not any(path.name[0] != "." for path in folder.iterdir()):
            folder.rmdir()
    return removed


def hashes(sources: Mapping[str, Path]) -> dict[str, str]:
    """SHA-256 by label of every source: a file, or a folder with all files in it, by name and content."""
    return {label: _hash(path) for label, path in sources.items()}


def _hash(path: Path) -> str:
    if path.is_file():
        return artifacts.sha256(path)
    names = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
    listed = "".join(f"{artifacts.sha256(path / name)} {name}\n" for name in names)
    return hashlib.sha256(listed.encode(errors="surrogateescape")).hexdigest()
