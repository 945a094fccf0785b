"""The smallest effect that matters in each metric: conventions, stated before results, one place each."""

from __future__ import annotations

from typing import NamedTuple


class Margin(NamedTuple):
    """The smallest effect that matters in one metric."""

    size: float  # in the unit of the metric
    metric: str  # in words, as in "at least 0.05 of a success rate"
    why: str  # the reason for this size


SUCCESS = Margin(
    0.05,
    "success rate",
    "one run in twenty; a user who trains a few times would not notice less",
)
MODES = Margin(
    0.5,
    "modes",
    "half a mode: with less, most runs gain or lose none",
)
BALANCE = Margin(
    1.0,
    "modes, whichever weight is better",
    "one mode: the sign of this difference is chosen so that its mean is positive, which chance alone also achieves",
)
THOUSAND = Margin(
    10.0,
    "modes of 1,000",
    "one mode in a hundred, about as much as two draws of 10,000 points from one generator differ by",
)
MODE_KL = Margin(
    0.05,
    "nats of mode KL",
    "as much as sampling alone gives 10,000 real points of 1,000 modes, 999 / 20,000",
)
RARE_STACKS = Margin(
    0.05,
    "share of the rare points",
    "one rare point in twenty, and more than the scores of real points spread",
)
COVERAGE = Margin(
    0.05,
    "coverage",
    "one real point in twenty, and more than the scores of real points spread",
)
POINTS = Margin(
    0.05,
    "share of points",
    "one generated point in twenty, and more than the scores of real points spread",
)
RECALL = Margin(
    0.05,
    "recall of frames",
    "one frame in twenty of those that are to be recovered",
)
TREND = Margin(
    0.2,
    "Kendall’s τ",
    "one exchanged pair among the ten pairs of five settings, the least that changes the order of one run",
)
STRAY = Margin(
    0.05,
    "distance of (w, b)",
    "half of the 0.1 by which a successful run may miss",
)
LOSS = Margin(
    0.05,
    "nats of a discriminator’s loss",
    "7 % of ln 2, the loss of a discriminator that knows nothing",
)
ALL = (SUCCESS, MODES, BALANCE, THOUSAND, MODE_KL, RARE_STACKS, COVERAGE, POINTS, RECALL, TREND, STRAY, LOSS)
