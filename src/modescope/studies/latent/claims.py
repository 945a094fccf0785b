"""Article 000's claims about the number of latent dimensions, each a statement about one number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from modescope.formatting import counted, number, sentence
from modescope.store.runs import Scores
from modescope.studies import Claim
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import beyond, claim, effect
from modescope.studies.common.margins import COVERAGE, MODES, POINTS, TREND

STUDY, KEY = "latent", "latent_dim"
DATA_DIM = 2  # all datasets of this study lie in the plane
N_MODES = 8  # of eight_gaussians
REMEDIES = ("gan",)


def claims(scores: Scores) -> Iterator[Claim]:
    """The article's five claims, split into statements about one number each."""
    arms = {e: ask.along(ask.arms(scores, e), KEY) for e in ask.experiments(scores)}
    for experiment, dims in arms.items():
        yield from _not_covered(scores, experiment, dims)
    for experiment, dims in arms.items():
        yield from _needs_the_datas_dimension(scores, experiment, dims)
    for experiment, dims in arms.items():
        yield from _fewer_between_the_modes(scores, experiment, dims)
    eight = arms.get("latent_eight_gaussians", {})
    some = (MODES.size, 2 - MODES.size)
    fewer = "at least half a mode, and half a mode fewer than two"
    for dim, words, (low, high), meant in [
        (2, "no mode", (-math.inf, MODES.size), "less than half a mode on average"),
        (3, "modes slightly: some, but fewer than two", some, fewer),
        (10, "modes slightly: some, but fewer than two", some, fewer),
        (100, "two modes", (2 - MODES.size, 2 + MODES.size), "two, plus or minus half a mode"),
    ]:
        if dim in eight:
            yield _modes_lost(scores, eight[dim], dim, words, low, high, meant)
    yield from _right_variance_wrong_mean(scores, arms.get("latent_gaussian", {}))


def _not_covered(scores: Scores, experiment: str, dims: Mapping[int, str]) -> Iterator[Claim]:
    """The bound is half of what real points score, just as a mode is covered from half of its share on."""
    dataset = ask.dataset(scores, experiment)
    floor = ask.floor(scores, dataset, "coverage")
    if 1 not in dims or not floor.size:
        return
    coverage = ask.values(scores, experiment, dims[1], "coverage")
    key, half = f"not_covered_{dataset}", float(floor.mean()) / 2
    yield claim(
        key,
        "One latent dimension does not cover the data.",
        f"Mean coverage is at most {number(half)}, half of what real points score against real points.",
        effect(coverage, STUDY, key),
        -math.inf,
        half,
        where=ask.title(scores, dataset),
        remedies=REMEDIES,
    )


def _needs_the_datas_dimension(scores: Scores, experiment: str, dims: Mapping[int, str]) -> Iterator[Claim]:
    """The coverage lost with one dimension too few, paired by seed."""
    dataset = ask.dataset(scores, experiment)
    if not {DATA_DIM - 1, DATA_DIM} <= dims.keys():
        return
    below, enough = ask.paired(scores, experiment, "coverage", [dims[DATA_DIM - 1], dims[DATA_DIM]])
    key = f"dimension_{dataset}"
    yield beyond(
        key,
        f"At least {counted(DATA_DIM, 'latent dimension')} are needed, as many as the data have.",
        f"Coverage with {counted(DATA_DIM, 'dimension')} minus that with {counted(DATA_DIM - 1, 'dimension')}, paired "
        "by seed,",
        effect(enough - below, STUDY, key),
        COVERAGE,
        where=ask.title(scores, dataset),
        remedies=REMEDIES,
    )


def _fewer_between_the_modes(scores: Scores, experiment: str, dims: Mapping[int, str]) -> Iterator[Claim]:
    """The fewest dimensions against the next and against the most, then the trend over all; for data with modes."""
    dataset, metric = ask.dataset(scores, experiment), "invalid_fraction"
    order = list(dims)
    if len(order) < 2 or not ask.floor(scores, dataset, metric).size:
        return
    what = "The share of generated points between the modes"
    for other in dict.fromkeys([order[1], order[-1]]):
        few, many = ask.paired(scores, experiment, metric, [dims[order[0]], dims[other]])
        key = f"between_{dataset}_{order[0]}_{other}"
        least = sentence(counted(order[0], "latent dimension"))
        yield beyond(
            key,
            f"{least} put{'s' * (order[0] == 1)} fewer points between the modes than {counted(other, 'dimension')}.",
            f"{what} with {counted(other, 'dimension')} minus that with {counted(order[0], 'dimension')}, paired by "
            "seed,",
            effect(many - few, STUDY, key),
            POINTS,
            where=ask.title(scores, dataset),
            remedies=REMEDIES,
        )
    if len(order) > 2:
        from scipy.stats import kendalltau  # takes half a second, which no other study needs

        key, columns = f"between_{dataset}_trend", ask.paired(scores, experiment, metric, dims.values())
        taus = [kendalltau(order, by_seed).statistic for by_seed in np.column_stack(columns)]
        yield beyond(
            key,
            "The fewer latent dimensions, the fewer points between the modes.",
            f"Kendall’s τ between the share of points between the modes and the number of dimensions ({min(order)} to "
            f"{max(order)}), within each seed,",
            effect(np.nan_to_num(taus), STUDY, key),  # NaN: all arms equal, no trend
            TREND,
            where=ask.title(scores, dataset),
            remedies=REMEDIES,
        )


def _modes_lost(scores: Scores, arm: str, dim: int, words: str, low: float, high: float, meant: str) -> Claim:
    """The mean number of modes not covered, against what the article's words mean."""
    experiment = "latent_eight_gaussians"
    covered = ask.values(scores, experiment, arm, "modes_covered")
    between = f"at most {high}" if math.isinf(low) else f"between {low} and {high}"
    key = f"lost_{dim}"
    return claim(
        key,
        f"{sentence(counted(dim, 'latent dimension'))} lose {words}.",
        f"The mean number of modes not covered is {between}: {meant}.",
        effect(N_MODES - covered, STUDY, key),
        low,
        high,
        where=ask.title(scores, ask.dataset(scores, experiment)),
        remedies=REMEDIES,
    )


def _right_variance_wrong_mean(scores: Scores, dims: Mapping[int, str]) -> Iterator[Claim]:
    """Variance and mean with a hundred latent dimensions on the Gaussian."""
    for metric, claimed, rule, low, high in [
        (
            "std_ratio",
            "variance right",
            "The standard deviation of generated points over that of real points is between 0.9 and 1.1 on average.",
            0.9,
            1.1,
        ),
        (
            "mean_error",
            "mean wrong",
            "The error of the mean, in standard deviations of the real points, is at least 0.1 on average.",
            0.1,
            math.inf,
        ),
    ]:
        if 100 in dims:
            key = f"gaussian_{claimed.split()[0]}"
            measured = effect(ask.values(scores, "latent_gaussian", dims[100], metric), STUDY, key)
            where = ask.title(scores, ask.dataset(scores, "latent_gaussian"))
            words = f"A hundred latent dimensions get the {claimed}."
            yield claim(key, words, rule, measured, low, high, where=where, remedies=REMEDIES)
