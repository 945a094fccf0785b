"""The claims of articles 000 and 004: exact transformations, matched distributions, the discriminator at the end."""

from __future__ import annotations

import math
from collections.abc import Iterator

from modescope.formatting import number
from modescope.params.config import BASE_ARM
from modescope.store.runs import Scores
from modescope.studies import Claim
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import claim, effect
from modescope.studies.sampling.experiments import STUDY, drawn, measure, on, trained, variant, where

OFF = 0.05  # share of the probability that may lie in the wrong place, beyond sampling error
NEAR_HALF = 0.05  # how far D may be from 1/2 on average


def claims(scores: Scores) -> Iterator[Claim]:
    """Every claim that the experiments of the plan can judge."""
    yield from _exact(scores)
    yield from _reached(scores)
    yield from _half(scores)


def _exact(scores: Scores) -> Iterator[Claim]:
    for experiment in drawn(scores, "inverse_transform"):
        dataset = on(scores, experiment)
        band = ask.floor_range(scores, dataset, "ks")
        if band is None:
            continue
        key = f"exact_{dataset}"
        yield claim(
            key,
            "The quantile function turns uniform variables into exact samples.",
            f"The mean KS distance is at most {number(band[1])}, the 95th percentile for as many real points.",
            effect(ask.values(scores, experiment, BASE_ARM, "ks"), STUDY, key),
            -math.inf,
            band[1],
            where=where(scores, experiment),
        )


def _reached(scores: Scores) -> Iterator[Claim]:
    for experiment in trained(scores):
        dataset = on(scores, experiment)
        metric = measure(scores, dataset)
        floor = ask.floor(scores, dataset, metric)
        if not floor.size:
            continue
        most, remedy = float(floor.mean()) + OFF, variant(scores, experiment)
        way = "Indirect matching, by a discriminator," if remedy == "gan" else "Direct matching, by the MMD,"
        what = "KS distance" if metric == "ks" else "total variation of the modes, points between them included,"
        key = f"reached_{experiment}"
        yield claim(
            key,
            f"{way} reaches the target.",
            f"The mean {what} is at most {number(most)}: {number(OFF)} more than real points score.",
            effect(ask.values(scores, experiment, BASE_ARM, metric), STUDY, key),
            -math.inf,
            most,
            where=where(scores, experiment),
            remedies=(remedy,),
        )


def _half(scores: Scores) -> Iterator[Claim]:
    for experiment in trained(scores):
        offset = ask.values(scores, experiment, BASE_ARM, "discriminator_offset")
        if not offset.size:
            continue
        title, remedies = where(scores, experiment), (variant(scores, experiment),)
        yield claim(
            f"half_{experiment}",
            "Where generated and real points match, the discriminator is ½.",
            f"After the last step |D − ½|, averaged over real and generated points, is at most {number(NEAR_HALF)}.",
            effect(offset, STUDY, f"half_{experiment}"),
            -math.inf,
            NEAR_HALF,
            where=title,
            remedies=remedies,
        )
        yield claim(
            f"error_{experiment}",
            "The discriminator ends no better than guessing.",
            f"After the last step its mean error is between {number(0.5 - NEAR_HALF)} and {number(0.5 + NEAR_HALF)}.",
            effect(ask.values(scores, experiment, BASE_ARM, "discriminator_error"), STUDY, f"error_{experiment}"),
            0.5 - NEAR_HALF,
            0.5 + NEAR_HALF,
            where=title,
            remedies=remedies,
        )
