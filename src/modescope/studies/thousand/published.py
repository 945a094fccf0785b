"""What papers printed for Stacked MNIST: a table of its own, never among our scores."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from modescope.formatting import listing
from modescope.store.runs import Scores
from modescope.studies import Table
from modescope.studies.common import scores as ask

PUBLISHED = Path(__file__).with_name("published.csv")
PROTOCOL = "stacked_mnist"  # in `published:` of the study's entry, for a dataset that follows it
OTHER = (
    "Other data and another protocol, so nothing here is comparable with the numbers above: stacks of MNIST digits of "
    "28 × 28 pixels, convolutional networks, mostly 26,000 generated stacks. "
)
FOLLOWED = (
    "Printed numbers, for runs on {datasets} alone, which follow this protocol as far as the header of params.yaml "
    "says: stacks of MNIST digits of 28 × 28 pixels, convolutional networks, mostly 26,000 generated stacks. Each "
    "paper has networks, a length of training and a classifier of its own. "
)
READING = (
    "Modes are counted by the digits that a classifier finds most probable, as in “modes recognised” here; mode KL is "
    "in nats. Rows are in the order in which the tables were published, and a method that stands in two tables has two "
    "rows. “Perfect sampler”: what sampling alone leaves, (K − 1) / 2N for K combinations and N stacks. Values are "
    "copied from the papers, without intervals."
)


def table(scores: Scores) -> Table:
    """One row per method and table; the caption says whether any of our runs can be held against them."""
    following = [ask.title(scores, dataset) for dataset, protocol in scores.published.items() if protocol == PROTOCOL]
    title = f"Published{'' if following else ', other data'}: Stacked MNIST in the papers"
    caption = (FOLLOWED.format(datasets=listing(following)) if following else OTHER) + READING
    return Table("published_stacked_mnist", title, caption, pd.read_csv(PUBLISHED))
