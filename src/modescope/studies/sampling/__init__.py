"""How do samples come from random variables? Known transformations, then trained generators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

import pandas as pd

from modescope.figures import histograms
from modescope.formatting import listing, number
from modescope.params.config import BASE_ARM
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table
from modescope.studies.common import grids
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, entries
from modescope.studies.common.tables import FLOOR, columns, floor_row, last
from modescope.studies.sampling import claims, findings, optimal_planes, sampler_figures
from modescope.studies.sampling.densities import chart, first
from modescope.studies.sampling.experiments import drawn, measure, name, on, trained, where

SAMPLED = ["ks", "acceptance_rate", "autocorrelation_time", "effective_samples"]
TRAINED = ["ks", "mode_tv", "mmd2", "sliced_w2"]
JUDGED = ["discriminator_error", "bayes_error", "discriminator_offset"]


class Sampling(Study):
    """Samplers without training on the line, then networks on the line and in the plane."""

    question: ClassVar[str] = "How do samples come from random variables, with and without an adversary?"
    introduction: ClassVar[str] = (
        "A computer draws uniform random variables and makes all others from them. If the quantile function is known, "
        "it turns a uniform variable into a sample. If only the density is known, some proposals or some steps of a "
        "random walk are rejected. If there are only data, a network takes the place of the function. It is trained to "
        "match the distribution directly, by a distance between samples (moment matching), or indirectly, against a "
        "discriminator. On the line everything can be compared with exact answers, even the discriminator: the optimal "
        "one is D* = p / (p + q), which is ½ where the generator matches the data."
    )
    source: ClassVar[str] = "Articles 000 and 004: from random variables to generative adversarial networks"
    headline_metric: ClassVar[str] = "ks"

    def answer(self, scores: Scores) -> list[str]:
        """Whether known transformations are exact and how close networks come; then the numbers by dataset."""
        return findings.answer(scores)

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """Samplers, then trained networks, then the discriminator beside the optimal one."""
        return [sampler_figures.figures(runs, scores), self._matched(runs, scores), self._discriminators(runs, scores)]

    def _matched(self, runs: Mapping[str, Runs], scores: Scores) -> Iterator[Figure]:
        datasets = dict.fromkeys(on(scores, e) for e in trained(scores))
        on_line = [e for d in datasets for e in trained(scores, d) if runs[e].dataset.has_quantile]
        if on_line:
            yield _histograms(runs, scores, on_line)
        for dataset in datasets:
            if not any(runs[e].dataset.has_quantile for e in trained(scores, dataset)):
                figure = grids.figure(runs, scores, dataset, "direct and indirect matching")
                if figure is not None:
                    finding = findings.matching(scores, trained(scores, dataset), measure(scores, dataset))
                    yield replace(figure, finding=finding)

    def _discriminators(self, runs: Mapping[str, Runs], scores: Scores) -> Iterator[Figure]:
        for figure in (optimal_planes.animation(runs, scores), optimal_planes.errors(runs, scores)):
            if figure is not None:
                yield figure

    def tables(self, scores: Scores) -> list[Table]:
        """Samplers, matched distributions, discriminators."""
        found = [
            _table(
                scores,
                "samplers",
                "Samplers without training",
                "Means over seeds with 95 % bootstrap intervals. Autocorrelation time in steps of the chain.",
                drawn(scores),
                SAMPLED,
                ["ks"],
            ),
            _table(
                scores,
                "matching",
                "Direct and indirect matching",
                "Means over seeds with 95 % bootstrap intervals, after the same number of steps.",
                trained(scores),
                TRAINED,
                TRAINED,
            ),
            _table(
                scores,
                "discriminators",
                "Discriminators beside the optimal ones",
                "After the last step; means over seeds with 95 % bootstrap intervals.",
                trained(scores),
                JUDGED,
                [],
            ),
        ]
        return [table for table in found if len(table.frame)]

    def claims(self, scores: Scores) -> list[Claim]:
        """The articles' claims."""
        return list(claims.claims(scores))


def _histograms(runs: Mapping[str, Runs], scores: Scores, found: Sequence[str]) -> Figure:
    charts, words = [], []
    for experiment in found:
        mine, ks = runs[experiment], ask.finite_mean(scores, experiment, BASE_ARM, "ks")
        title = f"{where(scores, experiment)}: {name(scores, experiment)}"
        charts.append(chart(mine.dataset, mine.samples[first(mine)][:, 0], title))
        words.append(f"{title} {number(ks.value)}")
    heading = "Networks in place of the quantile function: direct and indirect matching"
    picture, _ = histograms.still(charts, heading, columns=2)
    n = runs[found[0]].samples.shape[1]
    caption = (
        f"Histograms of {n:,} fresh samples after the last step, with the exact density; the first seed that did not "
        "diverge. A GAN trains against a discriminator; moment matching minimises the MMD, a distance between samples."
    )
    alt = f"{heading}. Mean KS distance over seeds: {listing(words)}."
    finding = findings.matching(scores, found, "ks")
    return Figure("matching", heading, caption, alt, picture, None, list(found), finding)


def _table(
    scores: Scores,
    key: str,
    title: str,
    caption: str,
    found: Sequence[str],
    metrics: Sequence[str],
    floors: Sequence[str],
) -> Table:
    """One row per experiment with its measured metrics; the rows of a dataset end with the metrics in `floors`."""
    rows: list[dict[str, object]] = []
    whose: list[Entry | None] = []
    column = "sampler" if key == "samplers" else "variant"
    shown = [e for e in found if any(ask.values(scores, e, BASE_ARM, m).size for m in metrics)]
    for dataset in dict.fromkeys(on(scores, e) for e in shown):
        by_experiment = {entry.experiment: entry for entry in entries(scores, dataset)}
        for experiment in (e for e in shown if on(scores, e) == dataset):
            entry = by_experiment.get(experiment) if column == "variant" else None  # samplers are no remedies
            row: dict[str, object] = {"dataset": dataset, column: entry.label if entry else name(scores, experiment)}
            for metric in metrics:
                row |= columns(metric, ask.mean(scores, experiment, BASE_ARM, metric))
            rows.append(row | {"seeds": ask.n_scored(scores, experiment, BASE_ARM)})
            whose.append(entry)
        if floors:
            rows.append({"dataset": dataset, column: FLOOR, **floor_row(scores, dataset, floors)})
            whose.append(None)
    return Table(key, title, caption, last(pd.DataFrame(rows), ["seeds"]), entries=whose)
