"""Significant differences as rows of a forest plot, by study and metric: no effect at the centre, better at right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from modescope.compare.names import Names
from modescope.compare.paired import Difference, Outcome
from modescope.formatting import estimate
from modescope.metrics import About
from modescope.report import forest
from modescope.statistics import Verdict

# The marks of the forest plot that stand for what happened; the words beside them say it.
MARKS: dict[Outcome, Verdict] = {"better": "supported", "worse": "contradicted"}
OTHER: Verdict = "inconclusive"
SHOWN = 12  # rows of a group that are not folded away


@dataclass(frozen=True)
class Line:
    """One measure that differs significantly."""

    difference: Difference
    name: str  # of the arm and its data, for readers
    code: str  # the names of both in params.yaml
    row: forest.Row
    mark: Verdict
    words: str  # the row for those who cannot see it


@dataclass(frozen=True)
class Group:
    """The lines of one metric in one study, from the best to the worst."""

    study: str
    metric: str
    title: str
    code: str
    direction: str  # which direction is better, in words
    shown: list[Line]
    folded: list[Line]


def groups(told: Sequence[Difference], names: Names, about: Mapping[str, About]) -> list[Group]:
    """The groups in the order of the studies and metrics of `told`, all of a study together."""
    studies = list(dict.fromkeys(d.study for d in told))
    found: dict[tuple[str, str], list[Difference]] = {}
    for difference in sorted(told, key=lambda d: studies.index(d.study)):
        found.setdefault((difference.study, difference.metric), []).append(difference)
    return [_group(study, metric, rows, names, about) for (study, metric), rows in found.items()]


def _group(study: str, metric: str, rows: list[Difference], names: Names, about: Mapping[str, About]) -> Group:
    better = about[metric].better if metric in about else "neither"
    lines = [_line(d, better, names) for d in sorted(rows, key=lambda d: _gain(d, better), reverse=True)]
    label = names.metric(metric)
    return Group(
        study=study,
        metric=metric,
        title=label[:1].upper() + label[1:],
        code=metric,
        direction="neither direction is better" if better == "neither" else f"{better} is better",
        shown=lines[:SHOWN],
        folded=lines[SHOWN:],
    )


def _line(difference: Difference, better: str, names: Names) -> Line:
    low, high = (-math.inf, 0.0) if better == "lower" else (0.0, math.inf)
    row = forest.row(difference.effect, low, high)
    name = names.run(difference.experiment, difference.arm)
    return Line(
        difference=difference,
        name=name,
        code=f"{difference.experiment}, {difference.arm}",
        row=replace(row, holds=None) if better == "neither" else row,
        mark=MARKS.get(difference.outcome, OTHER),
        words=f"{name}: {difference.outcome} by {estimate(difference.effect)}",
    )


def _gain(difference: Difference, better: str) -> float:
    """The difference with the sign that makes larger better."""
    return -difference.effect.value if better == "lower" else difference.effect.value
