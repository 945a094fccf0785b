"""How hard is it to teach a machine one number? The simplest GAN possible, 1,200 runs per setting (article 002)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import pandas as pd

from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table
from modescope.studies.common import scores as ask
from modescope.studies.common.tables import columns, last
from modescope.studies.point import claims, findings, handmade, lines
from modescope.studies.point import settings as point


class Point(Study):
    """Works with any settings; figures and claims that need others are left out."""

    question: ClassVar[str] = "How hard is it to teach a machine to make one number?"
    introduction: ClassVar[str] = (
        "The data are the number 1 and nothing else. The generator is a line, y = w z + b with z between −1 and 1, and "
        "has to find w = 0 and b = 1. The discriminator has two tanh units and draws a bell, which should stand over "
        "the number 1. No GAN can be much simpler, and still the two networks may circle each other or stop in the "
        "wrong place. Each remedy of the article is run separately, over hundreds of seeds; a run succeeds if it ends "
        "within 0.1 of both values. The article does not state its number of steps, batch size or learning rate. Those "
        "here are ours, so its claims are judged for our training: Adam, with weight decay added to the gradient."
    )
    source: ClassVar[str] = "Article 002, “PointGAN: a breakdown of the simplest GAN possible” (V. Pogribnyi)"
    headline_metric: ClassVar[str] = "success"
    data_shape: ClassVar[tuple[int, ...] | None] = (1,)

    def answer(self, scores: Scores) -> list[str]:
        """The best setting beside the baseline, and which settings succeed significantly more or less often."""
        return [told for told in (findings.success(scores), *findings.groups(scores)) if told]

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """Success by setting, w and b during training, single seeds, and the discriminators made by hand."""
        return [
            lines.success(scores),
            lines.progress(runs, scores),
            lines.seeds(runs, scores),
            iter([handmade.figure()] if runs else []),
        ]

    def tables(self, scores: Scores) -> list[Table]:
        """Success, w and b by setting; then the discriminators made by hand."""
        rows = []
        for setting, found in point.by_success(scores):
            row: dict[str, object] = {"setting": setting.title, **columns("success", found)}
            _, ends = point.finals(scores, setting)
            for i, name in enumerate(("final_weight", "final_bias")):
                row |= columns(name, ask.mean(scores, setting.experiment, setting.arm, name))
                row[f"{name}_deviation"] = ends[:, i].std(ddof=1) if len(ends) > 1 else float("nan")
            diverged = ask.n_diverged(scores, setting.experiment, setting.arm)
            rows.append(row | {"seeds": found.n - diverged, "diverged": diverged})
        if not rows:
            return []
        caption = (
            "The best setting first. Success: share of all seeds, diverged ones included, that end with |w| < 0.1 and "
            "|b − 1| < 0.1, with its 95 % Wilson interval. Final w and b: means over seeds with 95 % bootstrap "
            "intervals, and the standard deviation over seeds."
        )
        frame = last(pd.DataFrame(rows), ["seeds", "diverged"])
        return [Table("settings", "Settings of the simplest GAN", caption, frame), handmade.table()]

    def claims(self, scores: Scores) -> list[Claim]:
        """The article's claims about its settings, then the one about discriminators made by hand."""
        return [*claims.claims(scores), handmade.judged()]
