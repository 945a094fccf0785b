"""Why do GANs need so much noise? Latent dimensions from below the data's own to far above it (article 000)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import ClassVar

import numpy as np

from modescope.formatting import number, plural
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table
from modescope.studies.common import answers, charts, planes, tables
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import beyond, claim, effect
from modescope.studies.common.margins import COVERAGE, MODES, POINTS, TREND

KEY = "latent_dim"
DATA_DIM = 2  # all datasets of this study lie in the plane
N_MODES = 8  # of eight_gaussians
KL = ["kl_qp", "kl_qp_smoothed"]
OF_MODES = ["modes_covered", "modes_hit", "high_quality_fraction", "invalid_fraction", "mode_kl"]
INFINITE = (
    f"With fewer than {DATA_DIM} latent dimensions the generated points lie on a set without area, so the "
    "true KL(generated ‖ real) is infinite. The plain estimate is finite there only because the sample is, and grows "
    "with it. The smoothed estimate adds the same small Gaussian noise to both sides, which makes its true value "
    "finite. The density of the spiral is zero off its band, so the true value is infinite for every generator that "
    "leaves the band: compare the smoothed estimates there."
)
SEEDS = (
    "Means over seeds with 95 % bootstrap intervals; diverged runs are counted but left out of the means. The row "
    f"“{tables.FLOOR}” is the floor: real points scored against other real points, mean over repeats with the 5th and "
    "95th percentile."
)
CURVE = "With fewer latent dimensions than the data has, the red points can only lie on a curve."


class Latent(Study):
    """Works with any experiments and latent dimensions; figures and claims that need others are left out."""

    question: ClassVar[str] = "Why do GANs need so much noise?"
    introduction: ClassVar[str] = (
        "A generator turns noise into data, and articles usually feed it a hundred dimensions of noise without saying "
        "why. Here the data lie in the plane, so two dimensions are enough to describe them. The same networks are "
        "trained with different numbers of latent dimensions. With fewer dimensions than the data, the generator can "
        "only draw a curve through the plane; with more, it has to fold the extra ones away."
    )
    source: ClassVar[str] = "Article 000, “Why do GANs need so much noise?”"
    headline_metric: ClassVar[str] = "coverage"

    data_shape: ClassVar[tuple[int, ...] | None] = (DATA_DIM,)

    def answer(self, scores: Scores) -> list[str]:
        """Coverage with the fewest dimensions and with the best number, two sentences per dataset."""
        sentences = (answers.coverage(scores, e, KEY, "latent dimension") for e in ask.experiments(scores))
        return [sentence for sentence in sentences if sentence]

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """For each dataset the first steps, the whole training and all dimensions; then metrics by dimension."""
        return [*(self._trainings(runs, name, scores) for name in runs), *self._charts(scores)]

    def _trainings(self, runs: Mapping[str, Runs], name: str, scores: Scores) -> Iterator[Figure]:
        lowest = min(ask.along(runs[name].arms, KEY), default=DATA_DIM)
        yield from planes.trainings(runs[name], scores, KEY, "latent dimension", CURVE if lowest < DATA_DIM else "")

    def _charts(self, scores: Scores) -> Iterator[Iterator[Figure]]:
        yield charts.against(
            scores,
            KEY,
            {"kl_qp": "plain", "kl_qp_smoothed": "noise-smoothed"},
            name="kl",
            title="KL(generated ‖ real) against latent dimensions",
            caption=f"How far the generated density lies from the real one, in nats; lower is better. {INFINITE}",
            y_title="nats",
            symlog=0.01,
        )
        yield charts.against(
            scores,
            KEY,
            {"coverage": "coverage"},
            name="coverage",
            title="Coverage against latent dimensions",
            caption="Share of real points that have a generated point nearer than their fifth real neighbour; higher "
            "is better.",
            y_title="coverage",
            limits=(0, 1.03),
        )
        yield charts.against(
            scores,
            KEY,
            {"modes_covered": "covered", "modes_hit": "hit"},
            name="modes",
            title="Modes against latent dimensions",
            caption="A mode is covered when it gets at least half of its share in high-quality points, and hit when it "
            "gets at least one. The gap between the two is what counting hits hides.",
            y_title="modes",
        )
        yield charts.against(
            scores,
            KEY,
            {"invalid_fraction": "invalid_fraction"},
            name="invalid",
            title="Points between the modes against latent dimensions",
            caption="Share of generated points three standard deviations or more from every mode; lower is better.",
            y_title="share of points",
        )

    def tables(self, scores: Scores) -> list[Table]:
        """The KL table that the article promises, the modes, and every other metric."""
        others = [m for m in dict.fromkeys(scores.runs["metric"]) if m not in {*KL, *OF_MODES, "all_modes_covered"}]
        success = (
            "success: share of all seeds, diverged ones included, that cover every mode, with its Wilson interval."
        )
        found = [
            Table("kl", "KL(generated ‖ real) in nats", f"{INFINITE} {SEEDS}", tables.metrics(scores, KEY, KL)),
            Table("modes", "Modes", f"{SEEDS} {success}", tables.modes(scores, KEY, OF_MODES)),
            Table("metrics", "All other metrics", SEEDS, tables.metrics(scores, KEY, others)),
        ]
        return [table for table in found if len(table.frame)]

    def claims(self, scores: Scores) -> list[Claim]:
        """The article's five claims, split into statements about one number each."""
        arms = {e: ask.along(ask.arms(scores, e), KEY) for e in ask.experiments(scores)}
        found: list[Claim | None] = []
        found += [_not_covered(scores, e, dims) for e, dims in arms.items()]
        found += [_needs_the_datas_dimension(scores, e, dims) for e, dims in arms.items()]
        for experiment, dims in arms.items():
            found += _fewer_between_the_modes(scores, experiment, dims)
        eight = arms.get("latent_eight_gaussians", {})
        some = (MODES.size, 2 - MODES.size)
        fewer = "at least half a mode, and half a mode fewer than two"
        for dim, words, (low, high), meant in [
            (2, "no mode", (-math.inf, MODES.size), "less than half a mode on average"),
            (3, "modes slightly: some, but fewer than two", some, fewer),
            (10, "modes slightly: some, but fewer than two", some, fewer),
            (100, "two modes", (2 - MODES.size, 2 + MODES.size), "two, plus or minus half a mode"),
        ]:
            found.append(_modes_lost(scores, eight, dim, words, low, high, meant))
        found += _right_variance_wrong_mean(scores, arms.get("latent_gaussian", {}))
        return [claim for claim in found if claim is not None]


def _not_covered(scores: Scores, experiment: str, dims: Mapping[int, str]) -> Claim | None:
    """The bound is half of what real points score, just as a mode is covered from half of its share on."""
    dataset = ask.dataset(scores, experiment)
    floor = ask.floor(scores, dataset, "coverage")
    if 1 not in dims or not floor.size:
        return None
    coverage = ask.values(scores, experiment, dims[1], "coverage")
    key, half = f"not_covered_{dataset}", float(floor.mean()) / 2
    return claim(
        key,
        f"{ask.title(scores, dataset)}: one latent dimension does not cover the data.",
        f"Mean coverage is at most {number(half)}, half of what real points score against real points.",
        effect(coverage, "latent", key),
        -math.inf,
        half,
    )


def _needs_the_datas_dimension(scores: Scores, experiment: str, dims: Mapping[int, str]) -> Claim | None:
    """The coverage lost with one dimension too few, paired by seed."""
    dataset = ask.dataset(scores, experiment)
    if not {DATA_DIM - 1, DATA_DIM} <= dims.keys():
        return None
    below, enough = ask.paired(scores, experiment, "coverage", [dims[DATA_DIM - 1], dims[DATA_DIM]])
    key = f"dimension_{dataset}"
    return beyond(
        key,
        f"{ask.title(scores, dataset)}: at least {DATA_DIM} latent dimensions are needed, as many as the data have.",
        f"Coverage with {DATA_DIM} dimensions minus that with {DATA_DIM - 1}, paired by seed,",
        effect(enough - below, "latent", key),
        COVERAGE,
    )


def _fewer_between_the_modes(scores: Scores, experiment: str, dims: Mapping[int, str]) -> Iterator[Claim]:
    """The fewest dimensions against the next and against the most, then the trend over all; for data with modes."""
    dataset, metric = ask.dataset(scores, experiment), "invalid_fraction"
    order = list(dims)
    if len(order) < 2 or not ask.floor(scores, dataset, metric).size:
        return
    for other in dict.fromkeys([order[1], order[-1]]):
        few, many = ask.paired(scores, experiment, metric, [dims[order[0]], dims[other]])
        key = f"between_{dataset}_{order[0]}_{other}"
        yield beyond(
            key,
            f"{ask.title(scores, dataset)}: {plural(order[0], 'latent dimension')} put{'s' * (order[0] == 1)} fewer "
            f"points "
            f"between the modes than {other}.",
            f"invalid_fraction with {other} dimensions minus that with {order[0]}, paired by seed,",
            effect(many - few, "latent", key),
            POINTS,
        )
    if len(order) > 2:
        from scipy.stats import kendalltau  # takes half a second, which no other study needs

        key, columns = f"between_{dataset}_trend", ask.paired(scores, experiment, metric, dims.values())
        taus = [kendalltau(order, by_seed).statistic for by_seed in np.column_stack(columns)]
        yield beyond(
            key,
            f"{ask.title(scores, dataset)}: the fewer latent dimensions, the fewer points between the modes.",
            f"Kendall’s τ between invalid_fraction and the number of dimensions ({min(order)} to {max(order)}), within "
            "each seed,",
            effect(np.nan_to_num(taus), "latent", key),  # NaN: all arms equal, no trend
            TREND,
        )


def _modes_lost(
    scores: Scores, dims: Mapping[int, str], dim: int, words: str, low: float, high: float, meant: str
) -> Claim | None:
    """The mean number of modes not covered, against what the article's words mean."""
    if dim not in dims:
        return None
    covered = ask.values(scores, "latent_eight_gaussians", dims[dim], "modes_covered")
    between = f"at most {high}" if math.isinf(low) else f"between {low} and {high}"
    key = f"lost_{dim}"
    return claim(
        key,
        f"On eight Gaussians, {dim} latent dimensions lose {words}.",
        f"The mean number of modes not covered is {between}: {meant}.",
        effect(N_MODES - covered, "latent", key),
        low,
        high,
    )


def _right_variance_wrong_mean(scores: Scores, dims: Mapping[int, str]) -> Iterator[Claim]:
    """Variance and mean with a hundred latent dimensions on the Gaussian."""
    words = "On the Gaussian, a hundred latent dimensions get the"
    for metric, claimed, rule, low, high in [
        (
            "std_ratio",
            "variance right",
            "generated over real standard deviation, is between 0.9 and 1.1",
            0.9,
            1.1,
        ),
        ("mean_error", "mean wrong", "in real standard deviations, is at least 0.1", 0.1, math.inf),
    ]:
        if 100 in dims:
            key = f"gaussian_{claimed.split()[0]}"
            measured = effect(ask.values(scores, "latent_gaussian", dims[100], metric), "latent", key)
            yield claim(key, f"{words} {claimed}.", f"{metric}, {rule} on average.", measured, low, high)
