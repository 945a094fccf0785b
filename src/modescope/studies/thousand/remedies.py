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
from modescope.studies.common.entries import PLAIN, Entry, cost, plain
from modescope.studies.common.tables import FLOOR, columns, floor_row, last
from modescope.studies.thousand import counts
from modescope.studies.thousand.counts import CONFIDENT, KL, METRICS, N_MODES, RARE, RECOGNISED, SHARE

RANKED = {  # metric -> title of its column and the words below its axis
    RECOGNISED: ("modes recognised", "of 1,000, by the papers’ count"),
    CONFIDENT: ("modes with confidence", "of 1,000, by the strict count"),
    KL: ("mode KL", "nats, lower is better"),
    SHARE: ("share with confidence", "of the stacks, higher is better"),
}
COUNTS: dict[str, str] = {  # metric -> how a sentence speaks of its count
    RECOGNISED: "by the papers’ count",
    CONFIDENT: "counting only stacks that are recognised with confidence",
}
HIGHER: Mapping[against.Direction, str] = {  # for metrics that are no counts
    "more": "significantly higher",
    "fewer": "significantly lower",
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
    "cost: multiply-adds of a training step relative to the plain GAN’s; element-wise work is not counted. "
    f"“{FLOOR}”: real test stacks scored as if they were generated, mean over repeats with the 5th and 95th "
    "percentile. Rows are in the order of params.yaml, not ranked: compare the intervals."
)
SIGNIFICANCE = (
    "Each remedy’s mean minus the plain GAN’s, with Welch’s 95 % interval, which is not adjusted; whether it differs "
    f"significantly, {against.HOW} Each metric is a family of its own."
)


def figure(scores: Scores, dataset: str) -> Figure | None:
    """The ranking: one row per entry, one column per metric; None for fewer than two entries."""
    found = counts.compared(scores, dataset)
    shown = {m: words for m, (_, words) in RANKED.items() if any(_values(scores, e, m).size for e in found)}
    if len(found) < 2 or RECOGNISED not in shown:
        return None
    heading, metric = _finding(scores, dataset), _ranked_by(scores, dataset)
    picture = leaderboards.ranking(scores, dataset, found, shown, heading, labels={m: RANKED[m][0] for m in shown})
    words = HIGHER if metric == KL else against.WORDS
    verdicts = " ".join(against.told(against.compared(scores, dataset, metric), words))
    beside = f" Against the plain GAN, {RANKED[metric][0]}: {verdicts}" if verdicts else ""
    beside = rarities(scores, dataset) + beside
    spoken = [f"mean {RANKED[m][0]}: {leaderboards.spoken(scores, found, m)}" for m in shown]
    return Figure(
        f"{dataset}_ranking", heading, f"{leaderboards.CAPTION} {COUNTING.strip()}{beside}",
        f"{heading}. Every remedy, {'; '.join(spoken)}.", picture, None, sorted({e.experiment for e in found}),
    )  # fmt: skip


def _ranked_by(scores: Scores, dataset: str) -> str:
    """The metric of the verdicts: the papers' count, or mode KL where a higher count is no merit."""
    return KL if ask.floor(scores, dataset, RARE).size else RECOGNISED


def _finding(scores: Scores, dataset: str) -> str:
    """What the plain GAN shows and how many remedies differ, as a heading; without one, what is compared."""
    base, metric = plain(scores, dataset), _ranked_by(scores, dataset)
    if base is None or not _values(scores, base, metric).size:
        return f"{ask.title(scores, dataset)}: combinations that each variant shows"
    mean = number(ask.mean(scores, base.experiment, base.arm, metric).value)
    averaged = {e.label for e in counts.compared(scores, dataset) if e.averaged}  # no remedies of their own
    found = against.compared(scores, dataset, metric).items()
    verdicts = [one.direction for label, one in found if label not in averaged]
    more, fewer = verdicts.count("more"), verdicts.count("fewer")
    if metric == KL:
        shows = f"the plain GAN’s mode KL is {mean} nats"
        remedies = _many(fewer, "nearer to the true shares", more, "farther")
    else:
        shows = f"the plain GAN shows {mean} of {N_MODES:,} combinations"
        remedies = _many(more, "more", fewer, "fewer")
    return f"{ask.title(scores, dataset)}: {shows}{remedies if verdicts else ''}"


def _many(better: int, how: str, worse: int, otherwise: str) -> str:
    """How many remedies are significantly better and worse, as the rest of a sentence."""
    first = {0: "no remedy", 1: "1 remedy"}.get(better, f"{better} remedies")
    return f", {first} significantly {how}, {worse or 'none'} significantly {otherwise}"


def answer(scores: Scores, dataset: str) -> list[str]:
    """What the plain GAN shows and which remedies differ, by both counts; then how many stacks can be read at all.

    Where combinations differ in probability, a higher count is no merit: there mode KL takes the place of the first.
    """
    found, title = counts.compared(scores, dataset), ask.title(scores, dataset)
    unequal = ask.floor(scores, dataset, RARE).size > 0
    told = [_divergence(scores, dataset) if unequal else _count(scores, dataset, RECOGNISED)]
    told.append(_count(scores, dataset, CONFIDENT))
    told.append(_readable(scores, dataset, found))
    gone = [e.label for e in found if counts.lost(scores, e)]
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
    verdicts = against.told(against.compared(scores, dataset, metric))
    return " ".join([f"{ask.title(scores, dataset)}, {COUNTS[metric]}: {shows}{beside}.", *verdicts])


def _readable(scores: Scores, dataset: str, found: Sequence[Entry]) -> str:
    """The highest mean share of stacks that are recognised with confidence, the plain GAN's and that of real stacks."""
    means = {e.label: float(_values(scores, e, SHARE).mean()) for e in found if _values(scores, e, SHARE).size}
    if not means:
        return ""
    highest, floor = max(means, key=lambda label: means[label]), counts.real(scores, dataset, SHARE)
    plainly = [f"{number(means[PLAIN])} for the plain GAN"] if PLAIN in means and highest != PLAIN else []
    best = f"{number(means[highest])} for {'the plain GAN' if highest == PLAIN else highest}"
    share = listing([*plainly, best + (", the highest mean" if len(means) > 1 else "")])
    beside = "" if np.isnan(floor) else f"; for real stacks it is {number(floor)}"
    return f"{ask.title(scores, dataset)}: the share of stacks that are recognised with confidence is {share}{beside}."


def _divergence(scores: Scores, dataset: str) -> str:
    """The mode KL of the plain GAN, and which remedies have a lower one; empty if that was not measured."""
    base = plain(scores, dataset)
    if base is None or not _values(scores, base, KL).size:
        return ""
    floor = counts.real(scores, dataset, KL)
    beside = "" if np.isnan(floor) else f", that of real stacks {number(floor)}"
    verdicts = against.told(against.compared(scores, dataset, KL), HIGHER)
    is_it = f"the plain GAN’s mode KL is {estimate(counts.mean(scores, base, KL))} nats"
    return " ".join([f"{ask.title(scores, dataset)}, combinations of unequal probability: {is_it}{beside}.", *verdicts])


def table(scores: Scores, dataset: str) -> Table | None:
    """The leaderboard: every metric of every entry and its cost, then the floor; None without entries."""
    found = counts.compared(scores, dataset)
    chosen = [m for m in METRICS if any(_values(scores, e, m).size for e in found)]
    if not found:
        return None
    rows: list[dict[str, object]] = []
    for e in found:
        row: dict[str, object] = {"remedy": e.label}
        for metric in chosen:
            row |= columns(metric, ask.mean(scores, e.experiment, e.arm, metric))
        counted = {"seeds": ask.n_scored(scores, e.experiment, e.arm)}
        diverged = {"diverged": ask.n_diverged(scores, e.experiment, e.arm)}
        rows.append(row | {"cost": cost(scores, dataset, e)} | counted | diverged)
    rows.append({"remedy": FLOOR, **floor_row(scores, dataset, chosen)})
    frame, caption = last(pd.DataFrame(rows), ["seeds", "diverged"]), LEADERBOARD + rarities(scores, dataset)
    return Table(f"leaderboard_{dataset}", f"Leaderboard: {ask.title(scores, dataset)}", caption, frame)


def rarities(scores: Scores, dataset: str) -> str:
    """A sentence for captions on what a count means where combinations differ in probability; empty elsewhere."""
    if not ask.floor(scores, dataset, RARE).size:
        return ""
    return RARITIES.format(floor=number(counts.real(scores, dataset, RECOGNISED)), n=N_MODES)


def significance(scores: Scores, dataset: str) -> Table | None:
    """Differences to the plain GAN in every ranked metric; None without two runs of it and of a remedy."""
    beside = {metric: against.compared(scores, dataset, metric) for metric in RANKED}
    labels = [e.label for e in counts.compared(scores, dataset) if any(e.label in found for found in beside.values())]
    if not labels:
        return None
    rows = []
    for label in labels:
        row: dict[str, object] = {"remedy": label}
        for metric, found in beside.items():
            if found:
                one = found.get(label)
                words = against.WORDS if metric in COUNTS else HIGHER
                row |= columns(f"{metric}_difference", one.difference if one else against.NOTHING)
                row |= {f"{metric}_verdict": words[one.direction] if one else NONE}
                row |= {f"{metric}_adjusted_p": one.p if one else np.nan}
        rows.append(row)
    title = f"Against the plain GAN: {ask.title(scores, dataset)}"
    return Table(f"significance_{dataset}", title, SIGNIFICANCE, pd.DataFrame(rows))


def _values(scores: Scores, entry: Entry, metric: str) -> ask.Values:
    return ask.values(scores, entry.experiment, entry.arm, metric)
