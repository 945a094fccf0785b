"""What the study `traffic` finds, in sentences computed from the scores: its answer and the headings of its figures."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

from modescope.formatting import listing, numbers, percent, sentence
from modescope.statistics import Estimate
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import PLAIN, Entry, entries
from modescope.studies.traffic.claims import LEARNED, LOST, kind

RECALLS = ("minor_recall", "cells_recall")  # of simulated frames, and of a clip with lanes
OF = "of the frames with cars"


def answer(scores: Scores, datasets: Sequence[str]) -> list[str]:
    """Whether anything but the empty junction is learned; then recall by dataset, network and kind of weights."""
    found = [_first(scores, datasets)]
    for dataset, metric in itertools.product(datasets, RECALLS):
        every = entries(scores, dataset)
        words: dict[str, list[tuple[str, float]]] = {kind(scores, entry): [] for entry in every}
        for entry, mean in ranked(scores, every, metric):
            if not math.isnan(mean):
                words[kind(scores, entry)].append((live_title(entry), mean))
        found += [
            f"{ask.title(scores, dataset)}, {networks}: share {OF} that is recovered: {_shares(those)}."
            for networks, those in words.items()
            if those
        ]
    return [told for told in found if told]


def _shares(those: Sequence[tuple[str, float]]) -> str:
    """Names with their shares; those without any are listed together."""
    some = [f"{name} {percent(share)}" for name, share in those if share]
    none = [name for name, share in those if not share]
    return "; ".join(filter(None, [listing(some) if some else "", f"none by {listing(none)}" if none else ""]))


def _first(scores: Scores, datasets: Sequence[str]) -> str:
    """The plain GAN and the best remedy on the first dataset whose recall was measured."""
    for dataset, metric in itertools.product(datasets, RECALLS):
        found = [pair for pair in ranked(scores, entries(scores, dataset), metric) if not math.isnan(pair[1])]
        if found:
            return sentence(_lead(scores, found, metric) + best(found))
    return ""


def _lead(scores: Scores, found: Sequence[tuple[Entry, float]], metric: str) -> str:
    """The answer in a word, where the interval of the plain GAN decides it."""
    plain = next((entry for entry, _ in found if entry.label == PLAIN), None)
    if plain is None:
        return ""
    mean = recall(scores, plain, metric)
    return "Hardly: " if mean.high <= LOST else "Yes: " if mean.low >= LEARNED else ""


def best(found: Sequence[tuple[Entry, float]]) -> str:
    """The best entry (entry, mean recall) beside the plain GAN, as a sentence; the best comes first."""
    if not found:
        return ""
    top, most = found[0]
    if most == 0:
        return f"no network recovers any {OF}."
    plain = next((mean for entry, mean in found if entry.label == PLAIN), None)
    if plain is None:
        return f"{spoken(top)} recovers most {OF}, {percent(most)}."
    if plain == most:
        return f"the plain GAN recovers {percent(plain)} {OF}, and no remedy more."
    some = percent(plain) if plain else "none"
    others = "of the others" if top.variant == PLAIN else "remedy"  # convolutions are no remedy
    return f"the plain GAN recovers {some} {OF}, the best {others}, {spoken(top)}, {percent(most)}."


def ranked(scores: Scores, found: Sequence[Entry], metric: str) -> list[tuple[Entry, float]]:
    """The entries with their mean recall, the best first; those without a value last, as they come."""
    means = [(entry, recall(scores, entry, metric).value) for entry in found]
    return sorted(means, key=lambda pair: math.inf if math.isnan(pair[1]) else -pair[1])


def in_order(scores: Scores, found: Sequence[Entry]) -> list[Entry]:
    """The entries by whichever recall was measured, the best first."""
    for metric in RECALLS:
        means = ranked(scores, found, metric)
        if any(not math.isnan(mean) for _, mean in means):
            return [entry for entry, _ in means]
    return list(found)


def live_title(entry: Entry) -> str:
    """The title of an entry without the words for averaged weights, where a list is of these alone."""
    return entry.title.removesuffix(" with averaged weights")


def spoken(entry: Entry) -> str:
    """The title of an entry as part of a sentence."""
    return f"{live_title(entry)} with averaged weights" if entry.averaged else entry.title


def recall(scores: Scores, entry: Entry, metric: str) -> Estimate:
    """The mean of a metric over the seeds with a finite value."""
    return ask.finite_mean(scores, entry.experiment, entry.arm, metric)


def frames(scores: Scores, found: Sequence[Entry]) -> str:
    """The best of the networks that are shown, beside the plain GAN."""
    for metric in RECALLS:
        means = [pair for pair in ranked(scores, found, metric) if not math.isnan(pair[1])]
        if means:
            return sentence(best(means))
    return ""


def shares(scores: Scores, found: Sequence[Entry]) -> str:
    """How many frames show no pattern, from the best to the worst network."""
    invalid = ranked(scores, found, "invalid_frames")[::-1]
    known = [(entry.title, mean) for entry, mean in invalid if not math.isnan(mean)]
    if not known:
        return ""
    (least, few), (worst, many) = known[0], known[-1]
    if percent(few) == percent(many):
        return f"{percent(few)} of the generated frames show no pattern that can be read."
    return (
        f"From {percent(few)} ({least}) to {percent(many)} ({worst}) of the generated frames show no pattern that can "
        "be read."
    )


def reconstructed(scores: Scores, found: Sequence[Entry]) -> str:
    """How much larger errors are on frames with cars."""
    pairs = [tuple(recall(scores, entry, f"error_{what}").value for what in ("occupied", "empty")) for entry in found]
    ratios = [occupied / empty for occupied, empty in pairs if empty > 0 and not math.isnan(occupied)]
    if not ratios:
        return ""
    return f"On frames with cars, the error of reconstructions is {numbers(ratios)} times that on empty ones."


def between(readable: Mapping[str, float]) -> str:
    """In how many of the frames along the lines of each network (title -> share) a pattern can be read."""
    if not readable:
        return ""
    worst, top = min(readable, key=lambda title: readable[title]), max(readable, key=lambda title: readable[title])
    few, many = percent(readable[worst]), percent(readable[top])
    span = few if few == many else f"{few} ({worst}) to {many} ({top})"
    return f"Between two frames, a pattern can be read in {span} of the generated ones."


def sweep(means: Mapping[str, Sequence[float]], shares_of: Sequence[float]) -> str:
    """The best variant (title -> recall by share of empty frames) where fewest and where most frames are empty."""
    told = []
    for at in (0, -1):
        known = {title: values[at] for title, values in means.items() if not math.isnan(values[at])}
        if not known:
            return ""
        top = max(known, key=lambda title: known[title])
        who = f"{top} recovers {percent(known[top])}" if known[top] else "none recovers any"
        told.append(who)
    few, many = (f"{100 * shares_of[at]:g} %" for at in (0, -1))
    return f"Where {few} of the frames are empty, {told[0]} of those with cars; where {many} are, {told[1]}."
