"""The extras in extra/: their parameters, and the scores by which they stand beside the claims of the default run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from modescope.params.config import Params
from modescope.params.reading import read
from modescope.params.validation import typed
from modescope.plan.studies import plans
from modescope.report.evidence import Longer
from modescope.store.committed import read_committed
from modescope.store.plan import RemedyPage


def extras(root: Path) -> dict[Path, Params]:
    """The folders of the extras of a project, each with its parameters; none in that of an extra.

    Raises ConfigError, one line, for a params.yaml that cannot be read.
    """
    return {
        file.parent: typed(str(file), partial(Params.model_validate, read(file)))
        for file in sorted((root / "extra").glob("*/params.yaml"))
    }


def evidence(extra: Mapping[Path, Params], remedies: Mapping[str, RemedyPage]) -> dict[str, list[Longer]]:
    """Study -> the extras whose params.yaml offers its verdicts as evidence, and whose scores are there."""
    found: dict[str, list[Longer]] = {}
    for folder, params in extra.items():
        for study, plan in plans(params, remedies):
            scores = read_committed(folder, plan) if params.studies[study].evidence else None
            if scores is not None:
                found.setdefault(study, []).append(Longer(folder.name, plan, scores))
    return found
