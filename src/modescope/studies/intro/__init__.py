"""What does a generator learn? The first curves and modes, and lines through its latent space (article 001)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import pandas as pd

from modescope.formatting import counted
from modescope.params.config import BASE_ARM
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table
from modescope.studies.common import answers, charts, tables
from modescope.studies.common import scores as ask
from modescope.studies.intro import claims, findings, walks
from modescope.studies.intro.claims import DATA_DIM, KEY

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
        """How smooth the map is, then for each dataset the largest jump along latent lines, and coverage."""
        return findings.answer(scores)

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """Each training over the discriminator's output, latent lines, arithmetic, and coverage by latent dimension."""
        return [
            *(_training(runs, name, scores) for name in runs),
            walks.lines(runs, scores, claims.usual_arms(scores)),
            charts.against(
                scores,
                KEY,
                {"coverage": "coverage"},
                name="coverage",
                title="Coverage against latent dimensions",
                caption="Higher is better. Coverage: the share of real points with a generated point nearer than "
                "their fifth real neighbour.",
                y_title="coverage",
                limits=(0, 1.03),
                finding=answers.covered(scores, KEY, findings.NOUN, DATA_DIM),
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
        """The article's claims."""
        return list(claims.claims(scores))


def _training(runs: Mapping[str, Runs], name: str, scores: Scores) -> Iterator[Figure]:
    """The training figure: one plane per number of latent dimensions, or a single one."""
    arms = {arm: counted(value, findings.NOUN) for value, arm in ask.along(runs[name].arms, KEY).items()}
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
