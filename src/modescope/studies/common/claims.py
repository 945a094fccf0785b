"""Building a claim: the measured effect, with an interval that is valid for few seeds, and the verdict."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from modescope.formatting import number
from modescope.seeding import stream
from modescope.statistics import Estimate, Verdict, bootstrap_mean, judge, widened
from modescope.studies import Claim, Reason
from modescope.studies.common.margins import Margin


def claim(
    key: str,
    statement: str,
    rule: str,
    effect: Estimate,
    low: float,
    high: float,
    *,
    where: str = "",
    remedies: tuple[str, ...] = (),
) -> Claim:
    """A claim, judged by whether the whole interval of its effect lies in [low, high]."""
    verdict = judge(effect, low, high)
    reason = _open(effect, verdict)
    return Claim(key.replace("_", "-"), statement, rule, effect, verdict, reason, where, low, high, remedies)


def beyond(
    key: str,
    statement: str,
    what: str,
    effect: Estimate,
    margin: Margin,
    *,
    where: str = "",
    remedies: tuple[str, ...] = (),
) -> Claim:
    """A claim that a difference is material; `what` names it, with the sign that the claim gives it.

    Supported if the whole interval is at least the margin, contradicted if it lies below: then there is no material
    effect, or one in the opposite direction. Else open.
    """
    rule = f"{what} is at least {number(margin.size)} on average, the smallest effect that matters."
    judged = claim(key, statement, rule, effect, margin.size, math.inf, where=where, remedies=remedies)
    return replace(judged, reason=_how(effect, margin)) if judged.verdict == "contradicted" else judged


def not_beyond(
    key: str,
    statement: str,
    what: str,
    effect: Estimate,
    margin: Margin,
    *,
    where: str = "",
    remedies: tuple[str, ...] = (),
) -> Claim:
    """A claim that a difference in the direction of its sign is not material, however large the opposite one is.

    Supported if the whole interval is at most the margin, contradicted if it lies above. Else open.
    """
    rule = f"{what} is at most {number(margin.size)} on average, the smallest effect that matters."
    return claim(key, statement, rule, effect, -math.inf, margin.size, where=where, remedies=remedies)


def gated(judged: Claim, gate: str, *, passed: bool, reason: Reason = "too short") -> Claim:
    """The claim with the sentence of a gate after its rule; open for this reason unless it has passed."""
    told = replace(judged, rule=f"{judged.rule} {gate}")
    if passed or not judged.effect.n:  # without scores, the reason is that nothing was measured
        return told
    return replace(told, verdict="inconclusive", reason=reason)


def effect(values: NDArray[np.float64], study: str, key: str) -> Estimate:
    """The mean over seeds, with an interval that is valid for few seeds: the wider of bootstrap and Student's t."""
    return widened(bootstrap_mean(values, stream("claims", study, key)), values)


def _open(effect: Estimate, verdict: Verdict) -> Reason:
    if verdict != "inconclusive":
        return ""
    return "too few seeds" if effect.n else "nothing measured"


def _how(effect: Estimate, margin: Margin) -> Reason:
    """What the interval, which lies below the margin, says about the opposite direction."""
    if effect.low > -margin.size:
        return "no material effect"
    return "opposite effect" if effect.high < -margin.size else "no effect or the opposite"
