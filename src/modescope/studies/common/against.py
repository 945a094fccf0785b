"""Every remedy against the plain GAN in one metric, adjusted for the number of remedies on a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal, NamedTuple

import numpy as np

from modescope.comparisons import holm, improvement, welch
from modescope.formatting import NONE, in_letters, sentence, series
from modescope.seeding import stream
from modescope.statistics import Estimate
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask
from modescope.studies.common import tables
from modescope.studies.common.entries import PLAIN, Entry, entries

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


class Wording(NamedTuple):
    """How a sentence says that remedies do better or worse than the plain GAN in one metric."""

    one: str  # verb of one remedy
    several: str  # verb of several
    better: str  # what they do then, as in "significantly more modes"
    worse: str  # the rest, as in "fewer"
    up: bool = True  # whether more is better


KEEP = Wording("keeps", "keep", "significantly more modes", "fewer")


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


def of_remedies(found: Mapping[str, Against], those: Iterable[Entry]) -> dict[str, Against]:
    """The comparisons of these entries without averaged weights, which are no remedy of their own."""
    return {e.label: found[e.label] for e in those if e.label in found and not e.averaged}


def words(found: Mapping[str, Against], label: str) -> str:
    """The verdict in words; a dash for the plain GAN and for what was not compared."""
    return WORDS[found[label].direction] if label in found else NONE


def columns(found: Mapping[str, Against], label: str) -> dict[str, object]:
    """The columns of a leaderboard: verdict, adjusted p, and the probability of improvement with its interval."""
    if not found:
        return {}
    p, beats = (found[label].p, found[label].beats) if label in found else (np.nan, NOTHING)
    return {"against_gan": words(found, label), **tables.columns("beats_gan", beats), "adjusted_p": p}


def told(found: Mapping[str, Against], titles: Mapping[str, str], words: Mapping[Direction, str] = WORDS) -> list[str]:
    """Sentences: which remedies differ, by direction, how many do not, and for how many p-values are adjusted.

    `titles` has the labels of `found` in the order in which they are named, `words` the directions.
    """
    if not found:
        return []
    there = {label: title for label, title in titles.items() if label in found}
    those = {d: [title for label, title in there.items() if found[label].direction == d] for d in words}
    same = those.pop("same")
    sentences = [f"{sentence(words[d])}: {series(names)}." for d, names in those.items() if names]
    if len(same) == 1:
        sentences.append(f"{same[0]} does not differ significantly.")
    elif same and sentences:
        sentences.append(f"The other {in_letters(len(same))} do not differ significantly.")
    elif same:
        sentences.append(f"None of the {in_letters(len(same))} compared differs significantly.")
    if len(found) > 1:
        sentences.append(f"p-values are adjusted for {len(found)} comparisons (Holm).")
    return sentences


def many(found: Mapping[str, Against], wording: Wording) -> str:
    """How many remedies do better than the plain GAN and how many worse, as a sentence without its first capital.

    Empty without a comparison.
    """
    directions = [one.direction for one in found.values()]
    better, worse = (directions.count(d) for d in (("more", "fewer") if wording.up else ("fewer", "more")))
    if not directions:
        return ""
    if len(directions) == 1:
        does = wording.one if better else f"does not {wording.several}"
        return f"the one remedy compared {does} {wording.better} than the plain GAN"
    who = f"{in_letters(better) if better else 'none'} of {in_letters(len(directions))} remedies"
    if better == len(directions):
        who = "both remedies" if better == 2 else f"all {in_letters(better)} remedies"
    tail = f", {in_letters(worse)} {wording.worse}" if worse else ""
    return f"{who} {wording.several if better > 1 else wording.one} {wording.better} than the plain GAN{tail}"
