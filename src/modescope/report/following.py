"""The remedies that a reader can follow through all pages: the list from which one is chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from modescope.formatting import in_words
from modescope.store.runs import Scores
from modescope.studies.common.entries import Entry, datasets, entries


@dataclass(frozen=True)
class Followable:
    """A choice of the list."""

    remedy: str  # the value of `data-remedy` on its marks
    title: str


def followable(studies: Iterable[Scores]) -> list[Followable]:
    """The remedies that were trained beside others on some data, each under its first title, as in params.yaml."""
    titles: dict[str, str] = {}
    for scores in studies:
        for dataset in datasets(scores):
            # A sampler learns nothing and so loses no mode.
            found = [e for e in entries(scores, dataset) if "variant" in scores.settings[e.experiment]]
            if len({entry.remedy for entry in found}) > 1:
                titles = {entry.remedy: _title(scores, entry) for entry in found} | titles
    often = Counter(titles.values())
    return [Followable(key, f"{title} ({key})" if often[title] > 1 else title) for key, title in titles.items()]


def _title(scores: Scores, entry: Entry) -> str:
    """The title of an entry without what is swept: all arms are followed together."""
    title = scores.experiment_titles.get(entry.experiment, in_words(entry.variant))
    return f"{title} with averaged weights" if entry.averaged else title
