"""What papers printed for Stacked MNIST: other data and another protocol, so a table of its own."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from modescope.studies import Table

PUBLISHED = Path(__file__).with_name("published.csv")
CAPTION = (
    "Other data and another protocol, so nothing here is comparable with the numbers above: stacks of MNIST digits of "
    "28 × 28 pixels, convolutional networks, 26,000 generated stacks. Modes are counted by the digits that a "
    "classifier finds most probable, as in “modes recognised” here; mode KL is in nats. Rows are in the order in which "
    "the tables were published, and a method that stands in two tables has two rows. “Perfect sampler”: what sampling "
    "alone leaves, (K − 1) / 2N for K combinations and N stacks. Values are copied from the papers, without intervals."
)


def table() -> Table:
    """One row per method and table."""
    title = "Published, other data: Stacked MNIST in the papers"
    return Table("published_stacked_mnist", title, CAPTION, pd.read_csv(PUBLISHED))
