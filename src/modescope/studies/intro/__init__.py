"""What does a generator learn? The first curves and modes, and lines through its latent space (article 001)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import ClassVar

import pandas as pd

from modescope.formatting import estimate, number, plural
from modescope.params.config import BASE_ARM
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table
from modescope.studies.common import answers, charts, tables
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import beyond, claim, effect
from modescope.studies.common.margins import COVERAGE
from modescope.studies.intro import walks

KEY = "latent_dim"
DATA_DIM = 2  # all datasets of this study are drawn in the plane
NEAR = 0.1  # a path ten times shorter than chance
NO_LEAP = 0.5  # a largest jump half as large as by chance
METRICS = ["sliced_w2", "coverage", "mean_error", "std_ratio"]
MODES = ["modes_covered", "modes_hit", "high_quality_fraction", "invalid_fraction"]
WALKS = ["walk_length", "walk_jump", "midpoint_offset", "midpoint_distance", "sum_distance"]
SEEDS = "Means over seeds with 95 % bootstrap intervals; diverged runs are counted but left out of the means."
FLOOR = (
    f"The row “{tables.FLOOR}” is the floor: real points scored against other real points, mean over repeats with the "
    "5th and 95th percentile."
)


class Intro(Study):
    """Works with any experiments; latent lines and arithmetic need snapshots with a walk."""

    question: ClassVar[str] = "What does a generator learn, and what lies between its latent points?"
    introduction: ClassVar[str] = (
        "Two networks compete: one turns random numbers into points, the other tries to tell them from real points. "
        "Small examples show how this works: a parabola and a bell curve, which have no width that could hide a "
        "mistake, and a mixture of four Gaussians. Each network has two layers of 32 units. After training we look at "
        "what the generator makes of straight lines through its latent space, and of sums and midpoints of latent "
        "points."
    )
    source: ClassVar[str] = "Article 001, “Generative adversarial networks: theory and introduction in PyTorch”"
    headline_metric: ClassVar[str] = "coverage"

    data_shape: ClassVar[tuple[int, ...] | None] = (DATA_DIM,)

    def answer(self, scores: Scores) -> list[str]:
        """For each dataset the largest jump along latent lines, and coverage by number of latent dimensions."""
        sentences = []
        for experiment, arm in usual_arms(scores).items():
            jump, length = (ask.finite_mean(scores, experiment, arm, m) for m in ("walk_jump", "walk_length"))
            if jump.n:
                sentences.append(
                    f"{ask.title(scores, ask.dataset(scores, experiment))}: along a straight latent line, the "
                    f"largest jump is "
                    f"{estimate(jump)} times as large as among samples in random order, and the path is "
                    f"{estimate(length)} times as long."
                )
            sentences.append(answers.coverage(scores, experiment, KEY, "latent dimension"))
        return [sentence for sentence in sentences if sentence]

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """Each training over the discriminator's output, latent lines, arithmetic, and coverage by latent dimension."""
        return [
            *(_training(runs, name, scores) for name in runs),
            walks.lines(runs, scores, usual_arms(scores)),
            charts.against(
                scores,
                KEY,
                {"coverage": "coverage"},
                name="coverage",
                title="Coverage against latent dimensions",
                caption="Share of real points that have a generated point nearer than their fifth real neighbour; "
                "higher is better.",
                y_title="coverage",
                limits=(0, 1.03),
            ),
        ]

    def tables(self, scores: Scores) -> list[Table]:
        """Generated against real points, the modes, and scores along latent lines."""
        curves = (
            "Coverage is strict on a curve: its balls reach only to the fifth neighbour along the curve, and points a "
            "thousandth off the curve cover nothing. The sliced Wasserstein distance is in the units of the data."
        )
        walk = (
            "Relative to what samples in random order score, except for the last two: these are relative to the mean "
            "distance of the generator’s samples from the nearest real point."
        )
        found = [
            Table("metrics", "Generated against real points", f"{curves} {SEEDS} {FLOOR}", _table(scores, METRICS)),
            Table("modes", "Modes", f"{SEEDS} {FLOOR}", _named(scores, tables.modes(scores, KEY, MODES))),
            Table("walks", "Along latent lines, at midpoints and sums", f"{walk} {SEEDS}", _table(scores, WALKS)),
        ]
        return [table for table in found if len(table.frame)]

    def claims(self, scores: Scores) -> list[Claim]:
        """Neighbouring latent points give neighbouring samples (two claims); too small a latent limits coverage."""
        found: list[Claim | None] = []
        for experiment, arm in usual_arms(scores).items():
            found += _neighbours(scores, experiment, arm)
        found += [_too_small(scores, experiment) for experiment in ask.experiments(scores)]
        return [claim for claim in found if claim is not None]


def usual_arms(scores: Scores) -> dict[str, str]:
    """Experiment -> its arm with as many latent dimensions as the data, or else its first arm."""
    found = {}
    for experiment in ask.experiments(scores):
        arms = ask.arms(scores, experiment)
        if arms:
            found[experiment] = ask.along(arms, KEY).get(DATA_DIM, arms[0])
    return found


def _training(runs: Mapping[str, Runs], name: str, scores: Scores) -> Iterator[Figure]:
    """The training figure: one plane per number of latent dimensions, or a single one."""
    arms = {arm: plural(value, "latent dimension") for value, arm in ask.along(runs[name].arms, KEY).items()}
    yield walks.training(runs[name], scores, arms or {runs[name].arms[0]: ""})


def _table(scores: Scores, metrics: list[str]) -> pd.DataFrame:
    """The table of those metrics that were measured, without floor rows that have no value."""
    measured = [m for m in metrics if (scores.runs["metric"] == m).any()]
    frame = _named(scores, tables.metrics(scores, KEY, measured))
    if not len(frame):
        return frame
    empty = (frame[KEY] == tables.FLOOR) & frame[measured].isna().all(axis=1)
    return frame[~empty].reset_index(drop=True)


def _named(scores: Scores, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the number of latent dimensions in place of the name of a base arm."""
    of = {ask.dataset(scores, e): str(settings.get(KEY, BASE_ARM)) for e, settings in scores.settings.items()}
    if len(frame):
        frame[KEY] = [
            of.get(dataset, arm) if arm == BASE_ARM else arm
            for dataset, arm in zip(frame["dataset"], frame[KEY], strict=True)
        ]
    return frame


def _neighbours(scores: Scores, experiment: str, arm: str) -> Iterator[Claim]:
    """Limits on length and jump: a path of many leaps is long, and a short path with one leap has a large jump."""
    dataset = ask.dataset(scores, experiment)
    for metric, words, what, most in [
        ("walk_length", "neighbouring latent points give neighbouring samples", "relative path length", NEAR),
        ("walk_jump", "samples never leap along a latent line", "relative largest jump", NO_LEAP),
    ]:
        values = ask.values(scores, experiment, arm, metric)
        if values.size:
            key = f"{metric}_{dataset}"
            yield claim(
                key,
                f"{ask.title(scores, dataset)}: {words}.",
                f"The mean {what} along straight latent lines is at most {number(most)}; for as many samples in "
                "random order it is 1.",
                effect(values, "intro", key),
                -math.inf,
                most,
            )


def _too_small(scores: Scores, experiment: str) -> Claim | None:
    """The coverage lost with one latent dimension too few, paired by seed; the rule of the study `latent`."""
    dims, dataset = ask.along(ask.arms(scores, experiment), KEY), ask.dataset(scores, experiment)
    if not {DATA_DIM - 1, DATA_DIM} <= dims.keys():
        return None
    below, enough = ask.paired(scores, experiment, "coverage", [dims[DATA_DIM - 1], dims[DATA_DIM]])
    key = f"too_small_{dataset}"
    return beyond(
        key,
        f"{ask.title(scores, dataset)}: too small a latent limits coverage.",
        f"Coverage with {DATA_DIM} latent dimensions minus that with {DATA_DIM - 1}, paired by seed,",
        effect(enough - below, "intro", key),
        COVERAGE,
    )
