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

    metric: str
    title: str
    direction: str  # which direction is better, in words
    ranked: bool  # whether one is
    shown: list[Line]
    folded: list[Line]


@dataclass(frozen=True)
class Study:
    """The groups of one study."""

    name: str
    title: str
    groups: list[Group]

    @property
    def lines(self) -> list[Line]:
        """All lines, in the order of the groups."""
        return [line for group in self.groups for line in [*group.shown, *group.folded]]

    @property
    def folded(self) -> int:
        """How many lines are folded away."""
        return sum(len(group.folded) for group in self.groups)


def by_study(told: Sequence[Difference], names: Names, about: Mapping[str, About]) -> list[Study]:
    """The studies of the significant differences, and their metrics, in the order of `told`."""
    found: dict[str, dict[str, list[Difference]]] = {}
    for difference in told:
        found.setdefault(difference.study, {}).setdefault(difference.metric, []).append(difference)
    return [
        Study(study, names.study(study), [_group(metric, rows, names, about) for metric, rows in metrics.items()])
        for study, metrics in found.items()
    ]


def _group(metric: str, rows: list[Difference], names: Names, about: Mapping[str, About]) -> Group:
    better = about[metric].better if metric in about else "neither"
    lines = [_line(d, better, names) for d in sorted(rows, key=lambda d: _gain(d, better), reverse=True)]
    label = names.metric(metric)
    return Group(
        metric=metric,
        title=label[:1].upper() + label[1:],
        direction="neither direction is better" if better == "neither" else f"{better} is better",
        ranked=better != "neither",
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
