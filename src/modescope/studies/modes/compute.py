"""Remedies at equal compute: against the plain GAN trained longer, read when it has spent as many multiply-adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from modescope.figures import curves
from modescope.formatting import NONE, estimate, in_letters, listing, number, sentence, series
from modescope.statistics import widened
from modescope.store.runs import Scores
from modescope.studies import Figure, Table
from modescope.studies.common import against
from modescope.studies.common import scores as ask
from modescope.studies.common.against import WORDS, Against
from modescope.studies.common.courses import COVERED, curve, n_points
from modescope.studies.common.entries import Entry, cost, entries, longer, plain
from modescope.studies.common.leaderboards import ordered
from modescope.studies.common.tables import columns
from modescope.studies.modes.progress import n_modes_of

STEPS, COMPUTE = "equal_steps", "equal_compute"
HEADINGS = {
    "remedy": "Remedy",
    "cost": "Cost of a step",
    "difference_at_equal_steps": "Difference at equal steps",
    STEPS: "At equal steps",
    "difference_at_equal_compute": "Difference at equal compute",
    COMPUTE: "At equal compute",
    "plain_gan_steps": "Steps of the plain GAN",
}
HELPS = {  # (more at equal steps, more at equal compute) -> how a sentence begins
    (True, True): "Significantly more modes at equal steps and at equal compute",
    (True, False): "at equal steps only",
    (False, True): "at equal compute only",
}
BESIDE = (
    " At equal compute: the same against the plain GAN trained for as many multiply-adds as the remedy. A remedy helps "
    "if it covers more modes both ways."
)


@dataclass(frozen=True)
class Comparison:
    """A remedy against the plain GAN that has spent as many multiply-adds."""

    entry: Entry
    cost: float  # of a step, relative to the plain GAN's
    steps: int  # of the plain GAN, when it was counted
    found: Against


def comparisons(scores: Scores, dataset: str) -> list[Comparison]:
    """Every remedy of at least two runs whose compute the longer training of the plain GAN reaches.

    In the order of params.yaml, adjusted for their number; empty without such a training.
    """
    base, yardstick = plain(scores, dataset), longer(scores, dataset)
    if base is None or yardstick is None:
        return []
    planned, _ = ask.course(scores, base.experiment, base.arm, COVERED)
    taken, counts = ask.course(scores, yardstick.experiment, yardstick.arm, COVERED)
    read: list[tuple[Entry, float, int]] = []
    pairs = []
    for entry in entries(scores, dataset):
        values, price = ask.values(scores, entry.experiment, entry.arm, COVERED), cost(scores, dataset, entry)
        after = np.flatnonzero(taken >= price * planned[-1]) if planned.size else np.empty(0, np.intp)
        if entry != base and values.size > 1 and after.size:
            # At the plain GAN's own cost the leaderboard's runs are the yardstick, which are more and scored on more.
            itself = ask.values(scores, base.experiment, base.arm, COVERED)
            then = itself if price == 1 else counts[:, after[0]]
            read.append((entry, price, int(planned[-1] if price == 1 else taken[after[0]])))
            pairs.append((tuple(values.tolist()), tuple(then[np.isfinite(then)].tolist())))
    found = against.family(f"{dataset}, {COMPUTE}", tuple(pairs))
    return [Comparison(*one, result) for one, result in zip(read, found, strict=True)]


def table(scores: Scores, dataset: str) -> Table | None:
    """Differences to the plain GAN at equal steps and at equal compute, side by side; None without a longer GAN."""
    found, base = comparisons(scores, dataset), plain(scores, dataset)
    yardstick = longer(scores, dataset)
    if not found or base is None or yardstick is None:
        return None
    at_steps = against.compared(scores, dataset, COVERED)
    rows: list[dict[str, object]] = []
    for one in _ordered(scores, found):
        label = one.entry.label
        at_equal_steps = at_steps[label].difference if label in at_steps else against.NOTHING
        rows.append(
            {"remedy": label, "cost": one.cost}
            | columns(COVERED, ask.mean(scores, one.entry.experiment, one.entry.arm, COVERED))
            | columns("difference_at_equal_steps", at_equal_steps)
            | {STEPS: against.words(at_steps, label)}
            | columns("difference_at_equal_compute", one.found.difference)
            | {COMPUTE: WORDS[one.found.direction], "plain_gan_steps": one.steps}
        )
    caption = (
        "Modes covered by a remedy less those covered by the plain GAN, with Welch’s 95 % interval. At equal steps: "
        "both after the steps of the leaderboard. At equal compute: the plain GAN in another, longer training, after "
        "so many steps (last column) that it has spent at least as many multiply-adds as the remedy; at a cost of 1, "
        "the plain GAN of the leaderboard. Verdicts as in the "
        "leaderboard, adjusted in each column for the number of remedies; intervals are not adjusted. The plain GAN is "
        f"counted on {n_points(scores, yardstick):,} points, remedies on those of the final score; at the end of the "
        f"longer training the two counts of the same runs differ by {number(_noise(scores, yardstick))} modes on "
        "average. A remedy helps if it covers more modes both ways."
    )
    title = f"At equal compute: {ask.title(scores, dataset)}"
    whose = [one.entry for one in _ordered(scores, found)]
    return Table(f"{COMPUTE}_{dataset}", title, caption, pd.DataFrame(rows), whose, HEADINGS)


def _ordered(scores: Scores, found: Sequence[Comparison]) -> list[Comparison]:
    """By the mean of modes covered, the best first."""
    by_label = {one.entry.label: one for one in found}
    return [by_label[e.label] for e in ordered(scores, [one.entry for one in found], COVERED)]


def _noise(scores: Scores, yardstick: Entry) -> float:
    """Mean absolute difference between the last snapshot's count and the final score's, over seeds."""
    _, counts = ask.course(scores, yardstick.experiment, yardstick.arm, COVERED)
    last = counts[np.isfinite(counts[:, -1]), -1]
    final = ask.values(scores, yardstick.experiment, yardstick.arm, COVERED)
    return float(np.abs(last - final).mean()) if last.shape == final.shape else np.nan


def answer(scores: Scores, dataset: str) -> str:
    """Which remedies cover more modes at equal steps, at equal compute, or both; empty without a longer GAN."""
    found, yardstick, base = comparisons(scores, dataset), longer(scores, dataset), plain(scores, dataset)
    if not found or yardstick is None or base is None:
        return ""
    more = {label for label, one in against.compared(scores, dataset, COVERED).items() if one.direction == "more"}
    how = {one.entry.title: (one.entry.label in more, one.found.direction == "more") for one in _ordered(scores, found)}
    parts = [
        f"{words}: {series([x for x in how if how[x] == key])}" for key, words in HELPS.items() if key in how.values()
    ]
    if (True, True) not in how.values():
        parts.insert(0, "No remedy covers significantly more modes both at equal steps and at equal compute")
    times = scores.settings[yardstick.experiment]["steps"] / scores.settings[base.experiment]["steps"]
    arm = (yardstick.experiment, yardstick.arm, COVERED)
    mean = widened(ask.mean(scores, *arm), ask.values(scores, *arm))
    told = ". ".join(sentence(part) for part in parts)
    return (
        f"{ask.title(scores, dataset)}, equal compute: after {number(times)} times the steps the plain GAN covers "
        f"{estimate(mean)} modes. {told}."
    )


def beside(scores: Scores, headline: Table | None) -> Table | None:
    """The headline table with a column more for each dataset with a longer training of the plain GAN."""
    if headline is None:
        return None
    frame, headings, told = headline.frame, dict(headline.headings), False
    for column in [str(c) for c in frame if str(c).startswith("against_gan_")]:
        dataset = column.removeprefix("against_gan_")
        verdicts = {one.entry.label: WORDS[one.found.direction] for one in comparisons(scores, dataset)}
        if verdicts:
            at = frame.columns.get_loc(column)
            assert isinstance(at, int)
            told, frame = True, frame.copy()
            headings[f"{COMPUTE}_{dataset}"] = f"{HEADINGS[COMPUTE]}: {ask.title(scores, dataset)}"
            frame.insert(at + 1, f"{COMPUTE}_{dataset}", frame["remedy"].map(verdicts).fillna(NONE))
    return replace(headline, frame=frame, headings=headings, caption=headline.caption + BESIDE) if told else headline


def figure(scores: Scores, dataset: str) -> Figure | None:
    """One small chart per remedy against compute, with the plain GAN trained longer in grey; None without it."""
    yardstick, base = longer(scores, dataset), plain(scores, dataset)
    compared = comparisons(scores, dataset)
    found = [one for one in _ordered(scores, compared) if _seen(scores, one.entry)]
    if not found or yardstick is None or base is None:
        return None
    length = int(ask.course(scores, base.experiment, base.arm, COVERED)[0][-1])
    charts = [_spent(scores, one.entry, one.cost / length) for one in found]
    reference = replace(_spent(scores, yardstick, 1 / length), name="plain GAN, trained longer")
    heading, n_modes = f"{ask.title(scores, dataset)}: modes covered against compute", n_modes_of(scores, dataset)
    picture, _ = curves.small_multiples(
        charts, heading, x_title="compute", y_title="modes covered", reference=reference, x_log=True,
        maximum=("all modes", n_modes),
    )  # fmt: skip
    caption = (
        "Line: modes covered, mean over seeds; band: lowest to highest seed; grey: the plain GAN trained longer. "
        "Compute: multiply-adds spent, 1 for the whole training of the plain GAN in the leaderboard; logarithmic. "
        "Where a line lies above the grey one, the remedy is worth its price. Remedies are counted on "
        f"{n_points(scores, found[0].entry):,} points, the plain GAN on {n_points(scores, yardstick):,}."
    )
    ends = [
        f"{one.entry.title} {number(float(c.mean[-1]))} at {number(one.cost)}"
        for one, c in zip(found, charts, strict=True)
    ]
    alt = f"{heading}: at the end, and compute spent, {listing(ends)}; of {n_modes:g} modes."
    shown = sorted({one.entry.experiment for one in found} | {yardstick.experiment})
    finding = _finding(scores, dataset, compared, base, yardstick)
    return Figure(f"{dataset}_compute", heading, caption, alt, picture, None, shown, finding)


def _finding(scores: Scores, dataset: str, compared: Sequence[Comparison], base: Entry, yardstick: Entry) -> str:
    """What the longer training buys the plain GAN, and how many remedies keep more at equal compute."""
    before, after = (ask.mean(scores, e.experiment, e.arm, COVERED) for e in (base, yardstick))
    directions = [one.found.direction for one in compared if not one.entry.averaged]  # averages are no remedies
    more, n = directions.count("more"), len(directions)
    if not (before.n and after.n and n):
        return ""
    times = scores.settings[yardstick.experiment]["steps"] / scores.settings[base.experiment]["steps"]
    how_often = in_letters(int(times)) if times == int(times) else number(times)
    who = f"{in_letters(more) if more else 'none'} of {in_letters(n)} remedies" if n > 1 else "the one remedy compared"
    keeps = "keep" if more > 1 else "keeps" if more or n > 1 else "does not keep"
    return (
        f"{ask.title(scores, dataset)}: {how_often} times the steps take the plain GAN from {number(before.value)} to "
        f"{number(after.value)} of {n_modes_of(scores, dataset):g} modes; {who} {keeps} significantly more at equal "
        "compute"
    )


def _seen(scores: Scores, entry: Entry) -> bool:
    return ask.course(scores, entry.experiment, entry.arm, COVERED)[0].size > 1


def _spent(scores: Scores, entry: Entry, a_step: float) -> curves.Curve:
    """An entry's curve against compute, without the untrained networks."""
    found = curve(scores, entry, COVERED)
    trained = found.steps > 0
    return curves.Curve(
        found.name, a_step * found.steps[trained], found.mean[trained], found.low[trained], found.high[trained]
    )
