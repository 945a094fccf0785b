"""Article 003's claims about traffic frames, each a statement about one number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from modescope.formatting import number
from modescope.store.runs import Scores
from modescope.studies import Claim
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import claim, effect
from modescope.studies.common.entries import Entry, find
from modescope.studies.traffic.patterns import known

STUDY = "traffic"
LOST, LEARNED = 0.1, 0.5  # recall of the frames with cars: almost none, at least half
VALID = 0.5  # share of valid frames: below it, most frames show no pattern, and no claim can be judged


def claims(scores: Scores, dataset: str) -> Iterator[Claim]:
    """Every claim that the experiments of the plan can judge."""
    for variant, name in (("gan", "a GAN"), ("wgan", "a Wasserstein GAN")):
        entry = find(scores, dataset, variant)
        if entry is not None and known(scores, dataset):
            key = f"{variant}_empty_{dataset}"
            yield _readable(
                scores,
                [entry],
                claim(
                    key,
                    f"{ask.title(dataset)}: {name} converges to the empty junction.",
                    f"Mean recall of the frames with cars is at most {LOST}.",
                    effect(ask.values(scores, entry.experiment, entry.arm, "minor_recall"), STUDY, key),
                    -math.inf,
                    LOST,
                ),
            )
    penalty = find(scores, dataset, "bigan_pgp")
    if penalty is None or not known(scores, dataset):
        return
    key = f"penalty_learns_{dataset}"
    yield _readable(
        scores,
        [penalty],
        claim(
            key,
            f"{ask.title(dataset)}: with the pairwise gradient penalty the minor modes are learned.",
            f"{penalty.label}: mean recall of the frames with cars is at least {LEARNED}.",
            effect(ask.values(scores, penalty.experiment, penalty.arm, "minor_recall"), STUDY, key),
            LEARNED,
            math.inf,
        ),
    )
    plain = find(scores, dataset, "gan")
    if plain is not None:
        key = f"penalty_beats_gan_{dataset}"
        base, other = ask.between(
            scores, "minor_recall", [(plain.experiment, plain.arm), (penalty.experiment, penalty.arm)]
        )
        yield _readable(
            scores,
            [plain, penalty],
            claim(
                key,
                f"{ask.title(dataset)}: with the penalty, BiGAN recovers more of the frames with cars than a GAN.",
                f"Recall of the frames with cars of {penalty.label} minus that of gan, paired by seed, is above 0.",
                effect(other - base, STUDY, key),
                math.ulp(0.0),
                math.inf,
            ),
        )


def _readable(scores: Scores, of: Sequence[Entry], judged: Claim) -> Claim:
    """The claim, inconclusive if most frames of any entry show no pattern: then too little has been learned."""
    found = [ask.values(scores, e.experiment, e.arm, "invalid_frames") for e in of]
    valid = min((1 - float(values.mean()) for values in found if values.size), default=0.0)
    rule = (
        f"{judged.rule} Not judged if the decoder reads a pattern in fewer than half of the frames, because then too "
        f"little has been learned; here the share is {number(valid)}."
    )
    return replace(judged, rule=rule, verdict=judged.verdict if valid >= VALID else "inconclusive")
