"""Every remedy with what theory predicts and what the trained runs did, and whether the two agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from modescope.dirac import paths, steps
from modescope.dirac.remedies import Remedy, remedy
from modescope.dirac.steps import Prediction
from modescope.figures.marks import Named
from modescope.formatting import in_words, number
from modescope.params.config import Experiment
from modescope.statistics import Estimate, wilson
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, datasets, entries

DATA = "origin"  # the dataset of the study
PATH, FACTOR, TURN, REST = 1e-4, 0.005, 0.005, 0.1  # tolerances of the agreement; REST is relative
MOST, FEW = 0.95, 0.05  # share of runs: "converges" is at least the one, "does not converge" at most the other
FATES = ("converges", "circles", "stops elsewhere", "leaves")
LARGEST = 2.0  # a factor above it leaves the linear part at once, so it cannot be measured
SHORT = {"hyperparameters": "", "n_critic": "n", "r1_gamma": "γ", "gamma": "γ", "steps": "K", "clip": "c", "ema": "ema"}
NO_CLIP = 100.0  # a bound that no path of this study reaches


@dataclass(frozen=True)
class Arm:
    """One arm of one experiment."""

    entry: Entry
    kind: str  # the remedy in words, without what is swept
    settings: Experiment
    remedy: Remedy
    predicted: Prediction  # of alternating steps
    at_once: Prediction  # of simultaneous steps

    @property
    def label(self) -> str:
        """A short name: wgan c=1 n=5."""
        return label(self.entry)

    @property
    def named(self) -> Named:
        """The title, for what is drawn: marks with it are found by the remedy."""
        return Named(self.title, self.entry.remedy)

    @property
    def title(self) -> str:
        """The remedy in words with what is swept in symbols, for readers: R1 penalty (γ = 0.3)."""
        swept = {key: value for key, value in _swept(self.entry).items() if key != "ema"}
        words = [f"{SHORT.get(key, key)} = {number(value)}" for key, value in swept.items()]
        swept_to = f" ({', '.join(words)})" if words else ""
        return f"{self.kind}{swept_to}{' with averaged weights' if self.entry.averaged else ''}"

    @property
    def factor(self) -> float:
        """The predicted factor per step; NaN where it cannot be measured.

        Where paths stop elsewhere, the double eigenvalue of 1 has one eigenvector: distances grow by steps of one size,
        not by a factor, until terms that are not linear end it.
        """
        measurable = self.predicted.modulus <= LARGEST and self.remedy.decay is None
        measurable = measurable and self.predicted.fate != "stops elsewhere"
        return self.predicted.modulus if measurable else math.nan

    @property
    def turn(self) -> float:
        """The predicted turn per step (radians); NaN where paths do not circle or where it cannot be measured."""
        return self.predicted.angle if self.predicted.circling and not math.isnan(self.factor) else math.nan


def label(entry: Entry) -> str:
    """A short name of an entry: its name or variant, and what is swept, in symbols; no bound that is never reached."""
    first = entry.label.split(" ", 1)[0]
    return " ".join([first, *(f"{SHORT.get(key, key)}={value:g}" for key, value in _swept(entry).items())])


def _swept(entry: Entry) -> dict[str, float]:
    """What is swept, without a bound that is never reached."""
    words = (word.split("=", 1) for word in entry.label.split(" ")[1:])
    values = {key: float(value) for key, value in words}
    return {key: value for key, value in values.items() if key != "clip" or value < NO_CLIP}


def ordered(found: Sequence[Arm]) -> list[Arm]:
    """The arms by what theory predicts: those that converge first, the fastest before the others."""
    return sorted(found, key=lambda arm: (FATES.index(arm.predicted.fate), arm.predicted.modulus))


def arms(scores: Scores) -> list[Arm]:
    """Every arm whose field is known, in the order of params.yaml."""
    found = []
    for name in datasets(scores):
        for entry in entries(scores, name):
            settings = scores.settings[entry.experiment]
            if "variant" not in settings:
                continue
            every = paths.arms(Experiment.model_validate(dict(settings)))
            chosen = every.get(entry.arm)
            known = None if chosen is None else remedy(chosen[0], averaged=chosen[1])
            if chosen is not None and known is not None:
                both = steps.predict(known), steps.predict(known, steps.simultaneous)
                kind = scores.experiment_titles.get(entry.experiment) or in_words(entry.variant)
                found.append(Arm(entry, kind, chosen[0], known, *both))
    return found


def find(found: Sequence[Arm], name: str, **hyperparameters: float) -> Arm | None:
    """The arm of live weights of dirac_origin_<name> at these hyperparameters; None if it is not there."""
    for arm in found:
        values = {key: arm.settings.hyperparameters.get(key) for key in hyperparameters}
        if arm.entry.experiment == f"dirac_{DATA}_{name}" and values == hyperparameters and not arm.entry.averaged:
            return arm
    return None


def mean(scores: Scores, arm: Arm, metric: str) -> Estimate:
    """The mean of a metric over the runs that have it."""
    return ask.mean(scores, arm.entry.experiment, arm.entry.arm, metric)


def share(scores: Scores, arm: Arm, metric: str) -> Estimate:
    """The share of runs for which a metric is 1; runs that diverged count as 0."""
    found = ask.values(scores, arm.entry.experiment, arm.entry.arm, metric)
    return wilson(int(found.sum()), len(found) + ask.n_diverged(scores, arm.entry.experiment, arm.entry.arm))


def whole(scores: Scores, arm: Arm) -> bool:
    """Whether its runs made all steps of params.yaml, so that their end can be judged; at a low effort they do not.

    Runs that diverged have no path, and more steps would not have brought them back.
    """
    made = ask.values(scores, arm.entry.experiment, arm.entry.arm, "path_steps")
    return not (made < arm.settings.steps).any()


def worst(scores: Scores, arm: Arm) -> float:
    """The largest deviation of any run from its exact path; NaN if nothing was measured."""
    found = ask.values(scores, arm.entry.experiment, arm.entry.arm, "deviation")
    return float(found.max()) if found.size else math.nan


def rests(arm: Arm) -> bool:
    """Whether noise keeps runs at a distance that theory knows: those that would converge without it."""
    return arm.remedy.noise_variance > 0 and arm.predicted.fate == "converges"


def resting(scores: Scores, arm: Arm) -> tuple[float, float]:
    """(predicted, measured) distance in the end of runs that noise keeps from resting, root mean squares over runs."""
    found = ask.values(scores, arm.entry.experiment, arm.entry.arm, "final_distance")
    return steps.resting_distance(arm.remedy), float(np.sqrt((found**2).mean())) if found.size else math.nan


def disagreements(scores: Scores, arm: Arm) -> list[str]:
    """What was measured otherwise than predicted; empty where theory and training agree.

    The verdict, the whole path (or, with noise, the distance at rest), the factor and the turn per step. All but the
    path concern the end, so they are not judged unless all steps were made.
    """
    wrong = [] if arm.remedy.noise_variance or worst(scores, arm) <= PATH else ["path"]
    if not whole(scores, arm):
        return wrong
    converged, at_rest = share(scores, arm, "converged").value, share(scores, arm, "at_rest").value
    expected = {
        "converges": converged >= MOST,
        "circles": converged <= FEW and at_rest <= FEW,
        "stops elsewhere": converged <= FEW and at_rest >= MOST,
        "leaves": converged <= FEW,
    }
    if not expected[arm.predicted.fate]:
        wrong.append("verdict")
    if rests(arm):
        theory, found = resting(scores, arm)
        if not abs(found / theory - 1) <= REST:
            wrong.append("distance at rest")
    for name, metric, theory, allowed in (
        ("factor", "contraction", arm.factor, FACTOR),
        ("turn", "turning", arm.turn, TURN),
    ):
        found = mean(scores, arm, metric).value
        if not math.isnan(theory) and not math.isnan(found) and abs(found - theory) > allowed:
            wrong.append(name)
    return wrong
