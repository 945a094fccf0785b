"""Figures of image data: generated frames, originals over reconstructions, lines between encoded frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from modescope.datasets.junction import Junction
from modescope.figures import frames
from modescope.formatting import listing, number
from modescope.metrics.common.decoder import INVALID, decoder
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry
from modescope.studies.common.planes import even, note, row_of

COLUMNS, ROWS = 6, 3  # of generated frames
PATTERNS, LINES, STEPS = 8, 4, 9  # originals; lines between codes, and frames shown along each
ALONG = 25  # frames of the animation along a line
RECALLS = ("minor_recall", "cells_recall")  # of simulated frames, and of a clip with lanes
Rows = NDArray[np.float32]


def generated(runs: Mapping[str, Runs], scores: Scores, dataset: str, found: Sequence[Entry]) -> Figure | None:
    """Real frames, then those of every entry; animated with the same latent points during training."""
    found = [e for e in found if runs[e.experiment].samples.shape[1] >= COLUMNS * ROWS]
    if not found:
        return None
    first = runs[found[0].experiment]
    n, shape = COLUMNS * ROWS, first.real.shape[1:]
    real = _held_out(first, n).reshape(ROWS, COLUMNS, *shape)
    sheets = [frames.Sheet("real", real)]
    for e in found:
        of = runs[e.experiment]
        row = row_of(of, e.arm)
        sheets.append(frames.Sheet(_title(e, of), of.samples[row][:n].reshape(ROWS, COLUMNS, *shape)))
    heading = f"Frames generated for {ask.title(dataset)}"
    zoom = zoom_of(shape)
    caption = (
        "First sheet: real test frames. Other sheets: unselected frames that each variant generates after training, "
        "one seed each. Look for cars: a variant that lost them only generates empty junctions. The animation follows "
        "the same latent points from the first step to the last."
    )
    alt = f"{heading}{_recalls(scores, found)}."
    return Figure(
        f"{dataset}_frames",
        heading,
        caption,
        alt,
        frames.still(sheets, heading, zoom),
        _training(runs, found, heading, real, zoom),
        sorted({e.experiment for e in found}),
    )


def _training(runs: Mapping[str, Runs], found: Sequence[Entry], heading: str, real: Rows, zoom: int) -> bytes | None:
    n = 2 * COLUMNS
    found = [e for e in found if runs[e.experiment].snapshots.shape[2] >= n]
    if not found:
        return None
    steps = runs[found[0].experiment].snapshot_steps
    same = [e for e in found if np.array_equal(runs[e.experiment].snapshot_steps, steps)]
    keep = even(steps, int(steps[-1]))
    if len(keep) < 2:
        return None
    shape = real.shape[2:]
    sheets = [frames.Sheet("real", np.broadcast_to(real[:2], (len(keep), 2, COLUMNS, *shape)))]
    for e in same:
        of = runs[e.experiment]
        points = of.snapshots[row_of(of, e.arm)][keep][:, :n]
        sheets.append(frames.Sheet(_title(e, of), points.reshape(len(keep), 2, COLUMNS, *shape)))
    return frames.animate(sheets, [int(steps[k]) for k in keep], heading, zoom).gif


def reconstructed(runs: Mapping[str, Runs], scores: Scores, dataset: str, found: Sequence[Entry]) -> Figure | None:
    """One test frame per pattern over its reconstruction by each encoder and generator."""
    found = [e for e in found if "reconstructions" in runs[e.experiment].views]
    if not found:
        return None
    first = runs[found[0].experiment]
    chosen = one_of_each(first)
    rows, names = [first.real[chosen]], ["original"]
    for e in found:
        of = runs[e.experiment]
        rows.append(of.views["reconstructions"][row_of(of, e.arm)][chosen])
        names.append(e.label.removeprefix("bigan_") if len(found) > 1 else "G(E(x))")
    heading = f"{ask.title(dataset)}: originals over their reconstructions"
    caption = (
        "Top: test frames x, one per pattern if patterns are known. Below: their reconstructions G(E(x)), one seed of "
        "each variant with an encoder. Look for cars that are missing or in another lane."
    )
    errors = [
        f"{e.label} {_mean(scores, e, 'error_occupied')} with cars, {_mean(scores, e, 'error_empty')} without"
        for e in found
        if _measured(scores, e, "error_empty")
    ]
    alt = heading + (f". Root mean square error per pixel and channel: {listing(errors)}." if errors else ".")
    title = "test frames"
    if isinstance(first.dataset, Junction):
        read = decoder(first.dataset).decode(first.real[chosen].astype(np.float64))
        title += ": " + ", ".join(first.dataset.pattern_names[k] for k in read)
    sheet = frames.Sheet(title, np.stack(rows), names)
    png = frames.still([sheet], heading, zoom_of(first.real.shape[1:]) + 1)
    return Figure(f"{dataset}_reconstructions", heading, caption, alt, png, None, sorted({e.experiment for e in found}))


def between(runs: Mapping[str, Runs], scores: Scores, dataset: str, found: Sequence[Entry]) -> Figure | None:
    """Frames generated along straight lines from the code of one test frame to that of another."""
    found = [e for e in found if "between" in runs[e.experiment].views]
    if not found:
        return None
    sheets, moving, words = [], [], []
    for e in found:
        of = runs[e.experiment]
        lines = of.views["between"][row_of(of, e.arm)]  # (lines, points, *shape)
        n = len(lines)
        start, end = np.split(_held_out(of, 2 * n), 2)
        # the lines whose ends differ most: most pairs of frames are two empty junctions
        apart = np.abs(start - end).reshape(n, -1).sum(1)
        chosen = np.sort(np.argsort(-apart, kind="stable")[:LINES])
        at = np.linspace(0, lines.shape[1] - 1, STEPS).round().astype(int)
        ends = np.concatenate([start[chosen][:, None], lines[chosen][:, at], end[chosen][:, None]], axis=1)
        sheets.append(frames.Sheet(f"{_title(e, of)}: frame, nine steps, frame", ends))
        if isinstance(of.dataset, Junction):
            read = decoder(of.dataset).decode(lines.reshape(-1, *of.dataset.shape).astype(np.float64))
            words.append(f"{e.label} {number(float(np.mean(read != INVALID)))}")
        along = np.linspace(0, lines.shape[1] - 1, ALONG).round().astype(int)
        moving.append(frames.Sheet(_title(e, of), lines[chosen][:, along].swapaxes(0, 1)[:, None]))
    heading = f"{ask.title(dataset)}: from one encoded frame to another"
    zoom = zoom_of(runs[found[0].experiment].real.shape[1:])
    caption = (
        "Each row: a test frame, nine frames generated along the straight line from its code to that of another test "
        "frame, and that other frame; the pairs that differ most. A good generator shows one car going and another "
        "coming, not two ghosts. The animation moves along the same lines; the counter is in percent of the way."
    )
    gif = frames.animate(moving, [round(100 * k / (ALONG - 1)) for k in range(ALONG)], heading, zoom).gif
    read_in = f"share of the frames on the way in which the decoder reads a pattern: {listing(words)}"
    alt = f"{heading}; {read_in if words else listing([e.label for e in found])}."
    png = frames.still(sheets, heading, zoom, columns=1)
    return Figure(f"{dataset}_between", heading, caption, alt, png, gif, sorted({e.experiment for e in found}))


def one_of_each(runs: Runs) -> NDArray[np.intp]:
    """Rows of the test frames to show: the first of every pattern if patterns are known, else evenly spread."""
    n = min(len(runs.real), runs.views["reconstructions"].shape[1])
    if isinstance(runs.dataset, Junction):
        read = decoder(runs.dataset).decode(runs.real[:n].astype(np.float64))
        found = [np.flatnonzero(read == k) for k in range(len(runs.dataset.pattern_names))]
        return np.array([rows[0] for rows in found if len(rows)], dtype=np.intp)
    return np.unique(np.linspace(0, n - 1, PATTERNS).round().astype(np.intp))


def zoom_of(shape: tuple[int, ...]) -> int:
    """Layout pixels per image pixel; small frames are enlarged more."""
    return 1 + 32 // shape[-1]


def _held_out(runs: Runs, n: int) -> Rows:
    """The first n test frames, repeated if there are fewer."""
    return runs.real[np.arange(n) % len(runs.real)]


def _title(entry: Entry, runs: Runs) -> str:
    gone = note(runs, row_of(runs, entry.arm))
    return f"{entry.label}, {gone}" if gone else entry.label


def _recalls(scores: Scores, found: Sequence[Entry]) -> str:
    """The recall of the frames with cars in words: of simulated frames, or of a clip with lanes; empty if unknown."""
    for metric in RECALLS:
        if any(_measured(scores, e, metric) for e in found):
            words = [f"{e.label} {_mean(scores, e, metric)}" for e in found]
            return f". Mean recall of the frames with cars: {listing(words)}"
    return ""


def _measured(scores: Scores, entry: Entry, metric: str) -> bool:
    return ask.values(scores, entry.experiment, entry.arm, metric).size > 0


def _mean(scores: Scores, entry: Entry, metric: str) -> str:
    return number(ask.finite_mean(scores, entry.experiment, entry.arm, metric).value)
