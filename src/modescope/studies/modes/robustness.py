"""Places of the remedies at other settings, from the committed scores of extra/robustness."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from modescope.store.runs import Scores
from modescope.studies import Figure
from modescope.studies.common import rankings, ranks
from modescope.studies.common.entries import entries

SCORES = Path(__file__).with_name("robustness.csv")  # modes covered in extra/robustness/scores/robustness.csv
BESIDE = "modes_grid25_gan"  # the experiment whose remedies are ranked again
LENGTH = 8_400


def figure(scores: Scores) -> Figure | None:
    """The table of places; None unless the remedies on the grid are among the experiments of the page."""
    if BESIDE not in scores.datasets:
        return None
    found = ranks.measured(pd.read_csv(SCORES))
    if found is None:
        return None
    titles = {entry.label: entry.title for entry in entries(scores, scores.datasets[BESIDE])}
    caption = (
        f"Runs of extra/robustness on the grid of 25 modes: {LENGTH:,} steps, half of the default run’s, and other "
        f"seeds. {rankings.agreeing(found)} {rankings.dependent(found, titles)}"
    )
    return rankings.figure(found, caption, [], titles)
