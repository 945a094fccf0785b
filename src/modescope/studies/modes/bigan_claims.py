"""Article 003's claims about BiGAN, its penalty and the rejected alternative, each a statement about one number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from modescope.formatting import NONE, listing, number
from modescope.store.runs import Scores
from modescope.studies import Claim
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import beyond, claim, effect, gated, not_beyond
from modescope.studies.common.entries import Entry, datasets, entries, find
from modescope.studies.common.margins import BALANCE, COVERAGE, MODES

STUDY, LAMBDA, TENFOLD = "modes", "1.0", (("0.1", "1.0"), ("1.0", "10.0"))
LEARNED = 0.5  # share of points on modes: below it, too little is learned to speak of lost modes
INVERTED = 0.1  # standard deviations: the largest error at which encoder and generator count as inverses
FORMS = {"article": "as article 003 prints it", "authors": "as in the authors’ code"}


class Count(NamedTuple):
    """How the modes of a dataset are counted, and what shows that something was learned."""

    metric: str
    n_modes: float
    verb: str  # what is done to a mode that counts
    radius: str  # within which points count
    share: str  # the metric of the points that count
    place: str  # where they lie


def claims(scores: Scores) -> Iterator[Claim]:
    """Every claim that the experiments of the plan can judge, dataset by dataset."""
    for dataset in datasets(scores):
        count = count_of(scores, dataset)
        bigan = find(scores, dataset, "bigan")
        penalty = ours(scores, dataset)
        if count:
            yield from _modes(scores, dataset, count, bigan, penalty)
            yield from _weights(scores, dataset, count)
        elif bigan and penalty and ask.floor(scores, dataset, "coverage").size:
            yield from _coverage(scores, dataset, bigan, penalty)
        if bigan and ask.values(scores, bigan.experiment, bigan.arm, "reconstruction_error").size:
            for judged in _inverts(scores, dataset, bigan):
                yield _learned(scores, judged, [bigan], count)


def ours(scores: Scores, dataset: str) -> Entry | None:
    """The penalty in our form, with λ = 1 where that was trained; None without it."""
    found = [e for e in entries(scores, dataset) if e.variant == "bigan_pgp" and not e.averaged]
    found = [e for e in found if e.hyperparameters.get("form", "ours") == "ours"]
    return next((e for e in found if e.hyperparameters.get("gp_weight") == LAMBDA), next(iter(found), None))


def count_of(scores: Scores, dataset: str) -> Count | None:
    """Sharp modes are counted by the points near them, all others by those within 3σ; None without modes.

    A generator can place every sharp mode and still miss all of them by a hair. That is not what the article calls
    losing modes: its figures show where points lie.
    """
    covered, resolved = (ask.floor(scores, dataset, metric) for metric in ("modes_covered", "modes_resolved"))
    if resolved.size:
        radius = "a tenth of the smallest distance between modes"
        return Count("modes_resolved", resolved.max(), "resolved", radius, "resolved_fraction", "near a mode")
    if covered.size:
        return Count("modes_covered", covered.max(), "covered", "3σ", "high_quality_fraction", "on modes")
    return None


def _learned(scores: Scores, judged: Claim, of: Sequence[Entry], count: Count | None) -> Claim:
    """The claim, open if too little has been learned: a mode that was not found yet is not a lost one.

    The best of several entries counts: what one of them reaches, the other could have. For data without modes,
    coverage decides.
    """
    metric = count.share if count else "coverage"
    measured = [(e.title, ask.values(scores, e.experiment, e.arm, metric)) for e in of]
    shares = [(float(values.mean()), title) for title, values in measured if values.size]
    what = f"generated points lie {count.place}" if count else "real points are covered"
    where = "" if len(of) == 1 else " with any of those compared"
    gate = (
        f"Not judged unless at least half of the {what}{where}, because otherwise too little has been learned; here "
        f"the share is {listing([f'{number(share)} ({title})' for share, title in shares]) or NONE}."
    )
    return gated(judged, gate, passed=max((share for share, _ in shares), default=0.0) >= LEARNED)


def _counted(scores: Scores, judged: Claim, of: Sequence[Entry], count: Count) -> Claim:
    """A claim about a count, gated; where modes are sharp, with the strict count beside it."""
    if count.metric != "modes_covered":
        strict = [(e.title, ask.values(scores, e.experiment, e.arm, "modes_covered")) for e in of]
        words = listing([f"{title} {number(float(values.mean()))}" for title, values in strict if values.size])
        judged = replace(judged, rule=f"{judged.rule} Within 3σ alone, modes covered: {words or NONE}.")
    return _learned(scores, judged, of, count)


def _modes(scores: Scores, dataset: str, count: Count, bigan: Entry | None, penalty: Entry | None) -> Iterator[Claim]:
    """What BiGAN loses and what the penalty captures: ours in two readings of "all modes", then the other forms."""
    if bigan:
        yield _counted(scores, _loses(scores, dataset, bigan, count), [bigan], count)
    if penalty:
        yield _counted(scores, _captures(scores, dataset, penalty, count), [penalty], count)
        yield _learned(scores, _hits(scores, dataset, penalty, count.n_modes), [penalty], count)
    if bigan and penalty:
        yield _counted(scores, _buys(scores, dataset, bigan, penalty, count), [bigan, penalty], count)
    for form in FORMS:
        other = find(scores, dataset, "bigan_pgp", form=form)
        if other:
            yield _counted(scores, _captures(scores, dataset, other, count, form), [other], count)
        if bigan and other:
            yield _counted(scores, _buys(scores, dataset, bigan, other, count, form), [bigan, other], count)


def _lost(scores: Scores, entry: Entry, n_modes: float, metric: str) -> NDArray[np.float64]:
    return n_modes - ask.values(scores, entry.experiment, entry.arm, metric)


def _loses(scores: Scores, dataset: str, bigan: Entry, count: Count) -> Claim:
    key = f"bigan_loses_{dataset}"
    lost = _lost(scores, bigan, count.n_modes, count.metric)
    rule = (
        f"The mean number of modes not {count.verb} (within {count.radius}), out of {count.n_modes:g}, is at least "
        f"{MODES.size:g}."
    )
    return claim(
        key,
        "BiGAN loses modes.",
        rule,
        effect(lost, STUDY, key),
        MODES.size,
        math.inf,
        where=ask.title(scores, dataset),
        remedies=(bigan.variant,),
    )


def _key(*parts: str) -> str:
    return "_".join(part for part in parts if part)


def _penalty(form: str) -> str:
    return f"the pairwise gradient penalty{f', {FORMS[form]},' if form else ''}"


def _captures(scores: Scores, dataset: str, penalty: Entry, count: Count, form: str = "") -> Claim:
    key = f"penalty_{form or count.metric}_{dataset}"
    text = f"with {_penalty(form)} BiGAN captures all modes."
    rule = (
        f"{penalty.title}: the mean number of modes not {count.verb} (less than half of the mode’s share within "
        f"{count.radius}), out of {count.n_modes:g}, is at most {MODES.size:g}."
    )
    lost = effect(_lost(scores, penalty, count.n_modes, count.metric), STUDY, key)
    where = ask.title(scores, dataset)
    return claim(key, text, rule, lost, -math.inf, MODES.size, where=where, remedies=(penalty.variant,))


def _hits(scores: Scores, dataset: str, penalty: Entry, n_modes: float) -> Claim:
    key = f"penalty_modes_hit_{dataset}"
    text = f"with {_penalty('')} BiGAN puts at least one point into every mode."
    rule = (
        f"{penalty.title}: the mean number of modes not hit (not one point within 3σ), out of {n_modes:g}, is at most "
        f"{MODES.size:g}."
    )
    lost = effect(_lost(scores, penalty, n_modes, "modes_hit"), STUDY, key)
    where = ask.title(scores, dataset)
    return claim(key, text, rule, lost, -math.inf, MODES.size, where=where, remedies=(penalty.variant,))


def _buys(scores: Scores, dataset: str, bigan: Entry, penalty: Entry, count: Count, form: str = "") -> Claim:
    key = _key("penalty_buys", form, dataset)
    without, with_it = ask.between(
        scores, count.metric, [(bigan.experiment, bigan.arm), (penalty.experiment, penalty.arm)]
    )
    text = f"{_penalty(form)} captures modes that BiGAN loses."
    what = f"The number of modes {count.verb} by {penalty.title} minus that by {bigan.title}, paired by seed,"
    difference = effect(with_it - without, STUDY, key)
    where, remedies = ask.title(scores, dataset), (penalty.variant, bigan.variant)
    return beyond(key, text, what, difference, MODES, where=where, remedies=remedies)


def _coverage(scores: Scores, dataset: str, bigan: Entry, penalty: Entry) -> Iterator[Claim]:
    """What the penalty captures of data without modes: ours, then the other forms."""
    others = [(form, find(scores, dataset, "bigan_pgp", form=form)) for form in FORMS]
    for form, entry in [("", penalty), *others]:
        if entry:
            key = _key("penalty_buys", form, dataset)
            runs = [(bigan.experiment, bigan.arm), (entry.experiment, entry.arm)]
            without, with_it = ask.between(scores, "coverage", runs)
            text = f"with {_penalty(form)} BiGAN covers more of the data."
            what = f"The coverage of {entry.title} minus that of {bigan.title}, paired by seed,"
            difference = effect(with_it - without, STUDY, key)
            where, remedies = ask.title(scores, dataset), (entry.variant, bigan.variant)
            judged = beyond(key, text, what, difference, COVERAGE, where=where, remedies=remedies)
            yield _learned(scores, judged, [bigan, entry], None)


def _weights(scores: Scores, dataset: str, count: Count) -> Iterator[Claim]:
    """Tenfold changes of lambda, which should not matter, and of the reconstruction weight, which should."""
    for weaker, stronger in TENFOLD:
        pair = _pair(scores, dataset, "bigan_pgp", "gp_weight", weaker, stronger)
        if pair:
            sign, other = (-1.0, weaker) if stronger == LAMBDA else (1.0, stronger)  # the other minus lambda = 1
            key = f"lambda_{dataset}_{weaker}_{stronger}"
            judged = not_beyond(
                key,
                f"λ = 1 works as well as λ = {other}.",
                f"The number of modes {count.verb} with λ = {other} minus that with λ = 1, paired by seed,",
                effect(sign * _difference(scores, pair, count) + 0.0, STUDY, key),
                MODES,
                where=ask.title(scores, dataset),
                remedies=(pair[0].variant,),
            )
            yield _counted(scores, judged, pair, count)
    for weaker, stronger in TENFOLD:
        pair = _pair(scores, dataset, "bigan_reconstruction", "reconstruction_weight", weaker, stronger)
        if pair:
            key, difference = f"balance_{dataset}_{weaker}_{stronger}", _difference(scores, pair, count)
            sign = math.copysign(1, float(difference.sum()))
            judged = beyond(
                key,
                f"a reconstruction loss is hard to balance: it matters whether its weight is {weaker} or {stronger}.",
                f"The number of modes {count.verb} with one weight minus that with the other, paired by seed, with "
                "the sign that makes the mean positive,",
                effect(sign * difference + 0.0, STUDY, key),
                BALANCE,
                where=ask.title(scores, dataset),
                remedies=(pair[0].variant,),
            )
            yield _counted(scores, judged, pair, count)


def _pair(scores: Scores, dataset: str, variant: str, name: str, *values: str) -> list[Entry]:
    """The entries of a variant with these two values of a hyperparameter; empty if the plan lacks one of them."""
    found = [find(scores, dataset, variant, **{name: value}) for value in values]
    there = [entry for entry in found if entry is not None]
    return there if len(there) == len(values) else []


def _difference(scores: Scores, pair: Sequence[Entry], count: Count) -> NDArray[np.float64]:
    """Modes counted of the second minus those of the first, paired by seed, (seeds,)."""
    first, second = ask.between(scores, count.metric, [(e.experiment, e.arm) for e in pair])
    return second - first


def _inverts(scores: Scores, dataset: str, bigan: Entry) -> Iterator[Claim]:
    for metric, words, unit in (
        ("reconstruction_error", "G(E(x)) = x", "standard deviations of the data"),
        ("recode_error", "E(G(z)) = z", "standard deviations of z"),
    ):
        key = f"{metric}_{dataset}"
        yield claim(
            key,
            f"BiGAN reaches {words}.",
            f"The mean {metric.replace('_', ' ')}, in {unit}, is at most {INVERTED}.",
            effect(ask.values(scores, bigan.experiment, bigan.arm, metric), STUDY, key),
            -math.inf,
            INVERTED,
            where=ask.title(scores, dataset),
            remedies=(bigan.variant,),
        )
