"""Why do GANs need so much noise? Latent dimensions from below the data's own to far above it (article 000)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table
from modescope.studies.common import charts, planes, tables
from modescope.studies.common import scores as ask
from modescope.studies.latent import claims, findings
from modescope.studies.latent.claims import DATA_DIM, KEY

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
        """Whether the data's own number of dimensions is needed, and whether more help; then coverage by dataset."""
        return findings.answer(scores)

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """For each dataset the first steps, the whole training and all dimensions; then metrics by dimension."""
        return [*(self._trainings(runs, name, scores) for name in runs), *self._charts(scores)]

    def _trainings(self, runs: Mapping[str, Runs], name: str, scores: Scores) -> Iterator[Figure]:
        lowest = min(ask.along(runs[name].arms, KEY), default=DATA_DIM)
        yield from planes.trainings(runs[name], scores, KEY, findings.NOUN, CURVE if lowest < DATA_DIM else "")

    def _charts(self, scores: Scores) -> Iterator[Iterator[Figure]]:
        yield charts.against(
            scores,
            KEY,
            {"kl_qp": "plain", "kl_qp_smoothed": "noise-smoothed"},
            name="kl",
            title="KL(generated ‖ real) against latent dimensions",
            caption=f"Lower is better. KL: how far the generated density lies from the real one, in nats. {INFINITE}",
            y_title="nats",
            symlog=0.01,
            finding=findings.divergence(scores),
        )
        yield charts.against(
            scores,
            KEY,
            {"coverage": "coverage"},
            name="coverage",
            title="Coverage against latent dimensions",
            caption="Higher is better. Coverage: the share of real points with a generated point nearer than "
            "their fifth real neighbour.",
            y_title="coverage",
            limits=(0, 1.03),
            finding=findings.coverage(scores),
        )
        yield charts.against(
            scores,
            KEY,
            {"modes_covered": "covered", "modes_hit": "hit"},
            name="modes",
            title="Modes against latent dimensions",
            caption="The gap between the two is what counting hits hides. A mode is covered when it gets at least half "
            "of its share in high-quality points, and hit when it gets at least one.",
            y_title="modes",
            finding=findings.modes(scores),
        )
        yield charts.against(
            scores,
            KEY,
            {"invalid_fraction": "between the modes"},
            name="invalid",
            title="Points between the modes against latent dimensions",
            caption="Lower is better. A point lies between the modes if it is three standard deviations or more from "
            "every one.",
            y_title="share of points",
            finding=findings.between(scores),
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
        """The article's claims."""
        return list(claims.claims(scores))
