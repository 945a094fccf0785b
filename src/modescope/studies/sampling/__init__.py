"""How do samples come from random variables? Known transformations, then trained generators."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import pandas as pd

from modescope.figures import histograms
from modescope.formatting import estimate, listing, number
from modescope.params.config import BASE_ARM
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table
from modescope.studies.common import grids
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import claim, effect
from modescope.studies.common.tables import FLOOR, columns, floor_row, last
from modescope.studies.sampling import optimal_planes, sampler_figures
from modescope.studies.sampling.densities import chart, first

VARIANTS = {"gan": "GAN", "gmn": "moment matching"}
OFF = 0.05  # share of the probability that may lie in the wrong place, beyond sampling error
NEAR_HALF = 0.05  # how far D may be from 1/2 on average
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
        """How far the exact samplers and the networks are from the distribution."""
        found = []
        for experiment in sampler_figures.drawn(scores, "inverse_transform")[:1]:
            ks, floor = ask.mean(scores, experiment, BASE_ARM, "ks"), ask.floor(scores, _on(scores, experiment), "ks")
            if ks.n and floor.size:
                found.append(
                    f"{ask.title(scores, _on(scores, experiment))}: transformed uniform variables are at a KS "
                    f"distance of "
                    f"{estimate(ks)} from the exact distribution, real points at {number(float(floor.mean()))}."
                )
        for dataset in dict.fromkeys(_on(scores, e) for e in trained(scores)):
            metric = _measure(scores, dataset)
            here = [(e, ask.finite_mean(scores, e, BASE_ARM, metric)) for e in trained(scores, dataset)]
            words = [f"{_label(scores, e)} {estimate(mean)}" for e, mean in here if mean.n]
            if words:
                found.append(
                    f"{ask.title(scores, dataset)}: share of the probability in the wrong place: {listing(words)}."
                )
        return found

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """Samplers, then trained networks, then the discriminator beside the optimal one."""
        return [sampler_figures.figures(runs, scores), self._matched(runs, scores), self._discriminators(runs, scores)]

    def _matched(self, runs: Mapping[str, Runs], scores: Scores) -> Iterator[Figure]:
        datasets = dict.fromkeys(_on(scores, e) for e in trained(scores))
        on_line = [e for d in datasets for e in trained(scores, d) if runs[e].dataset.has_quantile]
        if on_line:
            yield _histograms(runs, scores, on_line)
        for dataset in datasets:
            if not any(runs[e].dataset.has_quantile for e in trained(scores, dataset)):
                figure = grids.figure(runs, scores, dataset, "direct and indirect matching")
                if figure is not None:
                    yield figure

    def _discriminators(self, runs: Mapping[str, Runs], scores: Scores) -> Iterator[Figure]:
        for figure in (optimal_planes.animation(runs, scores), optimal_planes.errors(runs, scores)):
            if figure is not None:
                yield figure

    def tables(self, scores: Scores) -> list[Table]:
        """Samplers, matched distributions, discriminators."""
        captions = {
            "samplers": "Means over seeds with 95 % bootstrap intervals. Autocorrelation time in steps of the chain.",
            "matching": "Means over seeds with 95 % bootstrap intervals, after the same number of steps.",
            "discriminators": "After the last step; means over seeds with 95 % bootstrap intervals.",
        }
        frames = {
            "samplers": _frame(scores, "sampler", sampler_figures.drawn(scores), SAMPLED, ["ks"]),
            "matching": _frame(scores, "variant", trained(scores), TRAINED, TRAINED),
            "discriminators": _frame(scores, "variant", trained(scores), JUDGED, []),
        }
        titles = {
            "samplers": "Samplers without training",
            "matching": "Direct and indirect matching",
            "discriminators": "Discriminators beside the optimal ones",
        }
        return [Table(key, titles[key], captions[key], frame) for key, frame in frames.items() if len(frame)]

    def claims(self, scores: Scores) -> list[Claim]:
        """Exact transformation, direct and indirect matching, and the discriminator after training."""
        return [*_exact(scores), *_reached(scores), *_half(scores)]


def trained(scores: Scores, dataset: str | None = None) -> list[str]:
    """The trained experiments, of one dataset or of all, in the order of params.yaml."""
    found = [e for e in ask.experiments(scores) if "sampler" not in scores.settings[e]]
    return [e for e in found if dataset in (None, _on(scores, e))]


def _on(scores: Scores, experiment: str) -> str:
    return ask.dataset(scores, experiment)


def _label(scores: Scores, experiment: str) -> str:
    variant = str(scores.settings[experiment].get("variant"))
    return VARIANTS.get(variant, variant)


def _measure(scores: Scores, dataset: str) -> str:
    """The metric for probability in the wrong place: KS distance on the line, total variation of modes elsewhere."""
    return "ks" if ask.floor(scores, dataset, "ks").size else "mode_tv"


def _histograms(runs: Mapping[str, Runs], scores: Scores, found: Sequence[str]) -> Figure:
    charts, words = [], []
    for experiment in found:
        mine, ks = runs[experiment], ask.finite_mean(scores, experiment, BASE_ARM, "ks")
        title = f"{ask.title(scores, _on(scores, experiment))}: {_label(scores, experiment)}"
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
    return Figure("matching", heading, caption, alt, picture, None, list(found))


def _frame(
    scores: Scores, key: str, found: Sequence[str], metrics: Sequence[str], floors: Sequence[str]
) -> pd.DataFrame:
    """One row per experiment with its measured metrics; the rows of a dataset end with the metrics in `floors`."""
    rows: list[dict[str, object]] = []
    shown = [e for e in found if any(ask.values(scores, e, BASE_ARM, m).size for m in metrics)]
    for dataset in dict.fromkeys(_on(scores, e) for e in shown):
        for experiment in (e for e in shown if _on(scores, e) == dataset):
            label = sampler_figures.name(scores, experiment) if key == "sampler" else _label(scores, experiment)
            row: dict[str, object] = {"dataset": dataset, key: label}
            for metric in metrics:
                row |= columns(metric, ask.mean(scores, experiment, BASE_ARM, metric))
            rows.append(row | {"seeds": ask.n_scored(scores, experiment, BASE_ARM)})
        if floors:
            rows.append({"dataset": dataset, key: FLOOR, **floor_row(scores, dataset, floors)})
    return last(pd.DataFrame(rows), ["seeds"])


def _exact(scores: Scores) -> Iterator[Claim]:
    for experiment in sampler_figures.drawn(scores, "inverse_transform"):
        dataset = _on(scores, experiment)
        band = ask.floor_range(scores, dataset, "ks")
        if band is None:
            continue
        key = f"exact_{dataset}"
        yield claim(
            key,
            f"{ask.title(scores, dataset)}: the quantile function turns uniform variables into exact samples.",
            f"The mean KS distance is at most {number(band[1])}, the 95th percentile for as many real points.",
            effect(ask.values(scores, experiment, BASE_ARM, "ks"), "sampling", key),
            -math.inf,
            band[1],
        )


def _reached(scores: Scores) -> Iterator[Claim]:
    for experiment in trained(scores):
        dataset = _on(scores, experiment)
        metric = _measure(scores, dataset)
        floor = ask.floor(scores, dataset, metric)
        if not floor.size:
            continue
        most, label = float(floor.mean()) + OFF, _label(scores, experiment)
        way = "indirect matching, by a discriminator," if label == "GAN" else "direct matching, by the MMD,"
        what = "KS distance" if metric == "ks" else "total variation of the modes, points between them included,"
        key = f"reached_{experiment}"
        yield claim(
            key,
            f"{ask.title(scores, dataset)}: {way} reaches the target.",
            f"The mean {what} is at most {number(most)}: {number(OFF)} more than real points score.",
            effect(ask.values(scores, experiment, BASE_ARM, metric), "sampling", key),
            -math.inf,
            most,
        )


def _half(scores: Scores) -> Iterator[Claim]:
    for experiment in trained(scores):
        dataset = _on(scores, experiment)
        offset = ask.values(scores, experiment, BASE_ARM, "discriminator_offset")
        if not offset.size:
            continue
        title = ask.title(scores, dataset)
        yield claim(
            f"half_{experiment}",
            f"{title}: where generated and real points match, the discriminator is ½.",
            f"After the last step |D − ½|, averaged over real and generated points, is at most {number(NEAR_HALF)}.",
            effect(offset, "sampling", f"half_{experiment}"),
            -math.inf,
            NEAR_HALF,
        )
        yield claim(
            f"error_{experiment}",
            f"{title}: the discriminator ends no better than guessing.",
            f"After the last step its mean error is between {number(0.5 - NEAR_HALF)} and {number(0.5 + NEAR_HALF)}.",
            effect(ask.values(scores, experiment, BASE_ARM, "discriminator_error"), "sampling", f"error_{experiment}"),
            0.5 - NEAR_HALF,
            0.5 + NEAR_HALF,
        )
