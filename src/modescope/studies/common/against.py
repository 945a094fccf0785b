"""Every remedy against the plain GAN in one metric, adjusted for the number of remedies on a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, NamedTuple

import numpy as np

from modescope.comparisons import holm, improvement, welch
from modescope.formatting import NONE, listing, plural
from modescope.seeding import stream
from modescope.statistics import Estimate
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask
from modescope.studies.common import tables
from modescope.studies.common.entries import PLAIN, entries

LEVEL = 0.05
NOTHING = Estimate(np.nan, np.nan, np.nan, 0)
Direction = Literal["more", "fewer", "same"]
WORDS: dict[Direction, str] = {
    "more": "significantly more",
    "fewer": "significantly fewer",
    "same": "no significant difference",
}
HOW = (  # the words after a verdict's, in a caption
    "at 5 % for all remedies of the dataset together: p-values of Welch’s two-sided t test, adjusted by Holm’s method. "
    "Seeds are not paired, since runs of different remedies share no random numbers; averaged weights, which belong to "
    "the runs of their remedy, are compared in the same way. Diverged runs have no scores and are left out of the "
    "comparison."
)


class Against(NamedTuple):
    """What sets a remedy apart from the plain GAN."""

    direction: Direction
    p: float  # adjusted for the family
    difference: Estimate  # the remedy's mean minus the plain GAN's, not adjusted
    beats: Estimate  # probability that a run scores higher than a run of the plain GAN


def compared(scores: Scores, dataset: str, metric: str) -> dict[str, Against]:
    """By label, in the order of params.yaml, every entry of at least two runs; empty without two of the plain GAN."""
    found = {e.label: ask.values(scores, e.experiment, e.arm, metric) for e in entries(scores, dataset)}
    samples = {label: tuple(values.tolist()) for label, values in found.items() if values.size > 1}
    base = samples.pop(PLAIN, None)
    if base is None:
        return {}
    return dict(zip(samples, family(dataset, tuple((values, base) for values in samples.values())), strict=True))


@cache  # for the leaderboard, the front page and the answer
def family(name: str, pairs: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]) -> list[Against]:
    """Scores of the runs of a remedy and of those of the plain GAN, pair by pair, adjusted for all pairs."""
    tests = [welch(*pair) for pair in pairs]
    adjusted = holm([p for _, p in tests]).tolist()
    found = []
    for i, (pair, (difference, _), p) in enumerate(zip(pairs, tests, adjusted, strict=True)):
        beats = improvement(*pair, stream("beats", name, i))
        direction: Direction = "more" if difference.value > 0 else "fewer"
        found.append(Against(direction if p <= LEVEL else "same", p, difference, beats))
    return found


def words(found: Mapping[str, Against], label: str) -> str:
    """The verdict in words; a dash for the plain GAN and for what was not compared."""
    return WORDS[found[label].direction] if label in found else NONE


def columns(found: Mapping[str, Against], label: str) -> dict[str, object]:
    """The columns of a leaderboard: verdict, adjusted p, and the probability of improvement with its interval."""
    if not found:
        return {}
    p, beats = (found[label].p, found[label].beats) if label in found else (np.nan, NOTHING)
    return {"against_gan": words(found, label), **tables.columns("beats_gan", beats), "adjusted_p": p}


def told(found: Mapping[str, Against], words: Mapping[Direction, str] = WORDS) -> list[str]:
    """Sentences that list the remedies by direction, and for how many comparisons p-values are adjusted."""
    those = {text: [label for label, one in found.items() if one.direction == d] for d, text in words.items()}
    sentences = [f"{text.capitalize()}: {listing(labels)}." for text, labels in those.items() if labels]
    return [*sentences, f"p-values are adjusted for {plural(len(found), 'comparison')} (Holm)."] if found else []
