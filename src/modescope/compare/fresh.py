"""Arms that only one of two revisions has scores of, each with the mean of its study's headline metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modescope.compare.paired import values
from modescope.compare.sides import Side
from modescope.seeding import stream
from modescope.statistics import Estimate, bootstrap_mean, widened

COUNTS = ("claims", "decided", "diverged")  # what metrics.json has of a study beside its headline metric


@dataclass(frozen=True)
class Arm:
    """An arm with the mean of a metric over its seeds; without a metric, it has no scores of it."""

    study: str
    experiment: str
    arm: str
    metric: str
    mean: Estimate | None


def arms(mine: Side, other: Side) -> list[Arm]:
    """Arms of `mine`, planned and scored, that `other` has no scores of, in the order of the scores."""
    here, there = values(mine.planned_scores()), {key[:3] for key in values(other.planned_scores())}
    rows = []
    for study, experiment, arm in dict.fromkeys(key[:3] for key in here if key[:3] not in there):
        metric = headline(mine.metrics, study)
        found = list(here.get((study, experiment, arm, metric), {}).values())
        mean = widened(bootstrap_mean(found, stream("fresh", study, experiment, arm)), found) if found else None
        rows.append(Arm(study, experiment, arm, metric, mean))
    return rows


def headline(metrics: Mapping[str, Any], study: str) -> str:
    """The headline metric of a study, from metrics.json; empty if that does not name it."""
    entry = metrics.get(study)
    names = entry if isinstance(entry, Mapping) else {}
    return next((str(name) for name, found in names.items() if name not in COUNTS and isinstance(found, Mapping)), "")
