"""Which combinations are missing: a map of all 1,000 for the plain GAN and the remedy that shows the most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from modescope.classifiers import Classifier, combinations
from modescope.figures import squares
from modescope.figures.marks import Named
from modescope.formatting import listing, number, plural
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, plain
from modescope.studies.thousand import counts
from modescope.studies.thousand.counts import N_MODES

KNOWN = 5.0  # stacks of a combination that a run is expected to have: with fewer, chance alone leaves out too many
CUBE = (10, 10, 10)
Counts = NDArray[np.int64]  # (runs, 1000)


def figure(runs: Mapping[str, Runs], scores: Scores, dataset: str) -> Figure | None:
    """Real test stacks, the plain GAN and the best remedy; None without a classifier or stacks that were counted."""
    base, remedy = plain(scores, dataset), counts.best(scores, dataset)
    found = [e for e in (base, remedy) if e is not None and counts.counted(scores, e)]
    if not found:
        return None
    first = runs[found[0].experiment]
    weights = first.dataset.mode_weights
    if first.classifier is None or weights is None or weights.shape != (N_MODES,):
        return None
    every = {e.called: shown(_stacks(runs[e.experiment], e), first.classifier) for e in found}
    every = {name: seen for name, seen in every.items() if known(seen, weights).any()}
    if not every:
        return None
    means = {name: number(float(missing(seen, weights).mean())) for name, seen in every.items()}
    told = listing([f"{mean} of {known(every[name], weights).sum():,} with {name}" for name, mean in means.items()])
    finding = f"{ask.title(scores, dataset)}: combinations that a run leaves out on average, {told}"
    heading = f"{ask.title(scores, dataset)}: which combinations are missing"
    as_many = first.real[: first.samples.shape[1]]
    rows = [_row("real test stacks", shown([as_many], first.classifier), weights)]
    rows += [_row(name, seen, weights) for name, seen in every.items()]
    chance = max(by_chance(seen, weights) for seen in every.values())
    caption = (
        "One cell per combination: the square is the first digit, the row the second, the column the third. Colour: "
        "how often the combination comes, in all runs together, as a share of how often it should; black: it never "
        "comes in half of the runs or more. Counted by the digits that the classifier finds most probable, so a blur "
        "counts as well. Real stacks, as many as in a run, are uneven by chance, which alone leaves out "
        f"{number(chance)} of these combinations on average. Grey: fewer than {KNOWN:g} stacks are expected in a run, "
        "too few to miss any. Of the remedies, the one with the highest strict count on average is drawn."
    )
    picture, _ = squares.rows(rows, heading)
    alt = f"{finding}. {'. '.join(row.title for row in rows)}."
    drawn = sorted({e.experiment for e in found})
    return Figure(f"{dataset}_missing", heading, caption, alt, picture, None, drawn, finding)


def _row(name: str, seen: Counts, weights: NDArray[np.float64]) -> squares.Squares:
    """The map of an entry, and how many combinations are missing in most of its runs."""
    often, possible = int(absent(seen, weights).sum()), int(known(seen, weights).sum())
    where = f"half of its {len(seen)} runs or more" if len(seen) > 1 else plural(int(seen.sum()), "stack")
    return squares.Squares(
        Named(f"{name}: {often:,} of {possible:,} combinations never come in {where}", getattr(name, "remedy", "")),
        share(seen, weights),
    )


def shown(stacks: Sequence[NDArray[np.float32]], classifier: Classifier) -> Counts:
    """How often each combination is recognised in every array of stacks (n, 3, side, side), (arrays, 1000)."""
    found = [np.bincount(combinations(classifier.recognise(s).digits), minlength=N_MODES) for s in stacks]
    return np.array(found, dtype=np.int64).reshape(-1, N_MODES)


def known(seen: Counts, weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Of which combinations each run is expected to have enough stacks, (1000,); of none without runs."""
    fewest = seen.sum(axis=1).min() if len(seen) else 0
    return np.asarray(weights * fewest >= KNOWN)


def missing(seen: Counts, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many combinations never come in each run though enough stacks are expected, (runs,)."""
    return np.asarray(np.sum((seen == 0) & known(seen, weights), axis=1))


def by_chance(seen: Counts, weights: NDArray[np.float64]) -> float:
    """How many combinations as many real stacks as the smallest run has would leave out on average."""
    return float(np.sum((1 - weights[known(seen, weights)]) ** int(seen.sum(axis=1).min())))


def absent(seen: Counts, weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each combination never comes in half of the runs or more though enough stacks are expected, (1000,)."""
    return np.asarray((2 * np.sum(seen == 0, axis=0) >= len(seen)) & known(seen, weights))


def share(seen: Counts, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts of all runs over the expected ones as a cube (10, 10, 10); 0 where absent, NaN where too few are expected.

    `seen` has at least one run.
    """
    expected = weights * seen.sum()
    shares = np.where(absent(seen, weights), 0, seen.sum(axis=0) / expected)
    return np.where(known(seen, weights), shares, np.nan).reshape(CUBE)


def _stacks(runs: Runs, entry: Entry) -> list[NDArray[np.float32]]:
    """The stacks of the entry's runs that did not diverge."""
    return [runs.samples[row] for row in runs.rows(entry.arm) if runs.diverged_at[row] < 0]
