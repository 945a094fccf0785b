"""What papers printed: rows beside ours where we follow their protocol, a table of its own where we do not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from modescope.store.runs import Scores
from modescope.studies import Table
from modescope.studies.common import entries

PUBLISHED = Path(__file__).with_name("published.csv")
METRICS = ("modes_hit", "high_quality_fraction", "mode_kl")
Z95 = 1.959964  # of the normal distribution
SIMILAR = {"ring8_heavy": {"ring": "rls_ring8", "grid": "rls_grid25"}}  # the idea of a dataset under another protocol
DIFFERENT = (
    "The idea is that of ring8_heavy, the protocol is not, so compare the order of the methods and not their numbers. "
    "There four of the eight modes have a twentieth of the weight of the others, here seven share 35 %; the grid is "
    "unbalanced likewise. Modes lie farther apart and the networks are wider: two hidden layers of 128 with tanh, 256 "
    "latent dimensions, batches of 256 and 25,000 steps in the authors’ code for BuresGAN. A mode counts as hit with a "
    "single point, of 2,500 there. Printed means over {trials} runs with normal 95 % intervals, from the printed "
    "deviation over runs where there is one. {source}. Our runs under this protocol: make extra NAME=rls_unbalanced."
)


def rows(protocol: str | None) -> list[dict[str, object]]:
    """The printed values of a protocol as rows of a leaderboard."""
    found = []
    for record in _records(protocol):
        row: dict[str, object] = {"remedy": f"published: {record['method']} ({record['source']})"}
        for metric in METRICS:
            row |= _interval(record, metric, metric)
        found.append(row | {"seeds": int(record["trials"])})
    return found


def similar(scores: Scores, dataset: str) -> Table | None:
    """Printed results on data that share the idea of a dataset, not its protocol; None if there are none.

    One row per method, ordered as in the paper. Never beside our own numbers: see the caption.
    """
    if dataset not in SIMILAR or dataset not in entries.datasets(scores) or dataset in scores.published:
        return None
    found: dict[str, dict[str, object]] = {}
    trials, source = 0, ""
    for data, protocol in SIMILAR[dataset].items():
        for record in _records(protocol):
            row = found.setdefault(str(record["method"]), {"method": record["method"]})
            for metric in METRICS[:2]:
                row |= _interval(record, metric, f"{metric}_{data}")
            trials, source = int(record["trials"]), str(record["source"])
    caption = DIFFERENT.format(trials=trials, source=source)
    title = "Published, another protocol: an unbalanced ring and grid"
    return Table(f"published_{dataset}", title, caption, pd.DataFrame(list(found.values())))


def _records(protocol: str | None) -> list[dict[Any, Any]]:
    frame = pd.read_csv(PUBLISHED)
    return frame[frame["protocol"] == protocol].to_dict("records")


def _interval(record: Mapping[Any, Any], metric: str, name: str) -> dict[str, float]:
    """A printed mean, in columns of that name, with its normal 95 % interval; NaN where no error was printed."""
    error = record[f"{metric}_error"]
    if record["error_is"] == "standard deviation":
        error /= math.sqrt(record["trials"])
    half = Z95 * np.float64(error)
    return {name: record[metric], f"{name}_low": record[metric] - half, f"{name}_high": record[metric] + half}
