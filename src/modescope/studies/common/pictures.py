"""Generated pictures of every entry beside real ones, as sheets of a still and as an animation of the training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from modescope.figures import frames
from modescope.figures.marks import Named
from modescope.store.runs import Runs
from modescope.studies.common.entries import Entry
from modescope.studies.common.planes import even, note, row_of

Rows = NDArray[np.float32]


def sheets(runs: Mapping[str, Runs], found: Sequence[Entry], rows: int, columns: int) -> list[frames.Sheet]:
    """Real test pictures, then those of every entry; `rows` x `columns` each."""
    first = runs[found[0].experiment]
    return [real(first, rows, columns), *(generated(runs[e.experiment], e, rows, columns) for e in found)]


def real(runs: Runs, rows: int, columns: int) -> frames.Sheet:
    """The first test pictures."""
    points = held_out(runs, rows * columns)
    return frames.Sheet("real", points.reshape(rows, columns, *points.shape[1:]))


def generated(runs: Runs, entry: Entry, rows: int, columns: int) -> frames.Sheet:
    """Unselected pictures that the first run of an entry generates after training."""
    points = runs.samples[row_of(runs, entry.arm)][: rows * columns].copy()  # a view would keep all of them
    return frames.Sheet(title(entry, runs), points.reshape(rows, columns, *points.shape[1:]))


def training(
    runs: Mapping[str, Runs], found: Sequence[Entry], heading: str, rows: int, columns: int, zoom: int
) -> bytes | None:
    """A GIF of what `moving` returns; None without two snapshots."""
    sheets_of, steps = moving(runs, found, rows, columns)
    return frames.animate(sheets_of, steps, heading, zoom).gif if len(steps) > 1 else None


def moving(
    runs: Mapping[str, Runs], found: Sequence[Entry], rows: int, columns: int
) -> tuple[list[frames.Sheet], list[int]]:
    """Sheets of real pictures and of the snapshots of every entry with the steps of the first, and these steps.

    Entries with fewer than rows x columns pictures are left out; both lists are empty without any.
    """
    n = rows * columns
    found = [e for e in found if runs[e.experiment].snapshots.shape[2] >= n]
    if not found:
        return [], []
    first = runs[found[0].experiment]
    steps, shape = first.snapshot_steps, (rows, columns, *first.real.shape[1:])
    same = [e for e in found if np.array_equal(runs[e.experiment].snapshot_steps, steps)]
    keep = even(steps, int(steps[-1])) if steps.size else []
    found_sheets = [frames.Sheet("real", np.broadcast_to(held_out(first, n).reshape(shape), (len(keep), *shape)))]
    for e in same:
        of = runs[e.experiment]
        points = of.snapshots[row_of(of, e.arm)][keep][:, :n]
        found_sheets.append(frames.Sheet(title(e, of), points.reshape(len(keep), *shape)))
    return found_sheets, [int(steps[k]) for k in keep]


def held_out(runs: Runs, n: int) -> Rows:
    """The first n test pictures, repeated if there are fewer."""
    return runs.real[np.arange(n) % len(runs.real)]


def title(entry: Entry, runs: Runs) -> Named:
    """The name of an entry, and when its run diverged."""
    gone = note(runs, row_of(runs, entry.arm))
    return Named(f"{entry.title}, {gone}" if gone else entry.title, entry.remedy)
