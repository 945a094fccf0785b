"""The leaderboard of a dataset: the scores of every entry, the floor, published values and the cost of a step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from modescope.formatting import NONE, number
from modescope.seeding import stream
from modescope.statistics import bootstrap_mean, floor_summary, widened, wilson
from modescope.store.runs import Scores
from modescope.studies import Figure, Table
from modescope.studies.common import against, leaderboards
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, cost, entries
from modescope.studies.common.entries import plain as plain_of
from modescope.studies.common.tables import FLOOR, columns, floor_row, last
from modescope.studies.modes import published

METRICS = ["modes_covered", "modes_resolved", "modes_hit", "high_quality_fraction", "mode_kl", "kl_qp", "sliced_w2"]
WITHOUT_MODES = ["coverage", "kl_qp", "kl_qp_smoothed", "sliced_w2"]
CAPTION = (
    "Means over seeds with 95 % bootstrap intervals; diverged runs are counted but left out of the means. median: over "
    "seeds, with the lowest and the highest seed in brackets. success: "
    "share of all seeds, diverged ones included, that cover every mode, with its Wilson interval. cost: multiply-adds "
    "of a training step relative to the plain GAN’s; element-wise work, such as the kernels of gmn, is not counted. "
    f"“{FLOOR}”: real points scored as if they were generated, mean over repeats with the 5th and 95th percentile. "
    "Rows are in the order of params.yaml, not ranked: compare the intervals."
)
PUBLISHED_CAPTION = (
    " Rows “published” repeat the numbers of a paper whose protocol this table follows: the mean, with a normal 95 % "
    "interval from the printed standard error, or from the printed deviation over runs. The header of params.yaml says "
    "how long these runs trained and what else differs."
)
INFINITE = (
    " The latent has one dimension. If the data have two, the true KL is infinite; its estimate is finite only because "
    "the sample is."
)
RANKED = {
    "modes_covered": "higher is better",
    "modes_resolved": "higher is better",
    "high_quality_fraction": "higher is better",
    "mode_kl": "nats, lower is better",
    "sliced_w2": "data units, lower is better",
    "coverage": "higher is better",
    "kl_qp_smoothed": "nats, lower is better",
}
MOST_RANKED = 4
FIRST = ("remedy", "modes_covered", "modes_resolved", "against_gan", "beats_gan", "success", "cost")
QUALITY, BOUNDS = "high_quality_fraction", ("", "_low", "_high")
COMPARED = f"against gan: whether a remedy covers significantly more or fewer modes than the plain GAN, {against.HOW}"
BEATS = (
    " beats gan: how likely a run of the remedy covers more modes than a run of the plain GAN, ties counted by half, "
    "with its 95 % bootstrap interval; 0.5 is no difference."
)
HEADLINE = (
    f"Means over seeds with 95 % bootstrap intervals. {COMPARED} cost: multiply-adds of a training step "
    "relative to the plain GAN’s; element-wise work, such as the kernels of gmn, is not counted. "
    f"“{FLOOR}”: what a perfect generator scores, with the 5th and 95th percentile."
)


def table(scores: Scores, dataset: str) -> Table | None:
    """One row per entry, then the floor, then published values of the same protocol; None without entries."""
    found = _measured(scores, dataset)
    if not found:
        return None
    with_modes = ask.floor(scores, dataset, METRICS[0]).size > 0
    chosen = [m for m in (METRICS if with_modes else WITHOUT_MODES) if ask.floor(scores, dataset, m).size]
    beside = against.compared(scores, dataset, METRICS[0]) if with_modes else {}
    rows = [{"remedy": entry.label, **_row(scores, dataset, entry, chosen, beside)} for entry in found]
    success = {"success": _success_of_the_floor(scores, dataset)} if with_modes else {}
    rows.append({"remedy": FLOOR, **floor_row(scores, dataset, chosen), **success})
    rows += published.rows(scores.published.get(dataset))
    caption = CAPTION + (f" {COMPARED}{BEATS}" if beside else "")
    caption += PUBLISHED_CAPTION if dataset in scores.published else ""
    if any(scores.settings[e.experiment].get("latent_dim") == 1 for e in found):
        caption += INFINITE
    frame = last(pd.DataFrame(rows), ["seeds", "diverged"])
    first = [c for c in frame if str(c).startswith(FIRST)]  # most important first, to be visible on a narrow screen
    frame = frame[first + [c for c in frame if c not in first]]
    return Table(f"leaderboard_{dataset}", f"Leaderboard: {ask.title(scores, dataset)}", caption, frame)


def _measured(scores: Scores, dataset: str) -> list[Entry]:
    """The entries that generate samples, including those whose runs all diverged."""

    def there(entry: Entry) -> bool:
        of_samples = (METRICS[0], WITHOUT_MODES[0])
        scored = any(ask.values(scores, entry.experiment, entry.arm, metric).size for metric in of_samples)
        return scored or ask.n_diverged(scores, entry.experiment, entry.arm) > 0

    return [entry for entry in entries(scores, dataset) if there(entry)]


def _success_of_the_floor(scores: Scores, dataset: str) -> float:
    return floor_summary(ask.floor(scores, dataset, "all_modes_covered")).mean


def _row(
    scores: Scores, dataset: str, entry: Entry, chosen: list[str], beside: Mapping[str, against.Against]
) -> dict[str, object]:
    row: dict[str, object] = {}
    for metric in chosen:
        row |= columns(metric, ask.mean(scores, entry.experiment, entry.arm, metric))
        if metric == METRICS[0]:
            row |= columns(
                f"{metric}_median", leaderboards.spread(ask.values(scores, entry.experiment, entry.arm, metric))
            )
            row |= against.columns(beside, entry.label)
    diverged = ask.n_diverged(scores, entry.experiment, entry.arm)
    if METRICS[0] in chosen:
        covered = ask.values(scores, entry.experiment, entry.arm, "all_modes_covered")
        row |= columns("success", wilson(int(covered.sum()), covered.size + diverged))
    row["cost"] = cost(scores, dataset, entry)
    return row | {"seeds": ask.n_scored(scores, entry.experiment, entry.arm), "diverged": diverged}


def figure(scores: Scores, dataset: str) -> Figure | None:
    """The leaderboard as a picture: up to four metrics, one row per entry; None for fewer than two entries."""
    found = _measured(scores, dataset)
    if len(found) < 2:
        return None
    measured = [m for m in RANKED if ask.floor(scores, dataset, m).size][:MOST_RANKED]
    heading = f"Every remedy on {ask.title(scores, dataset)}"
    picture = leaderboards.ranking(scores, dataset, found, {m: RANKED[m] for m in measured}, heading)
    spoken = leaderboards.spoken(scores, found, measured[0])
    alt = f"{heading}, mean {measured[0]}: {spoken}."
    return Figure(
        f"{dataset}_ranking", heading, leaderboards.CAPTION, alt, picture, None, sorted({e.experiment for e in found})
    )


def headline(scores: Scores, datasets: list[str]) -> Table | None:
    """What every remedy buys on each dataset with modes and a plain GAN, and what its steps cost.

    None for fewer than two remedies.
    """
    compared = [d for d in datasets if plain_of(scores, d) and ask.floor(scores, d, METRICS[0]).size]
    found = {dataset: {e.label: e for e in _measured(scores, dataset)} for dataset in compared}
    labels = list(dict.fromkeys(label for entries_of in found.values() for label in entries_of))
    if len(labels) < 2:
        return None
    beside = {dataset: against.compared(scores, dataset, METRICS[0]) for dataset in compared}
    rows: list[dict[str, object]] = []
    for label in labels:
        there = {d: found[d][label] for d in compared if label in found[d]}
        row: dict[str, object] = {"remedy": label, "cost": next(cost(scores, d, e) for d, e in there.items())}
        for dataset in compared:
            entry = found[dataset].get(label)
            row |= _bought(scores, dataset, entry, METRICS[0])
            row[f"against_gan_{dataset}"] = against.words(beside[dataset], label)
            row |= _bought(scores, dataset, entry, QUALITY)
        rows.append(row | {"diverged": sum(ask.n_diverged(scores, e.experiment, e.arm) for e in there.values())})
    floor: dict[str, object] = {"remedy": FLOOR}
    for dataset in compared:
        of_floor = floor_row(scores, dataset, [METRICS[0], QUALITY])
        floor |= {f"{m}_{dataset}{end}": of_floor[f"{m}{end}"] for m in (METRICS[0], QUALITY) for end in BOUNDS}
        floor[f"against_gan_{dataset}"] = NONE
    frame = last(pd.DataFrame([*rows, floor]), ["diverged"])
    return Table("headline", "What each remedy buys, and what it costs", HEADLINE, frame)


def _bought(scores: Scores, dataset: str, entry: Entry | None, metric: str) -> dict[str, float]:
    """A metric of an entry, in columns named after the dataset; NaN without an entry."""
    name = f"{metric}_{dataset}"
    if entry is None:
        return dict.fromkeys([f"{name}{end}" for end in BOUNDS], np.nan)
    return columns(name, ask.mean(scores, entry.experiment, entry.arm, metric))


def answer(scores: Scores, dataset: str) -> str:
    """How the remedies differ from the plain GAN in modes covered; empty without a plain GAN."""
    plain = plain_of(scores, dataset)
    floor = ask.floor(scores, dataset, METRICS[0])
    if plain is None or not floor.size or len(entries(scores, dataset)) < 2:
        return ""
    found = against.compared(scores, dataset, METRICS[0])
    values = ask.values(scores, plain.experiment, plain.arm, METRICS[0])
    mean = widened(bootstrap_mean(values, stream("answer", dataset)), values)
    words = (
        f"{ask.title(scores, dataset)}: the plain GAN covers {number(mean.value)} [{number(mean.low)}, "
        f"{number(mean.high)}] of "
        f"{number(float(floor.max()))} modes."
    )
    return " ".join([words, *against.told(found)])
