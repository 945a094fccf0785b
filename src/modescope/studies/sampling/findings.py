"""What the study `sampling` finds, in sentences computed from the scores: its answer and its figures' headings."""

from __future__ import annotations

import math
from collections.abc import Sequence

from modescope.formatting import estimate, listing, number, numbers, percent, percents, sentence
from modescope.params.config import BASE_ARM
from modescope.statistics import Estimate
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask
from modescope.studies.sampling.claims import NEAR_HALF, claims
from modescope.studies.sampling.experiments import drawn, measure, name, on, trained, where


def answer(scores: Scores) -> list[str]:
    """Whether known transformations are exact and how close networks come; then the numbers by dataset."""
    found = [_first(scores)]
    for experiment in drawn(scores, "inverse_transform")[:1]:
        ks, floor = mean(scores, experiment, "ks"), ask.floor(scores, on(scores, experiment), "ks")
        if ks.n and floor.size:
            found.append(
                f"{where(scores, experiment)}: transformed uniform variables are at a KS distance of {estimate(ks)} "
                f"from the exact distribution, real points at {number(float(floor.mean()))}."
            )
    for dataset in dict.fromkeys(on(scores, e) for e in trained(scores)):
        metric = measure(scores, dataset)
        what = "KS distance from the exact distribution" if metric == "ks" else "share of points in the wrong place"
        here = [(e, mean(scores, e, metric)) for e in trained(scores, dataset)]
        words = [f"{name(scores, e)} {estimate(ends)}" for e, ends in here if ends.n]
        if words:
            found.append(f"{ask.title(scores, dataset)}, {what}: {listing(words)}.")
    return [told for told in found if told]


def _first(scores: Scores) -> str:
    """Exact transformations, then networks on the line, each as a KS distance."""
    made = _means(scores, drawn(scores, "inverse_transform"), "ks")
    nets = _means(scores, trained(scores), "ks")
    exact = {claim.verdict for claim in claims(scores) if claim.key.startswith("exact-")} == {"supported"}
    words = []
    if made:
        words.append(
            f"Known transformations {'give exact samples' if exact else 'end'} at a KS distance of {numbers(made)}"
            + (", like real points" if exact else "")
        )
    if nets:
        words.append(f"trained networks end {numbers(nets)} from the exact distribution{'' if made else ' (KS)'}")
    return sentence("; ".join(words)) + "." if words else ""


def transformation(scores: Scores, experiment: str) -> str:
    """Whether transformed uniform variables are as close to the distribution as real points."""
    ks, floor = mean(scores, experiment, "ks"), ask.floor(scores, on(scores, experiment), "ks")
    if not ks.n or not floor.size:
        return ""
    judged = next((c for c in claims(scores) if c.key == f"exact-{on(scores, experiment)}".replace("_", "-")), None)
    lead = "Transformed uniform variables are exact samples" if judged and judged.verdict == "supported" else ""
    numbers_ = f"KS distance {number(ks.value)}, real points {number(float(floor.mean()))}"
    return f"{lead}: {numbers_}." if lead else f"Transformed uniform variables: {numbers_}."


def samplers(scores: Scores, here: Sequence[str]) -> str:
    """The sampler that is closest to the distribution and the one that is farthest."""
    found = {name(scores, e): e_mean.value for e in here if (e_mean := mean(scores, e, "ks")).n}
    if len(found) < 2:
        return ""
    best, worst = min(found, key=lambda one: found[one]), max(found, key=lambda one: found[one])
    if number(found[best]) == number(found[worst]):
        return f"All samplers end at a mean KS distance of {number(found[best])}."
    return (
        f"{best} comes closest to the distribution, with a mean KS distance of {number(found[best])}; {worst} stays "
        f"farthest away, at {number(found[worst])}."
    )


def rejection(scores: Scores, experiment: str, expected: float) -> str:
    """The share of accepted proposals beside what the envelope's constant predicts."""
    rate = mean(scores, experiment, "acceptance_rate")
    if not rate.n:
        return ""
    return (
        f"Rejection sampling accepts {percent(rate.value)} of its proposals; the envelope predicts {percent(expected)}."
    )


def chains(scores: Scores, found: Sequence[str]) -> str:
    """The chains that forget their past fastest and slowest."""
    taus = {name(scores, e): tau.value for e in found if (tau := mean(scores, e, "autocorrelation_time")).n}
    if not taus:
        return ""
    fast, slow = min(taus, key=lambda one: taus[one]), max(taus, key=lambda one: taus[one])
    words = f"{fast} needs {number(taus[fast])} steps for a point as good as an independent one"
    return f"{words}{'' if fast == slow else f', {slow} {number(taus[slow])}'}."


def matching(scores: Scores, found: Sequence[str], metric: str) -> str:
    """How far each kind of network ends from the distribution, over the data."""
    by_kind: dict[str, list[float]] = {}
    for experiment in found:
        value = mean(scores, experiment, metric).value
        if not math.isnan(value):
            by_kind.setdefault(name(scores, experiment), []).append(value)
    if not by_kind:
        return ""
    if metric == "ks":
        words = [f"{kind} {numbers(values)}" for kind, values in by_kind.items()]
        return f"KS distance from the exact distribution after training: {listing(words)}."
    words = [f"{kind} {percents(values)}" for kind, values in by_kind.items()]
    return f"Share of the points in the wrong place after training: {listing(words)}."


def half(scores: Scores, found: Sequence[str]) -> str:
    """How far the discriminator ends from one half."""
    offsets = _means(scores, found, "discriminator_offset")
    if not offsets:
        return ""
    lead = "The discriminator ends at ½: on average it is" if max(offsets) <= NEAR_HALF else "The discriminator ends"
    return f"{lead} {numbers(offsets)} away from {'it' if max(offsets) <= NEAR_HALF else '½ on average'}."


def errors(scores: Scores, found: Sequence[str]) -> str:
    """How often the discriminator errs, and how rarely it could."""
    real, least = (_means(scores, found, f"{what}_error") for what in ("discriminator", "bayes"))
    if not real or not least:
        return ""
    guessing = all(abs(value - 0.5) <= NEAR_HALF for value in real)
    lead = "The discriminator ends up guessing: it" if guessing else "After training, the discriminator"
    return f"{lead} errs on {percents(real)} of the points, where {percents(least)} is the least possible."


def mean(scores: Scores, experiment: str, metric: str) -> Estimate:
    """The mean over the seeds with a finite value."""
    return ask.finite_mean(scores, experiment, BASE_ARM, metric)


def _means(scores: Scores, found: Sequence[str], metric: str) -> list[float]:
    values = [mean(scores, e, metric).value for e in found]
    return [value for value in values if not math.isnan(value)]
