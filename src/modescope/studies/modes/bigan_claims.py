"""Article 003's claims about BiGAN, its penalty and the rejected alternative, each a statement about one number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from modescope.formatting import number
from modescope.store.runs import Scores
from modescope.studies import Claim
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import claim, effect
from modescope.studies.common.entries import Entry, datasets, find

STUDY, LAMBDA, TENFOLD = "modes", "1.0", (("0.1", "1.0"), ("1.0", "10.0"))
HALF = 0.5  # modes: if fewer are lost on average, most seeds lose none
LEARNED = 0.5  # share of points on modes: below it, too little is learned to speak of lost modes
INVERTED = 0.1  # standard deviations: the largest error at which encoder and generator count as inverses


def claims(scores: Scores) -> Iterator[Claim]:
    """Every claim that the experiments of the plan can judge, dataset by dataset."""
    for dataset in datasets(scores):
        n_modes = ask.floor(scores, dataset, "modes_covered").max(initial=0.0)
        bigan = find(scores, dataset, "bigan")
        penalty = find(scores, dataset, "bigan_pgp", gp_weight=LAMBDA) or find(scores, dataset, "bigan_pgp")
        if bigan and n_modes:
            yield _learned(scores, _loses(scores, dataset, bigan, n_modes), [bigan])
        if penalty and n_modes:
            for judged in _captured(scores, dataset, penalty, n_modes):
                yield _learned(scores, judged, [penalty])
        if bigan and penalty and n_modes:
            yield _learned(scores, _buys(scores, dataset, bigan, penalty), [bigan, penalty])
        if n_modes:
            yield from _weights(scores, dataset)
        if bigan and ask.values(scores, bigan.experiment, bigan.arm, "reconstruction_error").size:
            for judged in _inverts(scores, dataset, bigan):
                yield _learned(scores, judged, [bigan])


def _learned(scores: Scores, judged: Claim, of: Sequence[Entry]) -> Claim:
    """The claim, inconclusive if too little has been learned: a mode that was not found yet is not a lost one.

    The best of several entries counts. For data without modes, coverage decides.
    """
    dataset = ask.dataset(scores, of[0].experiment)
    modes = ask.floor(scores, dataset, "high_quality_fraction").size > 0
    metric = "high_quality_fraction" if modes else "coverage"
    shares = [ask.values(scores, e.experiment, e.arm, metric) for e in of]
    share = max((float(values.mean()) for values in shares if values.size), default=0.0)
    what = "generated points lie on modes" if modes else "real points are covered"
    rule = (
        f"{judged.rule} Not judged if fewer than half of the {what}, because then too little has been learned; here "
        f"the share is {number(share)}."
    )
    return replace(judged, rule=rule, verdict=judged.verdict if share >= LEARNED else "inconclusive")


def _lost(scores: Scores, entry: Entry, n_modes: float, metric: str) -> NDArray[np.float64]:
    return n_modes - ask.values(scores, entry.experiment, entry.arm, metric)


def _loses(scores: Scores, dataset: str, bigan: Entry, n_modes: float) -> Claim:
    key = f"bigan_loses_{dataset}"
    return claim(
        key,
        f"{ask.title(dataset)}: BiGAN loses modes.",
        f"The mean number of modes not covered, out of {n_modes:g}, is at least {HALF}.",
        effect(_lost(scores, bigan, n_modes, "modes_covered"), STUDY, key),
        HALF,
        math.inf,
    )


def _captured(scores: Scores, dataset: str, penalty: Entry, n_modes: float) -> Iterator[Claim]:
    """Two readings of "captures all modes": at least half of each mode's share, and at least one point."""
    for metric, words, rule in (
        ("modes_covered", "captures all modes", "not covered (less than half of the mode’s share)"),
        ("modes_hit", "puts at least one point into every mode", "not hit (not one point within 3σ)"),
    ):
        key = f"penalty_{metric}_{dataset}"
        yield claim(
            key,
            f"{ask.title(dataset)}: with the pairwise gradient penalty BiGAN {words}.",
            f"{penalty.label}: the mean number of modes {rule}, out of {n_modes:g}, is at most {HALF}.",
            effect(_lost(scores, penalty, n_modes, metric), STUDY, key),
            -math.inf,
            HALF,
        )


def _buys(scores: Scores, dataset: str, bigan: Entry, penalty: Entry) -> Claim:
    key = f"penalty_buys_{dataset}"
    without, with_it = ask.between(
        scores, "modes_covered", [(bigan.experiment, bigan.arm), (penalty.experiment, penalty.arm)]
    )
    return claim(
        key,
        f"{ask.title(dataset)}: the penalty captures modes that BiGAN loses.",
        f"Modes covered by {penalty.label} minus those by bigan, paired by seed, are at least {HALF} on average.",
        effect(with_it - without, STUDY, key),
        HALF,
        math.inf,
    )


def _weights(scores: Scores, dataset: str) -> Iterator[Claim]:
    """Tenfold changes of lambda, which should not matter, and of the reconstruction weight, which should."""
    for weaker, stronger in TENFOLD:
        pair = [find(scores, dataset, "bigan_pgp", gp_weight=value) for value in (weaker, stronger)]
        difference = _difference(scores, pair)
        if difference is not None:
            sign = 1.0 if stronger == LAMBDA else -1.0  # lambda = 1 minus the other
            key, other = f"lambda_{dataset}_{weaker}_{stronger}", weaker if stronger == LAMBDA else stronger
            judged = claim(
                key,
                f"{ask.title(dataset)}: λ = 1 works as well as λ = {other}.",
                f"Modes covered with λ = 1 minus those with {other}, paired by seed, are at least −{HALF} on average.",
                effect(sign * difference + 0.0, STUDY, key),
                -HALF,
                math.inf,
            )
            yield _learned(scores, judged, [entry for entry in pair if entry is not None])
    for weaker, stronger in TENFOLD:
        pair = [
            find(scores, dataset, "bigan_reconstruction", reconstruction_weight=value) for value in (weaker, stronger)
        ]
        difference = _difference(scores, pair)
        if difference is not None:
            key = f"balance_{dataset}_{weaker}_{stronger}"
            sign = math.copysign(1, float(difference.sum()))
            judged = claim(
                key,
                f"{ask.title(dataset)}: a reconstruction loss is hard to balance: it matters whether its weight is "
                f"{weaker} or {stronger}.",
                f"Modes covered with one weight minus those with the other, paired by seed, with the sign that makes "
                f"the mean positive, are at least {number(1.0)} on average.",
                effect(sign * difference + 0.0, STUDY, key),
                1.0,
                math.inf,
            )
            yield _learned(scores, judged, [entry for entry in pair if entry is not None])


def _difference(scores: Scores, pair: list[Entry | None]) -> NDArray[np.float64] | None:
    """Modes covered by the second minus those by the first, (seeds,); None if the plan lacks one of them."""
    there = [(e.experiment, e.arm) for e in pair if e is not None]
    if len(there) < 2:
        return None
    first, second = ask.between(scores, "modes_covered", there)
    return second - first


def _inverts(scores: Scores, dataset: str, bigan: Entry) -> Iterator[Claim]:
    for metric, words, unit in (
        ("reconstruction_error", "G(E(x)) = x", "standard deviations of the data"),
        ("recode_error", "E(G(z)) = z", "standard deviations of z"),
    ):
        key = f"{metric}_{dataset}"
        yield claim(
            key,
            f"{ask.title(dataset)}: BiGAN reaches {words}.",
            f"The mean {metric.replace('_', ' ')}, in {unit}, is at most {INVERTED}.",
            effect(ask.values(scores, bigan.experiment, bigan.arm, metric), STUDY, key),
            -math.inf,
            INVERTED,
        )
