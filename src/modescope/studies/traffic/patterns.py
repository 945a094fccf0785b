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
            words.append(f"{e.label} {number(mean[empty])} empty, {number(mean[-1])} invalid")
        else:
            words.append(f"{e.label} {GONE}")
        drawn.append(charts.Shares(e.named if len(kept) else Named(f"{e.title}, {GONE}", e.remedy), by_run))
    n = runs[found[0].experiment].samples.shape[1]
    heading = f"{ask.title(scores, dataset)}: how often each pattern is generated"
    picture, _ = charts.compare(drawn, true, names, heading, smallest=1 / n)
    caption = (
        "Grey: the true probability of each pattern of occupied lanes (n, e, s, w). Red: the share of generated frames "
        f"in which the decoder reads it; dots: seeds, line: their mean, bottom edge: not one of {n:,} frames. "
        "invalid: frames in which no pattern can be read."
    )
    alt = f"{heading}. Mean shares: {listing(words)}; true: {number(true[empty])} empty."
    return Figure(f"{dataset}_shares", heading, caption, alt, picture, None, sorted({e.experiment for e in found}))


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


def known(scores: Scores, dataset: str) -> bool:
    """Whether the true probabilities of a dataset's patterns are known, so that recall is measured."""
    if ask.floor(scores, dataset, RECALL).size:
        return True
    return any(ask.values(scores, e.experiment, e.arm, RECALL).size for e in entries(scores, dataset))


def sweep(runs: Mapping[str, Runs], scores: Scores, stem: str, parts: Sequence[str]) -> Figure | None:
    """Recall of the frames with cars against the share of empty ones, for the variants trained on several shares.

    None for fewer than two shares.
    """
    shares_of = {dataset: _empty(runs, scores, dataset) for dataset in parts}
    order = sorted((d for d in parts if np.isfinite(shares_of[d])), key=shares_of.__getitem__)
    if len({shares_of[d] for d in order}) < 2:
        return None
    variants = dict.fromkeys(e.variant for dataset in order for e in entries(scores, dataset))
    drawn, words, used = [], [], set()
    for variant in variants:
        found = [find(scores, dataset, variant) for dataset in order]
        if sum(e is not None for e in found) < 2:
            continue
        means = [(np.nan, np.nan, np.nan) if e is None else _mean(scores, e) for e in found]
        values = [[] if e is None else ask.values(scores, e.experiment, e.arm, RECALL).tolist() for e in found]
        drawn.append(stills.Series(variant, values, means))
        words.append(f"{variant} " + ", ".join(number(mean) for mean, *_ in means))
        used |= {e.experiment for e in found if e is not None}
    if not drawn:
        return None
    names = [f"{shares_of[dataset]:g}" for dataset in order]
    together = [drawn] if len(drawn) <= len(stills.COLOURS) else [[series] for series in drawn]
    heading = f"{ask.title(scores, stem)}: recall of the frames with cars"
    charts = [
        stills.Chart(heading if len(together) == 1 else series[0].label, "minor recall", series, limits=(-0.05, 1.05))
        for series in together
    ]
    picture, _ = stills.against(charts, [names] * len(charts), "share of empty frames in the data")
    caption = (
        "The same networks and steps on junctions that differ only in how often they are empty; frames with cars keep "
        "their proportions. Large dots: means over seeds with 95 % bootstrap intervals; small dots: single seeds."
    )
    alt = f"{heading}, on average, at empty shares of {listing(names)}: {listing(words)}."
    return Figure(f"{stem}_sweep", heading, caption, alt, picture, None, sorted(used))


def _empty(runs: Mapping[str, Runs], scores: Scores, dataset: str) -> float:
    """The probability of the empty junction; NaN for other data."""
    junction = next((runs[e].dataset for e, used in scores.datasets.items() if used == dataset and e in runs), None)
    if not isinstance(junction, Junction):
        return float("nan")
    return float(np.sum(junction.pattern_weights[~junction.occupancy.any(axis=1)]))


def _mean(scores: Scores, entry: Entry) -> tuple[float, float, float]:
    mean = ask.finite_mean(scores, entry.experiment, entry.arm, RECALL)
    return mean.value, mean.low, mean.high
