"""Every remedy on stacked digits: how many combinations it shows, whether more than the plain GAN, at which cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from modescope.formatting import NONE, estimate, listing, number
from modescope.store.runs import Scores
from modescope.studies import Figure, Table
from modescope.studies.common import against, leaderboards
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import PLAIN, Entry, plain
from modescope.studies.common.tables import FLOOR, columns, entry_row, floor_row, last
from modescope.studies.thousand import counts
from modescope.studies.thousand.counts import CONFIDENT, KL, METRICS, N_MODES, RARE, RECOGNISED, SHARE

RANKED = {  # metric -> title of its column and the words below its axis
    RECOGNISED: ("modes recognised", "of 1,000, by the papers’ count"),
    CONFIDENT: ("modes with confidence", "of 1,000, by the strict count"),
    KL: ("mode KL", "nats, lower is better"),
    SHARE: ("share with confidence", "of the stacks, higher is better"),
}
HEADINGS = {"remedy": "Remedy", "cost": "Cost of a step"}
SHOW = against.Wording("shows", "show", "significantly more combinations", "fewer")
NEARER = against.Wording("has", "have", "a significantly lower mode KL", "a higher one", up=False)
COUNTS: dict[str, str] = {  # metric -> how a sentence speaks of its count
    RECOGNISED: "by the papers’ count",
    CONFIDENT: "counting only stacks that are recognised with confidence",
}
HIGHER: Mapping[against.Direction, str] = {  # for metrics that are no counts: of mode KL, lower is better
    "fewer": "significantly lower",
    "more": "significantly higher",
    "same": against.WORDS["same"],
}
COUNTING = (
    "Modes recognised is the papers’ count: combinations of which at least one stack is shown, whatever digits a "
    "classifier finds most probable, so a blur counts as well. By the strict count, only stacks whose three digits are "
    "all recognised with confidence count; a generator with few of those cannot show many combinations. "
)
RARITIES = (
    " Combinations differ in probability, and real stacks show only {floor} of {n:,}. Showing more is no merit: mode "
    "KL says how near the shares are to the true ones."
)
LEADERBOARD = (
    f"Means over seeds with 95 % bootstrap intervals; diverged runs are counted but left out of the means. {COUNTING}"
    "Cost: multiply-adds of a training step relative to the plain GAN’s; element-wise work is not counted. "
    f"“{FLOOR}”: real test stacks scored as if they were generated, mean over repeats with the 5th and 95th "
    "percentile. Rows are ordered by the mean of the first metric; neighbours whose intervals overlap may differ by "
    "chance alone."
)
SIGNIFICANCE = (
    "Each remedy’s mean minus the plain GAN’s, with Welch’s 95 % interval, which is not adjusted; whether it differs "
    f"significantly, {against.HOW} Each metric is a family of its own."
)


def figure(scores: Scores, dataset: str) -> Figure | None:
    """The ranking: one row per entry, one column per metric; None for fewer than two entries."""
    metric = counts.ranked_by(scores, dataset)
    found = counts.ordered(scores, dataset)
    shown = {m: RANKED[m] for m in [metric, *RANKED] if any(_values(scores, e, m).size for e in found)}
    if len(found) < 2 or RECOGNISED not in shown:
        return None
    heading = f"{ask.title(scores, dataset)}: combinations that every remedy shows"
    picture = leaderboards.ranking(scores, dataset, found, shown, heading)
    words = HIGHER if metric == KL else against.WORDS
    titles = {e.label: e.title for e in found}
    verdicts = " ".join(against.told(against.compared(scores, dataset, metric), titles, words))
    beside = f" Against the plain GAN, {RANKED[metric][0]}: {verdicts}" if verdicts else ""
    beside = rarities(scores, dataset) + beside
    spoken = [f"mean {RANKED[m][0]}: {leaderboards.spoken(scores, found, m)}" for m in shown]
    return Figure(
        f"{dataset}_ranking", heading, f"{leaderboards.CAPTION} {COUNTING.strip()}{beside}",
        f"{heading}. By remedy, {'; '.join(spoken)}.", picture, None, sorted({e.experiment for e in found}),
        _finding(scores, dataset),
    )  # fmt: skip


def _finding(scores: Scores, dataset: str) -> str:
    """What the plain GAN shows and how many remedies differ from it; empty without a plain GAN."""
    base, metric = plain(scores, dataset), counts.ranked_by(scores, dataset)
    if base is None or not _values(scores, base, metric).size:
        return ""
    mean = number(ask.mean(scores, base.experiment, base.arm, metric).value)
    found = against.of_remedies(against.compared(scores, dataset, metric), counts.compared(scores, dataset))
    title = ask.title(scores, dataset)
    if metric == KL:
        shows, wording = f"the plain GAN’s mode KL is {mean} nats", NEARER
    else:
        shows, wording = f"the plain GAN shows {mean} of {N_MODES:,} combinations", SHOW
    return "; ".join([f"{title}: {shows}", *([against.many(found, wording)] if found else [])])


def answer(scores: Scores, dataset: str) -> list[str]:
    """What the plain GAN shows and which remedies differ, by both counts; then how many stacks can be read at all.

    Where combinations differ in probability, a higher count is no merit: there mode KL takes the place of the first.
    """
    found, title = counts.ordered(scores, dataset), ask.title(scores, dataset)
    unequal = ask.floor(scores, dataset, RARE).size > 0
    told = [_divergence(scores, dataset) if unequal else _count(scores, dataset, RECOGNISED)]
    told.append(_count(scores, dataset, CONFIDENT))
    told.append(_readable(scores, dataset, found))
    gone = [e.called for e in found if counts.lost(scores, e)]
    if gone:
        told.append(f"{title}: all runs of {listing(gone)} diverged.")
    return [sentence for sentence in told if sentence]


def _count(scores: Scores, dataset: str, metric: str) -> str:
    """How many combinations the plain GAN shows, and which remedies show more; empty if that was not measured."""
    base = plain(scores, dataset)
    if base is None or not _values(scores, base, metric).size:
        return ""
    floor = counts.real(scores, dataset, metric)
    shows = f"the plain GAN shows {estimate(counts.mean(scores, base, metric))} of {N_MODES:,} combinations"
    beside = "" if np.isnan(floor) else f", real stacks {number(floor)}"
    verdicts = against.told(against.compared(scores, dataset, metric), _titles(scores, dataset, metric))
    return " ".join([f"{ask.title(scores, dataset)}, {COUNTS[metric]}: {shows}{beside}.", *verdicts])


def _readable(scores: Scores, dataset: str, found: Sequence[Entry]) -> str:
    """The highest mean share of stacks that are recognised with confidence, the plain GAN's and that of real stacks."""
    means = [(float(_values(scores, e, SHARE).mean()), e) for e in found if _values(scores, e, SHARE).size]
    if not means:
        return ""
    (most, best), floor = max(means, key=lambda one: one[0]), counts.real(scores, dataset, SHARE)
    plainly = [f"{number(mean)} for {e.called}" for mean, e in means if e.label == PLAIN and e != best]
    share = listing([*plainly, f"{number(most)} for {best.called}" + (", the highest mean" if len(means) > 1 else "")])
    beside = "" if np.isnan(floor) else f"; for real stacks it is {number(floor)}"
    return f"{ask.title(scores, dataset)}: the share of stacks that are recognised with confidence is {share}{beside}."


def _titles(scores: Scores, dataset: str, metric: str) -> dict[str, str]:
    """The names of the remedies by label, the best in a metric first."""
    found = leaderboards.ordered(scores, counts.compared(scores, dataset), metric, lower=metric == KL)
    return {e.label: e.title for e in found}


def _divergence(scores: Scores, dataset: str) -> str:
    """The mode KL of the plain GAN, and which remedies have a lower one; empty if that was not measured."""
    base = plain(scores, dataset)
    if base is None or not _values(scores, base, KL).size:
        return ""
    floor = counts.real(scores, dataset, KL)
    beside = "" if np.isnan(floor) else f", that of real stacks {number(floor)}"
    verdicts = against.told(against.compared(scores, dataset, KL), _titles(scores, dataset, KL), HIGHER)
    is_it = f"the plain GAN’s mode KL is {estimate(counts.mean(scores, base, KL))} nats"
    return " ".join([f"{ask.title(scores, dataset)}: {is_it}{beside}.", *verdicts])


def table(scores: Scores, dataset: str) -> Table | None:
    """The leaderboard: every metric of every entry and its cost, then the floor; None without entries."""
    found = counts.ordered(scores, dataset)
    first = counts.ranked_by(scores, dataset)
    chosen = [m for m in dict.fromkeys([first, *METRICS]) if any(_values(scores, e, m).size for e in found)]
    if not found:
        return None
    rows = [entry_row(scores, dataset, e, chosen) for e in found]
    rows.append({"remedy": FLOOR, **floor_row(scores, dataset, chosen)})
    frame, caption = last(pd.DataFrame(rows), ["seeds", "diverged"]), LEADERBOARD + rarities(scores, dataset)
    title = f"Leaderboard: {ask.title(scores, dataset)}"
    return Table(f"leaderboard_{dataset}", title, caption, frame, [*found, None], HEADINGS)


def rarities(scores: Scores, dataset: str) -> str:
    """A sentence for captions on what a count means where combinations differ in probability; empty elsewhere."""
    if not ask.floor(scores, dataset, RARE).size:
        return ""
    return RARITIES.format(floor=number(counts.real(scores, dataset, RECOGNISED)), n=N_MODES)


def significance(scores: Scores, dataset: str) -> Table | None:
    """Differences to the plain GAN in every ranked metric; None without two runs of it and of a remedy."""
    beside = {metric: against.compared(scores, dataset, metric) for metric in RANKED}
    found = [e for e in counts.ordered(scores, dataset) if any(e.label in of for of in beside.values())]
    if not found:
        return None
    rows = []
    for e in found:
        row: dict[str, object] = {"remedy": e.label}
        for metric, of in beside.items():
            if of:
                one = of.get(e.label)
                words = against.WORDS if metric in COUNTS else HIGHER
                row |= columns(f"{metric}_difference", one.difference if one else against.NOTHING)
                row |= {f"{metric}_verdict": words[one.direction] if one else NONE}
                row |= {f"{metric}_adjusted_p": one.p if one else np.nan}
        rows.append(row)
    title = f"Against the plain GAN: {ask.title(scores, dataset)}"
    return Table(f"significance_{dataset}", title, SIGNIFICANCE, pd.DataFrame(rows), found, HEADINGS)


def _values(scores: Scores, entry: Entry, metric: str) -> ask.Values:
    return ask.values(scores, entry.experiment, entry.arm, metric)
