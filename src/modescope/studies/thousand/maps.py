"""Which combinations are missing: a map of all 1,000 for the plain GAN and the remedy that shows the most."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from modescope.classifiers import Classifier, combinations
from modescope.figures import squares
from modescope.formatting import listing, plural
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, plain
from modescope.studies.thousand import counts
from modescope.studies.thousand.counts import N_MODES

KNOWN = 8.0  # expected stacks from which a combination counts as missing: by chance, 0 comes in 0.03 % of cases
CUBE = (10, 10, 10)
Counts = NDArray[np.int64]


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
    every = {e.label: shown(_stacks(runs[e.experiment], e), first.classifier) for e in found}
    every = {name: seen for name, seen in every.items() if known(seen, weights).any()}
    if not every:
        return None
    left_out = [f"{name} leaves out {plural(missing(seen, weights), 'combination')}" for name, seen in every.items()]
    heading = f"{ask.title(dataset)}: {listing(left_out)}"
    rows, words = [], []
    for name, seen in {"real test stacks": shown([first.real], first.classifier), **every}.items():
        told = f"{missing(seen, weights):,} of {known(seen, weights).sum():,}"
        title = f"{name}: {told} combinations never come in {plural(int(seen.sum()), 'stack')}"
        rows.append(squares.Squares(title, share(seen, weights)))
        words.append(f"{name} {told}")
    caption = (
        "One cell per combination: the square is the first digit, the row the second, the column the third. Colour: "
        "how often the combination comes, all seeds together, as a share of how often it should; by the digits that "
        "the classifier finds most probable, so a blur counts as well. Single stacks more or less make the cells of "
        f"real stacks uneven, too. Grey: fewer than {KNOWN:g} stacks are expected, too few to miss any. Of the "
        "remedies, the one with the highest mean number of combinations is drawn."
    )
    png, _ = squares.rows(rows, heading)
    alt = f"{heading}. Never shown, of those expected at least {KNOWN:g} times: {listing(words)}."
    return Figure(f"{dataset}_missing", heading, caption, alt, png, None, sorted({e.experiment for e in found}))


def shown(stacks: list[NDArray[np.float32]], classifier: Classifier) -> Counts:
    """How often each combination is recognised in all arrays of stacks (n, 3, side, side) together, (1000,)."""
    found: Counts = np.zeros(N_MODES, np.int64)
    for points in stacks:
        found += np.bincount(combinations(classifier.recognise(points).digits), minlength=N_MODES)
    return found


def known(seen: Counts, weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Of which combinations enough stacks are expected to miss them, (1000,)."""
    return np.asarray(weights * seen.sum() >= KNOWN)


def missing(seen: Counts, weights: NDArray[np.float64]) -> int:
    """How many combinations never come though enough stacks are expected."""
    return int(np.sum((seen == 0) & known(seen, weights)))


def share(seen: Counts, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts (1000,) over the expected ones as a cube (10, 10, 10); NaN where too few are expected."""
    expected = weights * seen.sum()
    return np.where(known(seen, weights), seen / np.maximum(expected, KNOWN), np.nan).reshape(CUBE)


def _stacks(runs: Runs, entry: Entry) -> list[NDArray[np.float32]]:
    """The stacks of the entry's runs that did not diverge."""
    return [runs.samples[row] for row in runs.rows(entry.arm) if runs.diverged_at[row] < 0]
