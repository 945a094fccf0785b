"""Why does one remedy converge and another circle for ever? The Dirac-GAN, solved and trained."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np
import pandas as pd

from modescope.dirac import steps
from modescope.formatting import listing, number
from modescope.statistics import Estimate
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table
from modescope.studies.common.tables import columns, last
from modescope.studies.dirac import claims, figures, findings, formulas
from modescope.studies.dirac.remedies import (
    FACTOR,
    FEW,
    MOST,
    PATH,
    REST,
    TURN,
    Arm,
    arms,
    disagreements,
    mean,
    ordered,
    share,
    whole,
    worst,
)

JUMP = 1e4  # an eigenvalue above it is that of a jump, which the 1e-12 under the root of WGAN-GP makes finite


class Dirac(Study):
    """Works with any settings of a point and a line; arms whose field is not known are left out."""

    question: ClassVar[str] = "Why does one remedy converge, while another circles for ever?"
    introduction: ClassVar[str] = (
        "The smallest GAN that can be solved: the data are the point 0, the generator is one number θ, and the "
        "discriminator is a line through the origin, D(x) = ψ x. For every loss and penalty, the direction in which "
        "training pushes θ and ψ is known in a line, and the eigenvalues of one training step at the equilibrium "
        "θ = ψ = 0 say whether training converges, how fast, or whether it circles. Here each remedy is solved from "
        "its paper’s formulas, and trained with the same code as in the other studies, from random starts. Both must "
        "agree: this also tests the losses against a derivation that shares no code with them. Training is plain "
        "gradient descent. As in the whole project, the discriminator steps first, then the generator. Spectral "
        "normalisation has no place here: on a line it leaves only the sign of ψ, which has no gradient, so the hinge "
        "loss is trained without it. Packing would only change the speed, and batch statistics have no meaning, as all "
        "points are alike."
    )
    source: ClassVar[str] = (
        "L. Mescheder, A. Geiger and S. Nowozin, “Which Training Methods for GANs do actually Converge?” (ICML 2018)"
    )
    headline_metric: ClassVar[str] = "converged"
    data_shape: ClassVar[tuple[int, ...] | None] = (1,)

    def answer(self, scores: Scores) -> list[str]:
        """Whether theory and training agree, and how many converge; then which, how closely, and what averages do."""
        return findings.answer(scores, arms(scores))

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """Portraits, steps at once beside steps in turn, distances, and predicted against measured numbers."""
        found = ordered(arms(scores))
        rates = sorted({arm.remedy.rate_generator for arm in found})
        about = f"Alternating gradient descent at the rate {listing([number(rate) for rate in rates])}."
        return [
            figures.portrait(runs, scores, found, about),
            figures.at_once(found),
            figures.distances(runs, found),
            figures.rates(scores, found),
        ]

    def tables(self, scores: Scores) -> list[Table]:
        """Every remedy's predicted and measured behaviour, then the fields themselves."""
        found = ordered(arms(scores))
        rows = [_row(scores, arm) for arm in found]
        if not rows:
            return []
        caption = (
            "The remedies that converge first. γ: weight of the penalty; c: bound of the weights; n: critic steps; "
            "K: unrolled steps. Eigenvalues: of the field’s Jacobian at the equilibrium, at rate 1; WGAN-GP has "
            "none, as the slope of its penalty jumps there. At once, in turn: what the eigenvalues of a step predict "
            "if both sides step at once, or D first and then G, as this project trains. Converges: all lie inside "
            "the unit circle. Circles: the largest lie on it. Leaves: one lies outside. Stops elsewhere: one is 1, "
            "so there is rest beside the equilibrium. Factor and turn (radians): by how much the distance changes "
            "and a path turns in a step, predicted and measured within a distance of 0.5, where the field is nearly "
            "linear; – where that is not defined. Converged: the share of runs that end within 0.1 of the "
            "equilibrium, with its Wilson interval. Deviation: the worst of all runs, the largest distance between "
            "the trained path in float32 and the exact one in float64, relative to the size of the path; – with "
            f"noise, where only the mean follows the exact path. Agrees: the verdict fits (at least {number(MOST)} or "
            f"at most {number(FEW)} converged; where it predicts circles, hardly any run is at rest, and where it "
            f"predicts that runs stop elsewhere, nearly all are), the deviation is at most {number(PATH)} (with "
            f"noise: the distance at rest is within {REST * 100:g} % of its prediction), factor and turn are within "
            f"{number(FACTOR)} and {number(TURN)}. Only the deviation is judged unless all steps were made."
        )
        frame = last(pd.DataFrame(rows), ["seeds"])
        title, whose = "Every remedy’s predicted and measured behaviour", [arm.entry for arm in found]
        every = Table("remedies", title, caption, frame, entries=whose)
        return [every, *formulas.table(found)]

    def claims(self, scores: Scores) -> list[Claim]:
        """The paper's claims."""
        return list(claims.claims(scores, arms(scores)))


def _row(scores: Scores, arm: Arm) -> dict[str, object]:
    wrong = disagreements(scores, arm)
    agrees = "yes" if not wrong else f"no: {listing(wrong)}"
    if not whole(scores, arm):
        agrees = "not judged" if arm.remedy.noise_variance else f"{agrees} (the path; verdict not judged)"
    converged = share(scores, arm, "converged")
    return {
        "remedy": arm.title,
        "eigenvalues": pair(steps.field_eigenvalues(arm.remedy)),
        "at_once": arm.at_once.fate,
        "in_turn": arm.predicted.fate,
        "factor_predicted": arm.factor,
        **columns("factor_measured", _where(mean(scores, arm, "contraction"), arm.factor)),
        "turn_predicted": arm.turn,
        **columns("turn_measured", _where(mean(scores, arm, "turning"), arm.turn)),
        **columns("converged", converged),
        **columns("final_distance", mean(scores, arm, "final_distance")),
        "deviation": math.nan if arm.remedy.noise_variance else worst(scores, arm),
        "agrees": agrees,
        "seeds": converged.n,
    }


def _where(measured: Estimate, predicted: float) -> Estimate:
    """The estimate, or none where there is no prediction to compare it with."""
    return Estimate(math.nan, math.nan, math.nan, 0) if math.isnan(predicted) else measured


def pair(values: Sequence[complex] | np.ndarray[tuple[int, ...], np.dtype[np.complex128]]) -> str:
    """Two eigenvalues in words: ±0.5i, −0.15 ± 0.477i, −0.134 and −1.87, 0 twice; or that the field jumps."""
    one, other = (complex(value) for value in values)
    if max(abs(one), abs(other)) > JUMP:
        return "jump at ψ = 0"
    if abs(one.imag) > 1e-9:
        real = f"{number(one.real)} ± " if abs(one.real) > 1e-9 else "±"
        size = number(abs(one.imag))
        return f"{real}{'' if size == '1' else size}i"
    shown = [number(0.0 if abs(value.real) < 1e-9 else value.real) for value in (one, other)]
    return f"{shown[0]} twice" if shown[0] == shown[1] else listing(shown)
