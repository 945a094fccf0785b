"""Does the ranking of the remedies survive another setting? Remedies at several widths, batches and learning rates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import ClassVar

import pandas as pd

from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table
from modescope.studies.common import rankings, ranks
from modescope.studies.common.claims import claim
from modescope.studies.common.ranks import FACTORS, Measured
from modescope.studies.common.tables import columns, last

AGREE = 0.6  # mean tau: four of five pairs of remedies in the same order
RULE = (
    "The mean of Kendall’s τ between the rankings, by mean modes covered over seeds, {pairs} is at least {least:g}: of "
    "ten pairs of remedies, eight are in the same order."
)


class Robustness(Study):
    """Works with experiments called `robustness_<width>_<batch>_<remedy>` that sweep the learning rate of D."""

    question: ClassVar[str] = "Does the ranking of the remedies survive another setting?"
    introduction: ClassVar[str] = (
        "A ranking of remedies is measured with one network, one batch and one learning rate. Here the same remedies "
        "are ranked again at other settings, on the same data and with everything else as it was. Agreement between "
        "two rankings is Kendall’s τ: 1 for the same order, 0 for orders that have nothing to do with each other. Few "
        "seeds alone keep τ below 1, so two halves of the seeds at the same setting are compared as well."
    )
    source: ClassVar[str] = "A check of the study “Lost modes and their remedies”"
    headline_metric: ClassVar[str] = ranks.METRIC

    def answer(self, scores: Scores) -> list[str]:
        """How far the rankings agree, and whose place depends on the setting."""
        found = ranks.measured(scores.runs)
        return [] if found is None else [rankings.agreeing(found), rankings.dependent(found, _titles(scores))]

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """The places at all settings."""
        return [self._places(scores)]

    def _places(self, scores: Scores) -> Iterator[Figure]:
        found = ranks.measured(scores.runs)
        if found is not None:
            yield rankings.figure(found, "", scores.datasets, _titles(scores))

    def tables(self, scores: Scores) -> list[Table]:
        """One row per remedy: its places, and how they shift with each factor."""
        found = ranks.measured(scores.runs)
        return [] if found is None else [_table(found, _titles(scores))]

    def claims(self, scores: Scores) -> list[Claim]:
        """The rankings agree: over all settings, and where one factor alone differs."""
        found = ranks.measured(scores.runs)
        return [] if found is None else list(_claims(found))


def _claims(found: Measured) -> Iterator[Claim]:
    yield claim(
        "same_ranking",
        "The ranking of the remedies is the same at other settings.",
        RULE.format(pairs="of all pairs of settings", least=AGREE),
        ranks.agreement(found),
        AGREE,
        math.inf,
    )
    for factor, name in FACTORS.items():
        if ranks.pairs(found.settings, factor):
            yield claim(
                f"same_ranking_{factor}",
                f"The ranking of the remedies does not depend on the {name}.",
                RULE.format(pairs=f"of settings that differ in the {name} alone", least=AGREE),
                ranks.agreement(found, factor),
                AGREE,
                math.inf,
            )


def _titles(scores: Scores) -> dict[str, str]:
    """The names of the remedies for readers, where no two share one."""
    named = [(ranks.NAME.fullmatch(experiment), title) for experiment, title in scores.experiment_titles.items()]
    titles = {match[3]: title for match, title in named if match}
    return titles if len(set(titles.values())) == len(titles) else {}


def _table(found: Measured, titles: Mapping[str, str]) -> Table:
    places, rows = found.places, []
    for row in places.mean(1).argsort(kind="stable").tolist():
        shown: dict[str, object] = {"remedy": found.remedies[row], "mean place": places[row].mean()}
        shown |= {"best place": places[row].min(), "worst place": places[row].max()}
        shown["modes covered"] = found.values[row].mean()
        for factor, name in FACTORS.items():
            shown |= columns(f"shift with {name}", ranks.shift(found, row, factor))
        rows.append(shown | {"seeds": found.values.shape[-1]})
    caption = (
        "Places from 1, the most modes covered, over all settings. shift: by how many places a remedy falls from the "
        "lowest to the highest value, means over the other settings, with the 95 % interval over seeds. A run that "
        "diverged covers no mode."
    )
    return Table("places", "Places and what they depend on", caption, last(pd.DataFrame(rows), ["seeds"]))
