"""How the modes of stacked digits are counted, and the entries that are compared."""

from __future__ import annotations

import math

from modescope.seeding import stream
from modescope.statistics import Estimate, bootstrap_mean, widened
from modescope.store.runs import Scores
from modescope.studies.common import leaderboards
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import PLAIN, Entry, entries

N_MODES = 1_000
RECOGNISED, CONFIDENT = "modes_recognised", "modes_confident"
SHARE, KL, CONFIDENT_KL = "confident_fraction", "recognised_kl", "confident_kl"
RARE = "rare_ratio"  # only where combinations differ in probability
METRICS = [RECOGNISED, CONFIDENT, SHARE, KL, CONFIDENT_KL, RARE]
METRICS += ["feature_precision", "feature_recall", "feature_density", "feature_coverage", "nearer_train"]


def compared(scores: Scores, dataset: str) -> list[Entry]:
    """The entries whose stacks were counted or whose runs all diverged, in the order of params.yaml."""
    return [e for e in entries(scores, dataset) if counted(scores, e) or lost(scores, e)]


def ranked_by(scores: Scores, dataset: str) -> str:
    """The metric by which remedies are ordered: the papers' count, or mode KL where a higher count is no merit."""
    return KL if ask.floor(scores, dataset, RARE).size else RECOGNISED


def ordered(scores: Scores, dataset: str) -> list[Entry]:
    """The same entries, the best on average first."""
    metric = ranked_by(scores, dataset)
    return leaderboards.ordered(scores, compared(scores, dataset), metric, lower=metric == KL)


def counted(scores: Scores, entry: Entry) -> bool:
    """Whether the combinations that an entry shows were counted."""
    return ask.values(scores, entry.experiment, entry.arm, RECOGNISED).size > 0


def lost(scores: Scores, entry: Entry) -> bool:
    """Whether all runs of an entry diverged."""
    arm = (entry.experiment, entry.arm)
    return ask.n_diverged(scores, *arm) > 0 and not ask.n_scored(scores, *arm)


def mean(scores: Scores, entry: Entry, metric: str) -> Estimate:
    """The mean over seeds, with an interval that is valid for few seeds; NaN if nothing was measured."""
    values = ask.values(scores, entry.experiment, entry.arm, metric)
    return widened(bootstrap_mean(values, stream("answer", entry.experiment, entry.arm, metric)), values)


def real(scores: Scores, dataset: str, metric: str) -> float:
    """The mean of real stacks scored as if they were generated; NaN if it was not measured."""
    floor = ask.floor(scores, dataset, metric)
    return float(floor.mean()) if floor.size else math.nan


def best(scores: Scores, dataset: str) -> Entry | None:
    """The remedy with the highest mean strict count, where equal that with the lowest mode KL; None without one.

    The strict count rewards modes and quality alike. Averaged weights are left out: they are no remedy of their own.
    """
    found = [e for e in compared(scores, dataset) if e.label != PLAIN and not e.averaged and counted(scores, e)]

    def rank(entry: Entry) -> tuple[float, ...]:
        count, kl = (ask.mean(scores, entry.experiment, entry.arm, m).value for m in (CONFIDENT, KL))
        return tuple(-math.inf if math.isnan(x) else x for x in (count, -kl))

    return max(found, key=rank, default=None)
