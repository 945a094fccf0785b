"""What explorer.json holds: the datasets in the plane that a study can show, and which entries and seeds of each.

One item a dataset: where it is drawn, its modes and how they are counted, the script of its real points, and `entries`;
an entry has its key, its remedy, its title, and `runs`: seed, script, score after training, step at which it diverged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from modescope import datasets, metrics
from modescope.datasets import Distribution
from modescope.explorer.kept import Rule, rule
from modescope.store.plan import Plan
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, entries

SEEDS = 6  # of an entry, the lowest
POINTS = 512  # of a snapshot
REAL = 1_000  # real points of a dataset
WITHOUT_MODES = "coverage"  # what is told of the samples after training where there are no modes to count


class Shown(NamedTuple):
    """An entry of a leaderboard and its key, which stands in names of files and in the page's address."""

    key: str
    entry: Entry


def planar(plan: Plan) -> dict[str, Distribution]:
    """The datasets of a study whose points lie in the plane, in the plan's order."""
    found = {name: datasets.build(spec) for name, spec in plan["datasets"].items()}
    return {name: dataset for name, dataset in found.items() if dataset.shape == (2,)}


def shown(scores: Scores, dataset: str) -> list[Shown]:
    """The entries of trainings on a dataset that record snapshots, in the order of params.yaml."""
    found = [e for e in entries(scores, dataset) if "snapshots" in scores.settings[e.experiment]]
    return [Shown(key, entry) for key, entry in zip(keys(found), found, strict=True)]


def keys(found: Sequence[Entry]) -> list[str]:
    """A key for every entry: the remedy where it is the only entry of it, otherwise the label. Unique."""
    of_remedy, given = Counter(entry.remedy for entry in found), list[str]()
    for entry in found:
        key = entry.remedy if of_remedy[entry.remedy] == 1 else re.sub(r"[^a-z0-9_.-]+", "_", entry.label.lower())
        given.append(key if key not in given else f"{key}_{len(given)}")
    return given


def counting(plan: Plan, scores: Scores, name: str, dataset: Distribution) -> Rule | None:
    """How the modes of a dataset are counted; None where they are not."""
    return rule(scores, name, dataset, metrics.build(plan["metrics"]))


def told(scores: Scores, dataset: str, counted: Rule | None) -> str | None:
    """The metric of the samples after training that is told of every run; None if none was measured."""
    metric = WITHOUT_MODES if counted is None else counted.metric
    return metric if ask.floor(scores, dataset, metric).size else None


def field(
    plan: Plan, scores: Scores, name: str, dataset: Distribution, runs: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The item of explorer.json for a dataset; `runs` are its entries."""
    counted = counting(plan, scores, name, dataset)
    return {
        "dataset": name,
        "title": ask.title(scores, name),
        **geometry(dataset, counted),
        "std": dataset.mode_std,
        "metric": told(scores, name, counted),
        "rule": "" if counted is None else counted.words,
        "final_points": min(int(plan["evaluation"]["samples"]), dataset.n_test),
        "real": f"{name}.js",
        "entries": list(runs),
    }


def geometry(dataset: Distribution, counted: Rule | None) -> dict[str, Any]:
    """Where a dataset is drawn: the extent, with room for the ring around every mode; the modes; the rings' radius."""
    centres, (x_min, x_max, y_min, y_max) = dataset.centres, dataset.extent
    if counted is None or centres is None:
        extent = [float(end) for end in dataset.extent]
        return {"extent": extent, "centres": None, "radius": None, "n_modes": None}
    low, high = centres.min(axis=0) - 1.5 * counted.radius, centres.max(axis=0) + 1.5 * counted.radius
    extent = [min(x_min, low[0]), max(x_max, high[0]), min(y_min, low[1]), max(y_max, high[1])]
    return {
        "extent": [float(end) for end in extent],
        "centres": [[float(c) for c in centre] for centre in centres],
        "radius": counted.radius,
        "n_modes": len(centres),
    }
