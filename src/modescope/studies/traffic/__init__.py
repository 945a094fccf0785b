"""Does a GAN learn anything but the empty junction? Article 003's question on images of known patterns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import ClassVar

import pandas as pd

from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table, some
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, cost, datasets, entries
from modescope.studies.common.tables import FLOOR, columns, floor_row, last
from modescope.studies.traffic import claims, findings, frames, patterns

PATTERNS = ["minor_recall", "empty_ratio", "patterns_covered", "patterns_hit", "pattern_tv", "invalid_frames"]
PATTERNS += ["cells_recall", "cells_empty_ratio", "cells_covered", "cells_tv", "ndb"]
ENCODED = ["probe_codes", "probe_pca", "probe_pixels", "pattern_kept", "ssim_occupied", "ssim_empty"]
ENCODED += ["error_occupied", "error_empty"]
STRATA = [
    "precision_empty",
    "recall_empty",
    "coverage_empty",
    "precision_occupied",
    "recall_occupied",
    "coverage_occupied",
]


class Traffic(Study):
    """Works with any experiments, grouped by dataset; datasets `name_<number>` form a sweep with one figure."""

    question: ClassVar[str] = "Does a GAN learn anything but the empty junction?"
    introduction: ClassVar[str] = (
        "Most snapshots of a quiet junction show no car. Article 003 found that a GAN and a Wasserstein GAN trained "
        "on such frames converge to the empty junction, and that a bidirectional GAN with a pairwise gradient "
        "penalty does not. In simulated frames the probability of every pattern of occupied lanes is known exactly. "
        "A decoder reads the pattern from each generated frame; frames without a pattern, such as ghosts and blends, "
        "are invalid. So lost patterns can be counted. In the default run frames are grey, 16 × 16 pixels. Remedies "
        "from the study of lost modes are trained beside the article’s variants."
    )
    source: ClassVar[str] = "Article 003, “A simple regularisation for your GANs”, traffic frames"
    headline_metric: ClassVar[str] = "minor_recall"

    def answer(self, scores: Scores) -> list[str]:
        """Whether anything but the empty junction is learned; then recall by dataset, network and kind of weights."""
        return findings.answer(scores, _main(scores))

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """For each main dataset frames, patterns, reconstructions and lines between codes; then the sweeps."""
        of_datasets = (part for dataset in _main(scores) for part in _of_dataset(runs, scores, dataset))
        return [*of_datasets, _sweeps(runs, scores)]

    def tables(self, scores: Scores) -> list[Table]:
        """For each dataset its patterns, its empty and occupied frames, and what encoders learn."""
        found = []
        for dataset in datasets(scores):
            title = ask.title(scores, dataset)
            found += [
                _table(scores, dataset, "patterns", f"Patterns: {title}", PATTERNS, _PATTERNS),
                _table(scores, dataset, "strata", f"Empty and occupied frames: {title}", STRATA, _STRATA),
                _table(scores, dataset, "encoded", f"What encoders learn: {title}", ENCODED, _ENCODED),
            ]
        return [table for table in found if table is not None]

    def claims(self, scores: Scores) -> list[Claim]:
        """Article 003's claims."""
        return [claim for dataset in _main(scores) for claim in claims.claims(scores, dataset)]


_PATTERNS = (
    f"The highest recall first. Means over seeds with 95 % bootstrap intervals; “{FLOOR}”: simulated frames against "
    "simulated frames. Minor recall: the share of the probability of frames with cars that the generated frames "
    "recover. Empty ratio: the share of empty junctions over their true probability; 1 is right. For a clip, the same "
    "for its occupied lanes, against its test frames. Cost: multiply-adds of a training step relative to the plain "
    "GAN’s; element-wise work is not counted."
)
_STRATA = (
    "Precision, recall and coverage with five neighbours, among the empty frames and among those with cars. Over all "
    "frames the many empty ones would hide the others."
)
_ENCODED = (
    "Probes: balanced accuracy with which a linear classifier reads the pattern of held-out frames from the code, from "
    "as many principal components, and from all pixels. Errors and SSIM compare G(E(x)) with x."
)


def _table(scores: Scores, dataset: str, key: str, title: str, metrics: list[str], caption: str) -> Table | None:
    found = _measured(scores, dataset, metrics)
    measured = [m for m in metrics if any(ask.values(scores, e.experiment, e.arm, m).size for e in found)]
    if metrics is PATTERNS:  # variants whose runs all diverged are listed, too
        found = [e for e in entries(scores, dataset) if e in found or not ask.n_scored(scores, e.experiment, e.arm)]
    if not measured:
        return None
    found = findings.in_order(scores, found)
    rows: list[dict[str, object]] = []
    for e in found:
        row: dict[str, object] = {"variant": e.label}
        for metric in measured:
            row |= columns(metric, ask.mean(scores, e.experiment, e.arm, metric))
        price = cost(scores, dataset, e)
        priced = {"cost": price} if metrics is PATTERNS and not math.isnan(price) else {}
        diverged = ask.n_diverged(scores, e.experiment, e.arm)
        seeds = {"seeds": ask.n_scored(scores, e.experiment, e.arm), "diverged": diverged}
        rows.append(row | priced | seeds)
    whose: list[Entry | None] = list(found)
    if any(ask.floor(scores, dataset, m).size for m in measured):
        whose.append(None)
        rows.append({"variant": FLOOR, **floor_row(scores, dataset, measured)})
    return Table(f"{key}_{dataset}", title, caption, last(pd.DataFrame(rows), ["seeds", "diverged"]), entries=whose)


def _main(scores: Scores) -> list[str]:
    """The datasets to look at closely: those outside sweeps, and the parts of a sweep with the most entries.

    Parts with equally many entries are left to the figure of their sweep, unless there is nothing else.
    """
    every = datasets(scores)
    left: set[str] = set()
    for parts in patterns.sweeps(scores).values():
        n = {dataset: len(entries(scores, dataset)) for dataset in parts}
        alike = len(set(n.values())) == 1
        left |= {dataset for dataset in parts if alike or n[dataset] < max(n.values())}
    return [dataset for dataset in every if dataset not in left] or every


def _of_dataset(runs: Mapping[str, Runs], scores: Scores, dataset: str) -> list[Iterator[Figure]]:
    found = findings.in_order(scores, [e for e in entries(scores, dataset) if not e.averaged])
    drawn = (frames.generated, patterns.shares, frames.reconstructed, frames.between)
    return [some(draw, runs, scores, dataset, found) for draw in drawn]


def _sweeps(runs: Mapping[str, Runs], scores: Scores) -> Iterator[Figure]:
    for stem, parts in patterns.sweeps(scores).items():
        figure = patterns.sweep(runs, scores, stem, parts)
        if figure is not None:
            yield figure


def _measured(scores: Scores, dataset: str, metrics: list[str]) -> list[Entry]:
    every = entries(scores, dataset)
    return [e for e in every if any(ask.values(scores, e.experiment, e.arm, m).size for m in metrics)]
