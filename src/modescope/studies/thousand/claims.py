"""What papers claim about Stacked MNIST, each a statement about one number, by the count that they use.

Differences between two methods are judged at any length of training, since papers compare at one length as well, but
only where one of them leaves out enough combinations for the other to show more. A level, such as "all modes" or "loses
modes", is judged only once stacks show digits: a mode that was not learned yet is not lost.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from modescope.formatting import NONE, listing, number
from modescope.statistics import wilson
from modescope.store.runs import Scores
from modescope.studies import Claim, Reason
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import beyond, claim, effect, gated
from modescope.studies.common.entries import Entry, datasets, find, plain
from modescope.studies.common.margins import MODE_KL, RARE_STACKS, THOUSAND
from modescope.studies.thousand import counts
from modescope.studies.thousand.counts import CONFIDENT, KL, RARE, RECOGNISED, SHARE

STUDY = "thousand"
LEARNED = 0.5  # of the share of real stacks that are recognised with confidence
METZ, VEEGAN = "Metz et al. 2017, section 3.3.1", "Srivastava et al. 2017, table 2"
PACGAN = "Lin et al. 2018, table 2"
R3GAN = "Huang et al. 2024, section 2 and its table of losses on Stacked MNIST"
METHODS = "Huang et al. 2024, table of Stacked MNIST"  # of R3GAN among the methods of others


class More(NamedTuple):
    """A claim that one variant shows more combinations than another; None is the plain GAN."""

    key: str
    text: str
    source: str
    variant: str | None
    than: str | None


DIFFERENCES = (
    More("unrolling_buys", "an unrolled GAN shows more combinations than a GAN", METZ, "unrolled", None),
    More("unrolling_costs", "an unrolled GAN shows fewer combinations than a GAN", VEEGAN, None, "unrolled"),
    More("veegan_buys", "VEEGAN shows more combinations than a GAN", VEEGAN, "veegan", None),
    More("veegan_beats_unrolled", "VEEGAN shows more combinations than an unrolled GAN", VEEGAN, "veegan", "unrolled"),
    More("packing_buys", "a packed GAN shows more combinations than a GAN", PACGAN, "pacgan", None),
    More(
        "pairing_buys",
        "with both penalties, the relativistic pairing loss shows more combinations than the GAN’s loss",
        R3GAN, "r3gan", "r1r2",
    ),
    More("r3gan_beats_wgan_gp", "R3GAN shows more combinations than WGAN-GP", METHODS, "r3gan", "wgan_gp"),
)  # fmt: skip
CLOSER = (  # the same of the mode KL, which the first of the two has lower
    More("packing_closer", "packing brings the modes nearer to equal shares than a GAN", PACGAN, "pacgan", None),
    More(
        "pairing_closer", "with both penalties, the relativistic pairing loss brings the modes nearer to equal shares",
        R3GAN, "r3gan", "r1r2",
    ),
)  # fmt: skip
LOSERS = (  # key, variant or None, whose modes are lost, source
    ("gan_loses", None, "a GAN loses modes", f"{METZ}; {VEEGAN}"),
    ("penalties_drop", "r1r2", "a GAN with both penalties, R1 and R2, drops modes", R3GAN),
)
KEEPERS = (  # the same of who keeps all
    ("packing_covers", "pacgan", "packing keeps all modes", PACGAN),
    ("r3gan_covers", "r3gan", "R3GAN keeps all modes", METHODS),
)


def claims(scores: Scores) -> Iterator[Claim]:
    """Every claim that the experiments of the plan can judge, dataset by dataset."""
    for dataset in datasets(scores):
        if counts.compared(scores, dataset):
            if ask.floor(scores, dataset, RARE).size:
                yield from _rare(scores, dataset)
            else:  # papers speak of combinations that are all equally likely
                yield from _levels(scores, dataset)
                yield from _differences(scores, dataset)
                yield from _diverges(scores, dataset)


def _entry(scores: Scores, dataset: str, variant: str | None) -> Entry | None:
    """The entry of a variant, or the plain GAN; None if it was not trained."""
    return plain(scores, dataset) if variant is None else find(scores, dataset, variant)


def _levels(scores: Scores, dataset: str) -> Iterator[Claim]:
    """Who loses modes, and who keeps all."""
    floor = counts.real(scores, dataset, RECOGNISED)
    bounds = [(one, "least", THOUSAND.size, math.inf) for one in LOSERS]
    bounds += [(one, "most", -math.inf, THOUSAND.size) for one in KEEPERS]
    for (name, variant, words, source), at, low, high in bounds:
        entry, key = _entry(scores, dataset, variant), f"{name}_{dataset}"
        if entry is not None:
            rule = (
                f"{entry.title}: the mean number of combinations not recognised, out of the {number(floor)} that real "
                f"stacks show, is at {at} {THOUSAND.size:g}."
            )
            lost = effect(floor - _values(scores, entry, RECOGNISED), STUDY, key)
            where, text = ask.title(scores, dataset), f"{words} ({source})."
            judged = claim(key, text, rule, lost, low, high, where=where, remedies=(entry.variant,))
            yield _learned(scores, dataset, judged, entry)


def _differences(scores: Scores, dataset: str) -> Iterator[Claim]:
    """Who shows more combinations than whom, and whose shares are nearer to the true ones, paired by seed."""
    for one, metric in [(one, RECOGNISED) for one in DIFFERENCES] + [(one, KL) for one in CLOSER]:
        first, second = (_entry(scores, dataset, variant) for variant in (one.variant, one.than))
        if first is None or second is None:
            continue
        key = f"{one.key}_{dataset}"
        mine, theirs = ask.between(scores, metric, [(e.experiment, e.arm) for e in (first, second)])
        if metric == KL:
            what = f"The mode KL of {second.called} minus that of {first.called}, paired by seed,"
            difference, margin = theirs - mine, MODE_KL
        else:
            of = f"{first.called} minus that of {second.called}"
            what = f"The number of combinations recognised of {of}, paired by seed,"
            difference, margin = mine - theirs, THOUSAND
        where, remedies = ask.title(scores, dataset), (first.variant, second.variant)
        found = effect(difference, STUDY, key)
        judged = beyond(key, f"{one.text} ({one.source}).", what, found, margin, where=where, remedies=remedies)
        if metric == RECOGNISED:
            judged = _gainable(judged, second, counts.real(scores, dataset, RECOGNISED) - theirs)
        yield replace(judged, rule=f"{judged.rule} {_strictly(scores, dataset, [first, second])}")


def _gainable(judged: Claim, second: Entry, left_out: ask.Values) -> Claim:
    """The claim that another shows more than `second`, which leaves out so many (seeds,); open unless these are enough.

    Without a floor they are NaN, and nobody knows.
    """
    mean = float(left_out.mean()) if left_out.size else math.nan
    reason: Reason = "nothing measured" if math.isnan(mean) else "nothing to gain"
    gate = (
        f"Not judged unless {second.called} leaves out at least {THOUSAND.size:g} combinations: otherwise there is "
        "nothing to gain."
    )
    return gated(judged, gate, passed=mean >= THOUSAND.size, reason=reason)


def _diverges(scores: Scores, dataset: str) -> Iterator[Claim]:
    """That training with R1 alone breaks down."""
    entry = find(scores, dataset, "r1")
    if entry is not None:
        arm = (entry.experiment, entry.arm)
        gone, there = ask.n_diverged(scores, *arm), ask.n_scored(scores, *arm)
        yield claim(
            f"r1_diverges_{dataset}",
            f"with R1 as the only penalty, training diverges ({R3GAN}).",
            f"The share of the runs of {entry.title} that diverge (parameters that are not finite) is at least a half. "
            "There, networks are convolutional and the penalty’s weight is another.",
            wilson(gone, gone + there),
            0.5,
            1.0,
            where=ask.title(scores, dataset),
            remedies=(entry.variant,),
        )


def _rare(scores: Scores, dataset: str) -> Iterator[Claim]:
    """That a GAN loses first what is rare."""
    base = plain(scores, dataset)
    if base is not None:
        key = f"rare_lost_{dataset}"
        text, where = "a GAN loses the rare modes first (article 003, on unbalanced data).", ask.title(scores, dataset)
        what = (
            f"{base.title}: 1 minus the share of stacks with a combination rarer than 1 in {counts.N_MODES:,}, over "
            "their true share,"
        )
        lost = effect(1 - _values(scores, base, RARE), STUDY, key)
        judged = beyond(key, text, what, lost, RARE_STACKS, where=where, remedies=(base.variant,))
        yield _learned(scores, dataset, judged, base)


def _learned(scores: Scores, dataset: str, judged: Claim, entry: Entry) -> Claim:
    """The claim with the strict count beside it; open unless half as many stacks as of real ones can be read."""
    floor, shares = counts.real(scores, dataset, SHARE), _values(scores, entry, SHARE)
    gate = (
        "Not judged unless stacks are recognised with confidence at least half as often as real ones, because "
        f"otherwise too little has been learned. {_strictly(scores, dataset, [entry])}"
    )
    return gated(judged, gate, passed=bool(shares.size) and float(shares.mean()) >= LEARNED * floor)


def _strictly(scores: Scores, dataset: str, of: Sequence[Entry]) -> str:
    """The strict count and the share of stacks behind it, of these entries and of real stacks."""
    means = [(e.title, [ask.mean(scores, e.experiment, e.arm, m).value for m in (CONFIDENT, SHARE)]) for e in of]
    means.append(("real", [counts.real(scores, dataset, m) for m in (CONFIDENT, SHARE)]))
    told = [(name, number(count), number(share)) for name, (count, share) in means if not np.isnan(share)]
    listed = listing([f"{name} {count} ({share} of the stacks)" for name, count, share in told])
    return f"By the strict count, of stacks recognised with confidence: {listed or NONE}."


def _values(scores: Scores, entry: Entry, metric: str) -> ask.Values:
    return ask.values(scores, entry.experiment, entry.arm, metric)
