"""Article 001's claims: latent neighbours give neighbouring samples, and too small a latent limits coverage."""

from __future__ import annotations

import math
from collections.abc import Iterator

from modescope.formatting import counted, number
from modescope.store.runs import Scores
from modescope.studies import Claim
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import beyond, claim, effect
from modescope.studies.common.margins import COVERAGE

STUDY, KEY = "intro", "latent_dim"
DATA_DIM = 2  # all datasets of this study are drawn in the plane
NEAR = 0.1  # a path ten times shorter than chance
NO_LEAP = 0.5  # a largest jump half as large as by chance
REMEDIES = ("gan",)


def claims(scores: Scores) -> Iterator[Claim]:
    """Neighbouring latent points give neighbouring samples (two claims); too small a latent limits coverage."""
    for experiment, arm in usual_arms(scores).items():
        yield from _neighbours(scores, experiment, arm)
    for experiment in ask.experiments(scores):
        yield from _too_small(scores, experiment)


def usual_arms(scores: Scores) -> dict[str, str]:
    """Experiment -> its arm with as many latent dimensions as the data, or else its first arm."""
    found = {}
    for experiment in ask.experiments(scores):
        arms = ask.arms(scores, experiment)
        if arms:
            found[experiment] = ask.along(arms, KEY).get(DATA_DIM, arms[0])
    return found


def _neighbours(scores: Scores, experiment: str, arm: str) -> Iterator[Claim]:
    """Limits on length and jump: a path of many leaps is long, and a short path with one leap has a large jump."""
    dataset = ask.dataset(scores, experiment)
    for metric, words, what, most in [
        ("walk_length", "Neighbouring latent points give neighbouring samples.", "relative path length", NEAR),
        ("walk_jump", "Samples never leap along a latent line.", "relative largest jump", NO_LEAP),
    ]:
        values = ask.values(scores, experiment, arm, metric)
        if values.size:
            key = f"{metric}_{dataset}"
            yield claim(
                key,
                words,
                f"The mean {what} along straight latent lines is at most {number(most)}; for as many samples in "
                "random order it is 1.",
                effect(values, STUDY, key),
                -math.inf,
                most,
                where=ask.title(scores, dataset),
                remedies=REMEDIES,
            )


def _too_small(scores: Scores, experiment: str) -> Iterator[Claim]:
    """The coverage lost with one latent dimension too few, paired by seed; the rule of the study `latent`."""
    dims, dataset = ask.along(ask.arms(scores, experiment), KEY), ask.dataset(scores, experiment)
    if not {DATA_DIM - 1, DATA_DIM} <= dims.keys():
        return
    below, enough = ask.paired(scores, experiment, "coverage", [dims[DATA_DIM - 1], dims[DATA_DIM]])
    key = f"too_small_{dataset}"
    yield beyond(
        key,
        "Too small a latent limits coverage.",
        f"Coverage with {counted(DATA_DIM, 'latent dimension')} minus that with {counted(DATA_DIM - 1, 'dimension')}, "
        "paired by seed,",
        effect(enough - below, STUDY, key),
        COVERAGE,
        where=ask.title(scores, dataset),
        remedies=REMEDIES,
    )
