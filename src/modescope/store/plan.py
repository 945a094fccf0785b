"""Pages of the plan: what a stage knows of params.yaml, one JSON file an entry, written by `check`.

A stage depends on its own page instead of the whole of params.yaml, so DVC runs again only what an edit concerns.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from modescope.params.config import Classifying, ConfigError, Experiment, Reporting, Sampling
from modescope.params.settings import Strict

FOLDER = "plan"
Plan = Mapping[str, Any]
P = TypeVar("P", bound="Page")


class Page(Strict):
    """A page of the folder plan/<kind>/."""

    kind: ClassVar[str]


class DatasetPage(Page):
    """What `dataset` makes data/<name>.npz from."""

    kind: ClassVar[str] = "dataset"
    spec: dict[str, Any]  # the entry of params.yaml
    files: dict[str, str] = {}  # SHA-256 of the user's files that it reads, by path, so that DVC sees an edit


class TrainingPage(Page):
    """What `train` trains one experiment from."""

    kind: ClassVar[str] = "train"
    experiment: Experiment
    effort: float
    samples: int  # generated points a run, at most


class SamplingPage(Page):
    """What `sample` draws from."""

    kind: ClassVar[str] = "sample"
    sampling: Sampling
    dataset: dict[str, Any]  # its entry
    samples: int  # points a run, at most
    files: dict[str, str] = {}  # as for a dataset


class ClassifierPage(Page):
    """What `classifier` trains one classifier from."""

    kind: ClassVar[str] = "classifier"
    classifier: Classifying


class RemedyPage(Page):
    """What the file of a variant declares for readers; TeX without delimiters, empty where nothing is declared."""

    kind: ClassVar[str] = "remedy"
    title: str
    idea: str
    source: str
    link: str
    discriminator_tex: str
    generator_tex: str
    path: str  # of its file in the project
    line: int  # of its class there


def read_remedies(root: Path) -> dict[str, RemedyPage]:
    """The pages of all variants of the package, by name."""
    files = sorted((root / FOLDER / RemedyPage.kind).glob("*.json"))
    return {file.stem: read_page(root, RemedyPage, file.stem) for file in files}


def read_page(root: Path, kind: type[P], name: str) -> P:
    """plan/<kind>/<name>.json, typed. Raises ConfigError, with the names there are, where there is no such page."""
    return kind.model_validate(_read(root, kind.kind, name))


def read_studies(root: Path) -> list[str]:
    """The studies in the order of params.yaml, from plan/studies.json."""
    return list(json.loads((root / FOLDER / "studies.json").read_text(encoding="utf-8")))


def read_reporting(root: Path) -> Reporting:
    """What params.yaml tells only the pages, from plan/report.json."""
    return Reporting.model_validate_json((root / FOLDER / "report.json").read_bytes())


def read_plan(root: Path, study: str) -> Plan:
    """plan/study/<study>.json: all that evaluation, figures and report know of a study. Raises as `read_page`."""
    return dict(_read(root, "study", study))


def _read(root: Path, kind: str, name: str) -> Any:
    file = root / FOLDER / kind / f"{name}.json"
    if not file.is_file():
        known = ", ".join(sorted(page.stem for page in file.parent.glob("*.json"))) or "none"
        raise ConfigError(
            f"{FOLDER}/{kind}/{name}.json: there is no such page; allowed: {known}; "
            f"`python -m modescope check --plan {FOLDER}` writes the pages"
        )
    return json.loads(file.read_text(encoding="utf-8"))
