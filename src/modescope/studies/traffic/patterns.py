"""Patterns of occupied lanes, read from generated frames: the share of each, and recall by share of empty frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from modescope.datasets.junction import Junction
from modescope.figures import shares as charts
from modescope.figures import stills
from modescope.figures.marks import Named
from modescope.formatting import listing, number
from modescope.metrics.common.decoder import decoder
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, datasets, entries, find
from modescope.studies.traffic import findings
from modescope.studies.traffic.claims import known

INVALID = "invalid"
RECALL = "minor_recall"
GONE = "all runs diverged"


def shares(runs: Mapping[str, Runs], scores: Scores, dataset: str, found: Sequence[Entry]) -> Figure | None:
    """Every pattern's share, true against generated; None for data with unknown patterns."""
    found = [e for e in found if runs[e.experiment].samples.shape[1]]
    junction = runs[found[0].experiment].dataset if found else None
    if not isinstance(junction, Junction):
        return None
    names = [*junction.pattern_names, INVALID]
    true = np.append(junction.pattern_weights, 0.0)
    empty = int(np.flatnonzero(~junction.occupancy.any(axis=1))[0])
    drawn, words = [], []
    for e in found:
        by_run = _of_runs(runs[e.experiment], e.arm, junction)
        kept = by_run[np.isfinite(by_run).all(axis=1)]
        if len(kept):
            mean = kept.mean(axis=0)
            words.append(f"{e.title} {number(mean[empty])} empty, {number(mean[-1])} invalid")
        else:
            words.append(f"{e.title} {GONE}")
        drawn.append(charts.Shares(e.named if len(kept) else Named(f"{e.title}, {GONE}", e.remedy), by_run))
    n = runs[found[0].experiment].samples.shape[1]
    heading = f"{ask.title(scores, dataset)}: how often each pattern is generated"
    picture, _ = charts.compare(drawn, true, names, heading, smallest=1 / n)
    caption = (
        "Grey: the true probability of each pattern of occupied lanes (n, e, s, w). Red: the share of generated "
        "frames in which the decoder reads it; dots: seeds, line: their mean. Look for patterns whose red lies at "
        f"the bottom edge: not one of {n:,} frames shows them. Invalid: frames in which no pattern can be read. The "
        "highest recall comes first."
    )
    alt = f"{heading}. Mean shares: {listing(words)}; true: {number(true[empty])} empty."
    used = sorted({e.experiment for e in found})
    return Figure(f"{dataset}_shares", heading, caption, alt, picture, None, used, findings.shares(scores, found))


def _of_runs(runs: Runs, arm: str, junction: Junction) -> NDArray[np.float64]:
    """Shares of the patterns and of invalid frames, (seeds, patterns + 1); NaN for a diverged run."""
    n_patterns = len(junction.pattern_names)
    found = []
    for row in runs.rows(arm):
        if runs.diverged_at[row] >= 0:
            found.append(np.full(n_patterns + 1, np.nan))
            continue
        read = decoder(junction).decode(runs.samples[row].astype(np.float64))
        found.append(np.bincount(np.where(read < 0, n_patterns, read), minlength=n_patterns + 1) / len(read))
    return np.array(found)


def sweeps(scores: Scores) -> dict[str, list[str]]:
    """Stem -> the datasets `stem_<number>` with known patterns, for stems with several: the parts of one sweep."""
    found: dict[str, list[str]] = {}
    for dataset in datasets(scores):
        stem, _, part = dataset.rpartition("_")
        if part.isdecimal() and known(scores, dataset):
            found.setdefault(stem, []).append(dataset)
    return {stem: parts for stem, parts in found.items() if len(parts) > 1}


def sweep(runs: Mapping[str, Runs], scores: Scores, stem: str, parts: Sequence[str]) -> Figure | None:
    """Recall of the frames with cars against the share of empty ones, for the variants trained on several shares.

    None for fewer than two shares.
    """
    shares_of = {dataset: _empty(runs, scores, dataset) for dataset in parts}
    order = sorted((d for d in parts if np.isfinite(shares_of[d])), key=shares_of.__getitem__)
    if len({shares_of[d] for d in order}) < 2:
        return None
    variants = dict.fromkeys(e.variant for dataset in order for e in entries(scores, dataset))
    drawn, words, used, recalls = [], [], set(), dict[str, list[float]]()
    for variant in variants:
        found = [find(scores, dataset, variant) for dataset in order]
        if sum(e is not None for e in found) < 2:
            continue
        means = [(np.nan, np.nan, np.nan) if e is None else _mean(scores, e) for e in found]
        values = [[] if e is None else ask.values(scores, e.experiment, e.arm, RECALL).tolist() for e in found]
        title = next(e.named for e in found if e is not None)
        drawn.append(stills.Series(title, values, means))
        recalls[title] = [mean for mean, *_ in means]
        words.append(f"{title} " + ", ".join(number(mean) for mean, *_ in means))
        used |= {e.experiment for e in found if e is not None}
    if not drawn:
        return None
    names = [f"{shares_of[dataset]:g}" for dataset in order]
    together = [drawn] if len(drawn) <= len(stills.COLOURS) else [[series] for series in drawn]
    heading = "Recall of the frames with cars, by how often the junction is empty"
    unit = "recovered frames with cars"
    charts = [
        stills.Chart(
            heading if len(together) == 1 else series[0].label,
            unit,
            series,
            limits=(-0.05, 1.05),
        )
        for series in together
    ]
    picture, _ = stills.against(charts, [names] * len(charts), "share of empty frames in the data")
    caption = (
        "Recall, the share of the probability of frames with cars that is recovered, against the share of empty "
        "frames. Large dots: means over seeds with 95 % bootstrap intervals; small dots: single seeds. The same "
        "networks and steps on junctions that differ only in how often they are empty; frames with cars keep their "
        "proportions."
    )
    alt = f"{heading}, on average, at empty shares of {listing(names)}: {listing(words)}."
    finding = findings.sweep(recalls, [shares_of[dataset] for dataset in order])
    return Figure(f"{stem}_sweep", heading, caption, alt, picture, None, sorted(used), finding)


def _empty(runs: Mapping[str, Runs], scores: Scores, dataset: str) -> float:
    """The probability of the empty junction; NaN for other data."""
    junction = next((runs[e].dataset for e, used in scores.datasets.items() if used == dataset and e in runs), None)
    if not isinstance(junction, Junction):
        return float("nan")
    return float(np.sum(junction.pattern_weights[~junction.occupancy.any(axis=1)]))


def _mean(scores: Scores, entry: Entry) -> tuple[float, float, float]:
    mean = ask.finite_mean(scores, entry.experiment, entry.arm, RECALL)
    return mean.value, mean.low, mean.high
