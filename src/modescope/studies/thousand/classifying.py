"""The classifiers that count: what they confuse, and how many real digits they recognise with confidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from modescope.figures import confusion
from modescope.formatting import listing, number
from modescope.store.runs import Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask

MOST_TOLD = 3  # confusions that the alt text names


def figures(scores: Scores) -> Iterator[Figure]:
    """One square of confusions per classifier of the study."""
    for name, record in scores.classifiers.items():
        counts = np.array(record["confusion"], dtype=np.int64)
        which = "The classifier" if len(scores.classifiers) == 1 else ask.title(scores, name)
        heading = f"{which}: what it takes held-out digits for"
        finding = f"{which} reads {_percent(record['accuracy'])} of held-out digits right"
        picture, _ = confusion.square(counts, [str(digit) for digit in range(len(counts))], heading)
        caption = (
            f"Rows: the true digit of {record['n']:,} held-out pictures; columns: the digit that the classifier finds "
            f"most probable. {_confident(record)}"
        )
        alt = f"{finding}. {_mistakes(counts)}"
        yield Figure(f"{name}_confusion", heading, caption, alt, picture, None, [], finding)


def answer(scores: Scores) -> list[str]:
    """How reliable each classifier is, in a sentence."""
    return [
        f"The classifier that counts reads {_percent(record['accuracy'])} of {record['n']:,} held-out digits right. "
        f"{_confident(record)}"
        for record in scores.classifiers.values()
    ]


def _confident(record: Mapping[str, Any]) -> str:
    """What counts as confident, and for how many single digits that holds."""
    sentence = (
        f"A digit is recognised with confidence if its probability is at least {number(record['confidence'])}, which "
        f"holds for {_percent(record['confident'])} of the held-out ones"
    )
    blends = record.get("blends")
    return (
        f"{sentence}." if blends is None else f"{sentence} and for {_percent(blends)} of averages of different digits."
    )


def _mistakes(counts: np.ndarray[Any, np.dtype[np.int64]]) -> str:
    """The most frequent confusions in words."""
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_TOLD]
    pairs = [
        (row, column) for row, column in zip(*np.unravel_index(order, wrong.shape), strict=True) if wrong[row, column]
    ]
    told = [f"{row} as {column} ({wrong[row, column]:,})" for row, column in pairs]
    return f"Most often mistaken: {listing(told)}." if told else "No digit is mistaken for another."


def _percent(share: float) -> str:
    return f"{number(100 * share)} %"
