"""Do remedies cover the modes by copying their training points? A sentence on those that cover every mode."""

from __future__ import annotations

from typing import NamedTuple

from modescope.formatting import in_letters, listing, number, percent
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import PLAIN, datasets, entries

SHARE, Z, COVERED = "copied_share", "copied_z", "all_modes_covered"
SIGN = 3.0  # of a mean z-score; chance exceeds it in one of 700 cases, even if one split decides for all seeds


class Copies(NamedTuple):
    """A remedy on a dataset where it covers every mode in some run: means over its seeds."""

    remedy: str
    title: str
    where: str
    share: float  # of copies among its points, not clipped
    z: float


def measured(scores: Scores) -> list[Copies]:
    """Every remedy that covers all modes of a dataset in at least one run, if copies were counted there."""
    found = []
    for dataset in datasets(scores):
        for entry in entries(scores, dataset):
            covered, share, z = (ask.values(scores, entry.experiment, entry.arm, m) for m in (COVERED, SHARE, Z))
            if covered.max(initial=0.0) == 1 and z.size and entry.label != PLAIN:
                means = float(share.mean()), float(z.mean())
                found.append(Copies(entry.remedy, entry.title, ask.title(scores, dataset), *means))
    return found


def answer(scores: Scores) -> str:
    """Whether remedies that cover every mode show signs of copying, and which; empty without any."""
    found = measured(scores)
    if not found:
        return ""
    n, copying = len({one.remedy for one in found}), [one for one in found if one.z > SIGN]
    of = f"Of {in_letters(n)} remedies that cover every mode in some run" if n > 1 else "The one remedy that covers all"
    if copying:
        m = len({one.remedy for one in copying})
        who = listing([f"{one.title} on {one.where} ({percent(one.share)} of its points)" for one in copying])
        return f"{of}, {in_letters(m)} {'copies' if m == 1 else 'copy'} training points: {who}."
    most = max(found, key=lambda one: one.z)
    return (
        f"{of}, none shows a sign of copying its training points: the highest mean z-score of the share of copies is "
        f"{number(most.z)} ({most.title} on {most.where}); a sign would be above {number(SIGN)}."
    )
