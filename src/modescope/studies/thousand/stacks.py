"""Generated stacks of digits: those of every remedy beside real ones, and one remedy beside the plain GAN in motion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from modescope.figures import frames
from modescope.formatting import listing, number
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.common import pictures
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, plain
from modescope.studies.thousand import counts
from modescope.studies.thousand.counts import SHARE

ROWS, COLUMNS = 4, 5  # of the stacks of an entry
APART, PARTS = 6, ("stack", "red", "green", "blue")  # stacks that are shown with their channels; names of the rows
READING = "Colours: the three digits of a stack are the red, the green and the blue of one picture"


def every(runs: Mapping[str, Runs], scores: Scores, dataset: str) -> Figure | None:
    """A panel of real stacks, then one for every entry; None without entries that generate enough."""
    found, sheets, zoom = list[Entry](), list[frames.Sheet](), 1
    for e in counts.ordered(scores, dataset):
        of = runs[e.experiment]  # asked for once, since the runs of all entries are too many to keep
        if of.samples.shape[1] >= ROWS * COLUMNS:
            sheets += [pictures.real(of, ROWS, COLUMNS)] if not sheets else []
            sheets.append(pictures.generated(of, e, ROWS, COLUMNS))
            found, zoom = [*found, e], _zoom(of)
    if not found:
        return None
    heading = f"{ask.title(scores, dataset)}: generated stacks"
    caption = (
        f"First panel: real test stacks. Other panels: unselected stacks that each entry generates after training, one "
        f"seed each, the first that did not diverge. {READING}, as papers draw Stacked MNIST. Look for three digits "
        "that one could name in each stack."
    )
    picture = frames.still(sheets, heading, zoom)
    alt = f"{heading}. Share of stacks recognised with confidence: {_shares(scores, dataset, found)}."
    shown = sorted({e.experiment for e in found})
    return Figure(f"{dataset}_stacks", heading, caption, alt, picture, None, shown, _finding(scores, dataset, found))


def beside(runs: Mapping[str, Runs], scores: Scores, dataset: str) -> Figure | None:
    """The plain GAN and the remedy with the highest strict count, while they train; None without both."""
    base, remedy = plain(scores, dataset), counts.best(scores, dataset)
    if base is None or remedy is None or not counts.counted(scores, base):
        return None
    found = [base, remedy]
    if any(runs[e.experiment].samples.shape[1] < APART for e in found):
        return None
    count, plainly = (number(ask.mean(scores, e.experiment, e.arm, counts.CONFIDENT).value) for e in (remedy, base))
    finding = f"{ask.title(scores, dataset)}: with confidence {remedy.title} shows {count} of {counts.N_MODES:,} "
    finding += f"combinations, the plain GAN {plainly}"
    heading = f"{ask.title(scores, dataset)}: stacks of the plain GAN and of {remedy.title}"
    zoom = _zoom(runs[base.experiment])
    still = [_apart(sheet) for sheet in pictures.sheets(runs, found, 1, APART)]
    moving, steps = pictures.moving(runs, found, 1, APART)
    gif = frames.animate([_apart(sheet) for sheet in moving], steps, heading, zoom).gif if len(steps) > 1 else None
    caption = (
        "Left: real test stacks. Then the plain GAN, and of the remedies the one with the highest strict count on "
        f"average, one seed each. Top row: stacks. {READING}; the rows below show each of them alone. The still "
        "shows fresh stacks after training; the animation follows the same latent points from the first step to the "
        "last."
    )
    alt = f"{finding}. Share of stacks recognised with confidence: "
    alt += f"{_shares(scores, dataset, found)}."
    picture = frames.still(still, heading, zoom)
    shown = sorted({e.experiment for e in found})
    return Figure(f"{dataset}_beside", heading, caption, alt, picture, gif, shown, finding)


def _apart(sheet: frames.Sheet) -> frames.Sheet:
    """One row of stacks (..., 1, columns, 3, side, side), and below it the digit of each channel in grey."""
    channels = np.moveaxis(sheet.images, -3, 0)[..., None, :, :]  # (3, ..., 1, columns, 1, side, side)
    alone = np.repeat(channels, 3, axis=-3)
    return frames.Sheet(sheet.title, np.concatenate([sheet.images, *alone], axis=-5), PARTS)


def _finding(scores: Scores, dataset: str, found: Sequence[Entry]) -> str:
    """How many stacks show three digits at best; empty where that was not measured."""
    shares = [(ask.mean(scores, e.experiment, e.arm, SHARE).value, e) for e in found if _measured(scores, e)]
    floor, title = counts.real(scores, dataset, SHARE), ask.title(scores, dataset)
    if not shares or not floor > 0:
        return ""
    most, best = max(shares, key=lambda one: one[0])
    if most == 0:
        return f"{title}: no generated stack can be read with confidence; of real ones {_percent(floor)}"
    return (
        f"{title}: on average at most {_percent(most)} of generated stacks can be read with confidence "
        f"({best.title}); of real ones {_percent(floor)}"
    )


def _shares(scores: Scores, dataset: str, found: Sequence[Entry]) -> str:
    """The share of stacks that are recognised with confidence in words, of every entry and of real stacks."""
    words = [f"{e.title} {number(ask.mean(scores, e.experiment, e.arm, SHARE).value)}" for e in found]
    return f"{listing(words)}; real {number(counts.real(scores, dataset, SHARE))}"


def _measured(scores: Scores, entry: Entry) -> bool:
    return ask.values(scores, entry.experiment, entry.arm, SHARE).size > 0


def _percent(share: float) -> str:
    return f"{number(100 * share)} %"


def _zoom(runs: Runs) -> int:
    """Layout pixels per image pixel: digits of 8 x 8 pixels are enlarged more than those of 28 x 28."""
    side: int = runs.real.shape[-1]
    return max(1, 36 // side)
