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
from modescope.studies.common import pictures
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry
from modescope.studies.common.planes import row_of
from modescope.studies.traffic import findings

COLUMNS, ROWS, MOVING_ROWS = 5, 2, 2  # of generated frames; rows of the animation
PATTERNS, LINES, STEPS = 8, 2, 9  # originals; lines between codes, and frames shown along each
ALONG = 25  # frames of the animation along a line
LARGE = 64  # layout pixels that a frame is wide, at least


def generated(runs: Mapping[str, Runs], scores: Scores, dataset: str, found: Sequence[Entry]) -> Figure | None:
    """Real frames, then those of every entry; animated with the same latent points during training."""
    found = [e for e in found if runs[e.experiment].samples.shape[1] >= COLUMNS * ROWS]
    if not found:
        return None
    heading = f"Frames generated for {ask.title(scores, dataset)}"
    zoom = zoom_of(runs[found[0].experiment].real.shape[1:], COLUMNS)
    caption = (
        "First sheet: real test frames. Other sheets: unselected frames that each network generates after training, "
        "the highest recall first. Look for cars, light or dark spots on the roads: a network that lost them only "
        "generates empty junctions. One seed each. The animation follows the same latent points from the first step "
        "to the last."
    )
    alt = f"{heading}{_recalls(scores, found)}."
    return Figure(
        f"{dataset}_frames",
        heading,
        caption,
        alt,
        frames.still(pictures.sheets(runs, found, ROWS, COLUMNS), heading, zoom),
        pictures.training(runs, found, heading, MOVING_ROWS, COLUMNS, zoom),
        sorted({e.experiment for e in found}),
        findings.frames(scores, found),
    )


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
        names.append(e.title if len(found) > 1 else "G(E(x))")
    heading = f"{ask.title(scores, dataset)}: originals over their reconstructions"
    caption = (
        "Top: test frames x, one per pattern if patterns are known. Below: their reconstructions G(E(x)), one seed of "
        "each variant with an encoder. Look for cars that are missing or in another lane."
    )
    errors = [
        f"{e.title} {_mean(scores, e, 'error_occupied')} with cars, {_mean(scores, e, 'error_empty')} without"
        for e in found
        if _measured(scores, e, "error_empty")
    ]
    alt = heading + (f". Root mean square error per pixel and channel: {listing(errors)}." if errors else ".")
    title = "test frames"
    if isinstance(first.dataset, Junction):
        read = decoder(first.dataset).decode(first.real[chosen].astype(np.float64))
        title += " with cars in these lanes: " + ", ".join(first.dataset.pattern_names[k] for k in read)
    sheet = frames.Sheet(title, np.stack(rows), names)
    picture = frames.still([sheet], heading, zoom_of(first.real.shape[1:], len(chosen), named=True))
    finding = findings.reconstructed(scores, found)
    used = sorted({e.experiment for e in found})
    return Figure(f"{dataset}_reconstructions", heading, caption, alt, picture, None, used, finding)


def between(runs: Mapping[str, Runs], scores: Scores, dataset: str, found: Sequence[Entry]) -> Figure | None:
    """Frames generated along straight lines from the code of one test frame to that of another."""
    found = [e for e in found if "between" in runs[e.experiment].views]
    if not found:
        return None
    sheets, moving, read_in = [], [], dict[str, float]()
    for e in found:
        of = runs[e.experiment]
        lines = of.views["between"][row_of(of, e.arm)]  # (lines, points, *shape)
        n = len(lines)
        start, end = np.split(pictures.held_out(of, 2 * n), 2)
        # the lines whose ends differ most: most pairs of frames are two empty junctions
        apart = np.abs(start - end).reshape(n, -1).sum(1)
        chosen = np.sort(np.argsort(-apart, kind="stable")[:LINES])
        at = np.linspace(0, lines.shape[1] - 1, STEPS).round().astype(int)
        ends = np.concatenate([start[chosen][:, None], lines[chosen][:, at], end[chosen][:, None]], axis=1)
        sheets.append(frames.Sheet(f"{pictures.title(e, of)}: frame, nine steps, frame", ends))
        if isinstance(of.dataset, Junction):
            read = decoder(of.dataset).decode(lines.reshape(-1, *of.dataset.shape).astype(np.float64))
            read_in[e.title] = float(np.mean(read != INVALID))
        along = np.linspace(0, lines.shape[1] - 1, ALONG).round().astype(int)
        moving.append(frames.Sheet(pictures.title(e, of), lines[chosen][:, along].swapaxes(0, 1)[:, None]))
    heading = f"{ask.title(scores, dataset)}: from one encoded frame to another"
    zoom = zoom_of(runs[found[0].experiment].real.shape[1:], STEPS + 2)
    caption = (
        "Each row: a test frame, nine frames generated along the straight line from its code to that of another test "
        "frame, and that other frame; the pairs that differ most. A good generator shows one car going and another "
        "coming, not two ghosts. The animation moves along the same lines; the counter is in percent of the way."
    )
    gif = frames.animate(moving, [round(100 * k / (ALONG - 1)) for k in range(ALONG)], heading, zoom).gif
    words = listing([f"{title} {number(share)}" for title, share in read_in.items()])
    told = f"share of the frames on the way in which the decoder reads a pattern: {words}"
    alt = f"{heading}; {told if words else listing([e.title for e in found])}."
    finding = findings.between(read_in)
    picture = frames.still(sheets, heading, zoom, columns=1)
    used = sorted({e.experiment for e in found})
    return Figure(f"{dataset}_between", heading, caption, alt, picture, gif, used, finding)


def one_of_each(runs: Runs) -> NDArray[np.intp]:
    """Rows of the test frames to show: the first of every pattern if patterns are known, else evenly spread."""
    n = min(len(runs.real), runs.views["reconstructions"].shape[1])
    if isinstance(runs.dataset, Junction):
        read = decoder(runs.dataset).decode(runs.real[:n].astype(np.float64))
        found = [np.flatnonzero(read == k) for k in range(len(runs.dataset.pattern_names))]
        return np.array([rows[0] for rows in found if len(rows)], dtype=np.intp)
    return np.unique(np.linspace(0, n - 1, PATTERNS).round().astype(np.intp))


def zoom_of(shape: tuple[int, ...], columns: int, *, named: bool = False) -> int:
    """Layout pixels per image pixel: small frames are enlarged more, as far as a row of them fits into a picture."""
    return min(1 + LARGE // shape[-1], frames.widest(shape[-1], columns, named=named))


def _recalls(scores: Scores, found: Sequence[Entry]) -> str:
    """The recall of the frames with cars in words: of simulated frames, or of a clip with lanes; empty if unknown."""
    for metric in findings.RECALLS:
        if any(_measured(scores, e, metric) for e in found):
            words = [f"{e.title} {_mean(scores, e, metric)}" for e in found]
            return f". Mean recall of the frames with cars: {listing(words)}"
    return ""


def _measured(scores: Scores, entry: Entry, metric: str) -> bool:
    return ask.values(scores, entry.experiment, entry.arm, metric).size > 0


def _mean(scores: Scores, entry: Entry, metric: str) -> str:
    return number(ask.finite_mean(scores, entry.experiment, entry.arm, metric).value)
