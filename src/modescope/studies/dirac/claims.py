"""The paper's claims about the Dirac-GAN, each the share of starts that converge or the shape of their paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from modescope.dirac.steps import path, simultaneous
from modescope.formatting import number, plural
from modescope.seeding import stream
from modescope.statistics import wilson
from modescope.store.runs import Scores
from modescope.studies import Claim
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import claim, effect, gated
from modescope.studies.dirac.remedies import FEW, MOST, Arm, find, share, whole

STUDY = "dirac"
KEPT = (0.9, 1.1)  # of the distance at the start: a circle that alternating steps bend by some hundredths
GATE = "Not judged unless all steps of the experiment were made, as the end of the training decides."
SLOW = (
    " With unlimited steps it would get there, but ever more slowly: averaged over a turn, 1/r² of the distance r "
    "grows by the same amount in every step. So this is about the number of steps."
)
STRAIGHT = 0.5  # turns: a path that does not circle may still bend by up to half a turn; one that circles makes eight


def claims(scores: Scores, arms: Sequence[Arm]) -> Iterator[Claim]:
    """Every claim that the experiments of the plan can judge.

    In the paper no loss converges without regularisation, as far as linear terms decide. In infinite time, the
    non-saturating one does (`dirac.fields.non_saturating`), so its claim is about the number of steps.
    """
    for key, words, arm in (
        ("saturating", "Without regularisation, training does not converge.", find(arms, "gan_saturating")),
        (
            "non_saturating",
            "The non-saturating loss has not converged after as many steps either.",
            find(arms, "gan"),
        ),
        ("wgan", "WGAN does not converge.", find(arms, "wgan", clip=1.0, n_critic=1)),
        ("wgan_5", "WGAN does not converge.", find(arms, "wgan", clip=1.0, n_critic=5)),
        ("wgan_gp", "WGAN-GP does not converge.", find(arms, "wgan_gp", n_critic=1)),
        ("wgan_gp_5", "WGAN-GP does not converge.", find(arms, "wgan_gp", n_critic=5)),
    ):
        if arm is not None:
            yield _converging(scores, key, words, arm, never=True, known=SLOW if key == "non_saturating" else "")
    for key, words, arm in (
        ("instance_noise", "Instance noise converges.", find(arms, "gan_instance_noise")),
        ("r1", "The gradient penalty at real points converges.", find(arms, "r1", r1_gamma=0.3)),
        ("r1_critical", "The gradient penalty at real points converges.", find(arms, "r1", r1_gamma=1.0)),
    ):
        if arm is not None:
            yield _converging(scores, key, words, arm, never=False)
    if (arm := find(arms, "gan_saturating")) is not None:
        yield _circling(scores, arm)
    if (arm := find(arms, "r1", r1_gamma=1.0)) is not None:
        yield _straight(scores, arm)
    if (arm := find(arms, "gan_saturating")) is not None:
        yield _outwards(arm)


def _converging(scores: Scores, key: str, words: str, arm: Arm, *, never: bool, known: str = "") -> Claim:
    """The share of starts that converge against the least for "converges" or the most for "does not".

    `known` is what its rule says further.
    """
    bound, low, high = (f"at most {number(FEW)}", 0.0, FEW) if never else (f"at least {number(MOST)}", MOST, 1.0)
    rule = (
        f"The share of starts from which “{arm.title}” ends within 0.1 of the equilibrium (RMS of the last tenth of "
        f"the training), with its Wilson interval, is {bound}.{known}"
    )
    converged, about = share(scores, arm, "converged"), (arm.settings.variant,)
    judged = claim(key, words, rule, converged, low, high, where=arm.title, remedies=about)
    return gated(judged, GATE, passed=whole(scores, arm))


def _circling(scores: Scores, arm: Arm) -> Claim:
    """The distance that a path keeps."""
    start, end = (
        ask.values(scores, arm.entry.experiment, arm.entry.arm, f"{when}_distance") for when in ("start", "final")
    )
    low, high = KEPT
    judged = claim(
        "circle",
        "Unregularised training circles at the distance at which it starts.",
        f"The distance of “{arm.title}” from the equilibrium in the last tenth of the training, divided by that at the "
        f"start, is between {number(low)} and {number(high)} on average.",
        effect(end / start, STUDY, "circle"),
        low,
        high,
        where=arm.title,
        remedies=(arm.settings.variant,),
    )
    return gated(judged, GATE, passed=whole(scores, arm))


def _outwards(arm: Arm) -> Claim:
    """The share of starts from which every step at once leads outwards, in the exact field."""
    starts = stream("claims", STUDY, "at_once").uniform(-1, 1, (arm.settings.seeds, 2))
    walked = path(simultaneous(arm.remedy), starts, range(arm.settings.steps + 1))
    outwards = np.all(np.diff(np.hypot(walked[..., 0], walked[..., 1])) > 0, axis=1)
    return claim(
        "at_once",
        "With simultaneous gradient descent, every step of unregularised training leads away from the equilibrium.",
        f"The share of random starts from which the distance of “{arm.title}” grows in each of "
        f"{plural(arm.settings.steps, 'step')}, with its Wilson interval, is at least {number(MOST)}. Steps in the "
        "exact field, as the trainer steps in turn.",
        wilson(int(outwards.sum()), len(starts)),
        MOST,
        1.0,
        where=f"{arm.title}, steps at once",
        remedies=(arm.settings.variant,),
    )


def _straight(scores: Scores, arm: Arm) -> Claim:
    """The share of paths that do not turn around the equilibrium."""
    turns = ask.values(scores, arm.entry.experiment, arm.entry.arm, "turns")
    judged = claim(
        "critical",
        "At the critical weight, training does not circle.",
        f"The share of starts from which “{arm.title}” turns around the equilibrium by at most half a turn, with its "
        f"Wilson interval, is at least {number(MOST)}.",
        wilson(int((turns <= STRAIGHT).sum()), len(turns)),
        MOST,
        1.0,
        where=arm.title,
        remedies=(arm.settings.variant,),
    )
    return gated(judged, GATE, passed=whole(scores, arm))
