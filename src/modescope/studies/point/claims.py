"""Article 002's claims about the simplest GAN, each a statement about one number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modescope.formatting import number
from modescope.seeding import stream
from modescope.statistics import Estimate, paired_difference, widened, wilson
from modescope.store.runs import Scores
from modescope.studies import Claim
from modescope.studies.common.claims import beyond, claim, not_beyond
from modescope.studies.common.margins import STRAY, SUCCESS
from modescope.studies.point.settings import DECAY, NOISE, STUDY, Setting, finals, find, successes

SOME = 0.01  # share of seeds: "sometimes fails" means at least this, "never fails" at most this
REMEDIES = ("point",)
Values = NDArray[np.float64]


def claims(scores: Scores) -> Iterator[Claim]:
    """Every claim that the experiments of the plan can judge."""
    baseline, decayed = (
        find(scores, "baseline"),
        {d: find(scores, "weight_decay", {DECAY: d}) for d in (0.1, 1e-3, 1e-5)},
    )
    weak, strong = (find(scores, "noise", {NOISE: s}) for s in (0.5, 1.5))
    both = find(scores, "noise_and_decay", {DECAY: 0.1})
    if baseline:
        yield _fails(scores, "baseline_fails", "Training sometimes fails.", baseline, SOME, 1 - SOME)
    if baseline and (easing := find(scores, "easing")):
        yield _steadier(scores, baseline, easing)
    if baseline and (weighting := find(scores, "weighting")):
        words = "Giving real points less weight does not help."
        yield _more(scores, "weighting", words, weighting, baseline, denied=True)
    for decay, setting in decayed.items():
        if baseline and setting:
            key, words = f"decay_{decay:g}", "Weight decay on the discriminator helps."
            yield _more(scores, key, words, setting, baseline)
    for key, setting in (("noise_0.5", weak), ("noise_1.5", strong)):
        if baseline and setting:
            yield _more(scores, key, "Noise on the generator’s parameters helps.", setting, baseline)
        if setting:
            words = "With noise, some runs still fail."
            yield _fails(scores, f"{key}_fails", words, setting, SOME, 1.0)
    if weak and strong:
        yield _more(scores, "more_noise", "Noise of 1.5 is better than noise of 0.5.", strong, weak)
    if both:
        words = "Noise of 1.5 with weight decay never fails."
        yield _fails(scores, "both_0.1", words, both, 0.0, SOME)


def _fails(scores: Scores, key: str, words: str, setting: Setting, low: float, high: float) -> Claim:
    """The share of failing seeds against a range."""
    found = successes(scores, setting)
    between = f"between {number(low)} and {number(high)}"
    if low == 0 or high == 1:
        between = f"at most {number(high)}" if low == 0 else f"at least {number(low)}"
    rule = f"The share of seeds that fail, with its Wilson interval, is {between}."
    failed = wilson(int((1 - found).sum()), len(found))
    return claim(key, words, rule, failed, low, high, where=setting.title, remedies=REMEDIES)


def _more(scores: Scores, key: str, words: str, setting: Setting, other: Setting, *, denied: bool = False) -> Claim:
    """The share of successful seeds minus that of another setting: a gain that is claimed, or denied."""
    a, b = _aligned(successes(scores, setting), successes(scores, other))
    what = f"The success rate minus that of “{other.title}”, paired by seed,"
    effect = difference(key, a, b)
    judge = not_beyond if denied else beyond
    return judge(key, words, what, effect, SUCCESS, where=setting.title, remedies=REMEDIES)


def _steadier(scores: Scores, baseline: Setting, easing: Setting) -> Claim:
    """How far the seeds of each setting end from their mean."""
    a, b = _aligned(_strays(scores, baseline), _strays(scores, easing))
    return beyond(
        "easing",
        "Easing the labels makes training more stable.",
        "The distance of a seed’s final (w, b) from the mean over the seeds of its setting, baseline minus that "
        "with eased labels, paired by seed,",
        difference("easing", a, b),
        STRAY,
        where=easing.title,
        remedies=REMEDIES,
    )


def _strays(scores: Scores, setting: Setting) -> pd.Series[float]:
    seeds, lines = finals(scores, setting)
    return pd.Series(np.linalg.norm(lines - lines.mean(axis=0), axis=1), index=seeds)


def _aligned(a: pd.Series[float], b: pd.Series[float]) -> tuple[Values, Values]:
    """The values of both at the seeds that they share."""
    frame = pd.concat([a, b], axis=1, join="inner").sort_index()
    return frame.iloc[:, 0].to_numpy(dtype=np.float64), frame.iloc[:, 1].to_numpy(dtype=np.float64)


def difference(key: str, a: Values, b: Values) -> Estimate:
    """The mean of a - b over seeds with its interval."""
    return widened(paired_difference(a, b, stream("claims", STUDY, key)), a - b)
