"""Places of the remedies at other settings, from the committed scores of extra/robustness."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from modescope.studies import Figure
from modescope.studies.common import rankings, ranks

SCORES = Path(__file__).with_name("robustness.csv")  # modes covered in extra/robustness/scores/robustness.csv
BESIDE = "modes_grid25_gan"  # the experiment whose remedies are ranked again
LENGTH = 8_400


def figure(experiments: Collection[str]) -> Figure | None:
    """The table of places; None unless the remedies on the grid are among the experiments of the page."""
    if BESIDE not in experiments:
        return None
    found = ranks.measured(pd.read_csv(SCORES))
    if found is None:
        return None
    caption = (
        f"Runs of extra/robustness on the grid of 25 modes: {LENGTH:,} steps, half of the default run’s, and other "
        f"seeds. {rankings.agreeing(found)} {rankings.dependent(found)}"
    )
    return rankings.figure(found, caption, [])
