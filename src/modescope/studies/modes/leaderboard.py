"""The leaderboard of a dataset: the scores of every entry, the floor, published values and the cost of a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from modescope.formatting import NONE, estimate, number
from modescope.seeding import stream
from modescope.statistics import bootstrap_mean, floor_summary, widened, wilson
from modescope.store.runs import Scores
from modescope.studies import Figure, Table
from modescope.studies.common import against, leaderboards
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, cost, entries
from modescope.studies.common.entries import plain as plain_of
from modescope.studies.common.tables import FLOOR, columns, entry_row, floor_row, last
from modescope.studies.modes import published

SEEN = ["modes_covered", "modes_resolved", "modes_hit", "high_quality_fraction"]
METRICS = [*SEEN, "mode_kl", "kl_qp", "sliced_w2", "vendi", "copied_share"]
WITHOUT_MODES = ["coverage", "kl_qp", "kl_qp_smoothed", "sliced_w2", "vendi", "copied_share"]
CAPTION = (
    "Means over seeds with 95 % bootstrap intervals; diverged runs are counted but left out of the means. Median: over "
    "seeds, with the lowest and the highest seed in brackets. Runs that keep every mode: share of all seeds, diverged "
    "ones included, with its Wilson interval. Cost: multiply-adds of a training step relative to the plain GAN’s; "
    "element-wise work, such as the kernels of moment matching, is not counted. "
    f"“{FLOOR}”: real points scored as if they were generated, mean over repeats with the 5th and 95th percentile. "
    "Rows are ordered by the mean of the first metric; neighbours whose intervals overlap may differ by chance alone."
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
RANKED = {  # metric -> title of its column and the words below its axis
    "modes_resolved": ("Modes resolved", "higher is better"),
    "modes_covered": ("Modes covered", "higher is better"),
    "high_quality_fraction": ("High quality", "higher is better"),
    "mode_kl": ("Mode KL", "nats, lower is better"),
    "sliced_w2": ("Sliced W2", "data units, lower is better"),
    "coverage": ("Coverage", "higher is better"),
    "kl_qp_smoothed": ("Smoothed KL", "nats, lower is better"),
}
MOST_RANKED = 4
FIRST = ("remedy", "modes_resolved", "modes_covered", "against_gan", "beats_gan", "success", "cost")
HEADINGS = {
    "remedy": "Remedy",
    "modes_covered_median": "median",
    "against_gan": "Against the plain GAN",
    "beats_gan": "Probability of more modes than the plain GAN",
    "adjusted_p": "adjusted p",
    "success": "Runs that keep every mode",
    "cost": "Cost of a step",
}
QUALITY, BOUNDS = "high_quality_fraction", ("", "_low", "_high")
COMPARED = f"Against the plain GAN: whether a remedy covers significantly more or fewer modes, {against.HOW}"
BEATS = (
    " Probability of more modes: how likely a run of the remedy covers more than a run of the plain GAN, ties counted "
    "by half, with its 95 % bootstrap interval; 0.5 is no difference."
)
HEADLINE = (
    f"Means over seeds with 95 % bootstrap intervals. {COMPARED} Cost: multiply-adds of a training step "
    "relative to the plain GAN’s; element-wise work, such as the kernels of moment matching, is not counted. "
    f"“{FLOOR}”: what a perfect generator scores, with the 5th and 95th percentile. Rows are ordered by the share of "
    "the modes that they cover, mean over datasets."
)


def table(scores: Scores, dataset: str) -> Table | None:
    """One row per entry, the best first, then the floor, then published values of the same protocol.

    None without entries.
    """
    found = _measured(scores, dataset)
    if not found:
        return None
    with_modes = ask.floor(scores, dataset, METRICS[0]).size > 0
    chosen = [m for m in (METRICS if with_modes else WITHOUT_MODES) if ask.floor(scores, dataset, m).size]
    beside = against.compared(scores, dataset, METRICS[0]) if with_modes else {}
    rows = [
        entry_row(scores, dataset, entry, chosen)
        | (_of_modes(scores, entry) | against.columns(beside, entry.label) if with_modes else {})
        for entry in found
    ]
    success = {"success": _success_of_the_floor(scores, dataset)} if with_modes else {}
    rows.append({"remedy": FLOOR, **floor_row(scores, dataset, chosen), **success})
    rows += published.rows(scores.published.get(dataset))
    caption = CAPTION + (f" {COMPARED}{BEATS}" if beside else "")
    caption += PUBLISHED_CAPTION if dataset in scores.published else ""
    if any(scores.settings[e.experiment].get("latent_dim") == 1 for e in found):
        caption += INFINITE
    frame = last(pd.DataFrame(rows), ["seeds", "diverged"])
    frame = frame[sorted(frame, key=_place)]
    whose = [*found, *[None] * (len(rows) - len(found))]
    return Table(
        f"leaderboard_{dataset}", f"Leaderboard: {ask.title(scores, dataset)}", caption, frame, whose, HEADINGS
    )


def _place(column: object) -> int:
    """Most important first, to be visible on a narrow screen; the others as they come."""
    return next((i for i, start in enumerate(FIRST) if str(column).startswith(start)), len(FIRST))


def _measured(scores: Scores, dataset: str) -> list[Entry]:
    """The entries that generate samples, the best first, those whose runs all diverged last."""

    def there(entry: Entry) -> bool:
        of_samples = (METRICS[0], WITHOUT_MODES[0])
        scored = any(ask.values(scores, entry.experiment, entry.arm, metric).size for metric in of_samples)
        return scored or ask.n_diverged(scores, entry.experiment, entry.arm) > 0

    measured = [entry for entry in entries(scores, dataset) if there(entry)]
    return leaderboards.ordered(scores, measured, leaderboards.ranked_by(scores, dataset))


def _success_of_the_floor(scores: Scores, dataset: str) -> float:
    return floor_summary(ask.floor(scores, dataset, "all_modes_covered")).mean


def _of_modes(scores: Scores, entry: Entry) -> dict[str, object]:
    """The median count of modes, and how many runs cover them all."""
    covered, every = (
        ask.values(scores, entry.experiment, entry.arm, metric) for metric in (METRICS[0], "all_modes_covered")
    )
    runs = every.size + ask.n_diverged(scores, entry.experiment, entry.arm)
    median = columns(f"{METRICS[0]}_median", leaderboards.spread(covered))
    return {**median, **columns("success", wilson(int(every.sum()), runs))}


def figure(scores: Scores, dataset: str) -> Figure | None:
    """The leaderboard as a picture: up to four metrics, one row per entry; None for fewer than two entries."""
    found = _measured(scores, dataset)
    if len(found) < 2:
        return None
    measured = {m: words for m, words in RANKED.items() if ask.floor(scores, dataset, m).size}
    shown = dict(list(measured.items())[:MOST_RANKED])
    heading = f"{ask.title(scores, dataset)}: every remedy"
    picture = leaderboards.ranking(scores, dataset, found, shown, heading)
    first, (words, _) = next(iter(shown.items()))
    alt = f"{heading}, mean of {words.lower()}: {leaderboards.spoken(scores, found, first)}."
    return Figure(
        f"{dataset}_ranking",
        heading,
        leaderboards.CAPTION,
        alt,
        picture,
        None,
        sorted({e.experiment for e in found}),
        _finding(scores, dataset, found),
    )


def _finding(scores: Scores, dataset: str, found: Sequence[Entry]) -> str:
    """How many remedies keep more modes than the plain GAN; without one, which keeps the most on average."""
    title, beside = ask.title(scores, dataset), against.compared(scores, dataset, METRICS[0])
    if told := against.many(against.of_remedies(beside, found), against.KEEP):
        return f"{title}: {told}"
    metric = leaderboards.ranked_by(scores, dataset)
    means = [ask.mean(scores, e.experiment, e.arm, metric) for e in found]
    means = [mean for mean in means if mean.n]
    if metric == leaderboards.COVERAGE or len(means) < 2 or means[0].value == means[1].value:
        return ""
    n_modes = f"{ask.floor(scores, dataset, metric).max():g}"
    return f"{title}: {found[0].title} keeps the most modes on average, {number(means[0].value)} of {n_modes}"


def headline(scores: Scores, datasets: list[str]) -> Table | None:
    """What every remedy buys on each dataset with modes and a plain GAN, and what its steps cost.

    None for fewer than two remedies.
    """
    compared = [d for d in datasets if plain_of(scores, d) and ask.floor(scores, d, METRICS[0]).size]
    found = {dataset: {e.label: e for e in _measured(scores, dataset)} for dataset in compared}
    labels = dict.fromkeys(label for entries_of in found.values() for label in entries_of)
    if len(labels) < 2:
        return None
    there = {label: {d: found[d][label] for d in compared if label in found[d]} for label in labels}
    there = dict(sorted(there.items(), key=lambda one: _share_lost(scores, one[1])))
    beside = {dataset: against.compared(scores, dataset, METRICS[0]) for dataset in compared}
    rows: list[dict[str, object]] = []
    for label, of in there.items():
        row: dict[str, object] = {"remedy": label, "cost": next(cost(scores, d, e) for d, e in of.items())}
        for dataset in compared:
            row |= _bought(scores, dataset, of.get(dataset), METRICS[0])
            row[f"against_gan_{dataset}"] = against.words(beside[dataset], label)
            row |= _bought(scores, dataset, of.get(dataset), QUALITY)
        rows.append(row | {"diverged": sum(ask.n_diverged(scores, e.experiment, e.arm) for e in of.values())})
    floor: dict[str, object] = {"remedy": FLOOR}
    headings = {name: HEADINGS[name] for name in ("remedy", "cost")}
    for dataset in compared:
        of_floor = floor_row(scores, dataset, [METRICS[0], QUALITY])
        floor |= {f"{m}_{dataset}{end}": of_floor[f"{m}{end}"] for m in (METRICS[0], QUALITY) for end in BOUNDS}
        floor[f"against_gan_{dataset}"] = NONE
        title = ask.title(scores, dataset)
        headings |= {f"{m}_{dataset}": title for m in (METRICS[0], QUALITY)}
        headings[f"against_gan_{dataset}"] = f"{HEADINGS['against_gan']}: {title}"
    frame, whose = last(pd.DataFrame([*rows, floor]), ["diverged"]), [next(iter(of.values())) for of in there.values()]
    return Table("headline", "What each remedy buys, and what it costs", HEADLINE, frame, [*whose, None], headings)


def _share_lost(scores: Scores, of: Mapping[str, Entry]) -> float:
    """The mean share of the modes that an entry (by dataset) does not keep; 1 where all its runs diverged."""
    kept = [
        ask.finite_mean(scores, e.experiment, e.arm, METRICS[0]).value / ask.floor(scores, dataset, METRICS[0]).max()
        for dataset, e in of.items()
    ]
    return float(1 - np.nan_to_num(kept).mean())


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
    title, n_modes = ask.title(scores, dataset), number(float(floor.max()))
    words = f"{title}: the plain GAN covers {estimate(mean)} of {n_modes} modes."
    titles = {e.label: e.title for e in _measured(scores, dataset)}
    return " ".join([words, *against.told(found, titles)])
