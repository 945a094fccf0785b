"""What the study `intro` finds, in sentences computed from the scores: its answer and the headings of its figures."""

from __future__ import annotations

import math
from collections.abc import Iterable

from modescope.formatting import estimate, numbers, percents
from modescope.statistics import Estimate
from modescope.store.runs import Scores
from modescope.studies.common import answers
from modescope.studies.common import scores as ask
from modescope.studies.intro.claims import DATA_DIM, KEY, NO_LEAP, claims, usual_arms

NOUN = "latent dimension"


def answer(scores: Scores) -> list[str]:
    """How smooth the map is, and what too few dimensions cost; then jumps and coverage by dataset."""
    found = [_smooth(scores), answers.covered(scores, KEY, NOUN, DATA_DIM)]
    for experiment, arm in usual_arms(scores).items():
        jump, length = (ask.finite_mean(scores, experiment, arm, m) for m in ("walk_jump", "walk_length"))
        if jump.n:
            found.append(
                f"{ask.title(scores, ask.dataset(scores, experiment))}: along a straight latent line, the largest jump "
                f"is {estimate(jump)} times as large as among samples in random order, and the path is "
                f"{estimate(length)} times as long."
            )
        found.append(answers.coverage(scores, experiment, KEY, NOUN))
    return [sentence for sentence in found if sentence]


def _smooth(scores: Scores) -> str:
    jumps = _means(scores, "walk_jump", usual_arms(scores).items())
    verdicts = {claim.verdict for claim in claims(scores) if claim.key.startswith("walk-")}
    lead = "It learns a smooth map: a" if verdicts == {"supported"} else "A"
    return f"{lead}long a straight latent line, {_jump(jumps)}." if jumps else ""


def lines(scores: Scores, runs: Iterable[tuple[str, str]]) -> str:
    """How large the jumps along latent lines are, and whether that is small in all (experiment, arm)."""
    jumps = _means(scores, "walk_jump", runs)
    if not jumps:
        return ""
    lead = "Samples do not leap along a straight latent line" if all(e.high <= NO_LEAP for e in jumps) else ""
    return f"{lead}: {_jump(jumps)}." if lead else f"Along a straight latent line, {_jump(jumps)}."


def _jump(jumps: list[Estimate]) -> str:
    return f"the largest jump is {percents([e.value for e in jumps])} of that among samples in random order"


def arithmetic(scores: Scores, runs: Iterable[tuple[str, str]]) -> str:
    """How far sums and midpoints lie from the data, against samples."""
    of = list(runs)
    sums, midpoints = (_means(scores, f"{what}_distance", of) for what in ("sum", "midpoint"))
    if not sums or not midpoints:
        return ""
    sums_at, midpoints_at = (numbers([e.value for e in found]) for found in (sums, midpoints))
    return (
        f"Sums of latent points land {sums_at} times as far from the data as samples, midpoints {midpoints_at} times."
    )


def training(scores: Scores, experiment: str, arms: Iterable[str]) -> str:
    """How far the generator ends from the data, against a second real sample."""
    found = _means(scores, "sliced_w2", [(experiment, arm) for arm in arms])
    floor = ask.floor(scores, ask.dataset(scores, experiment), "sliced_w2")
    if not found or not floor.size or not floor.mean() > 0:
        return ""
    ratios = numbers([e.value / float(floor.mean()) for e in found])
    return (
        f"The generator ends {ratios} times as far from the data as a second real sample (sliced Wasserstein distance)."
    )


def _means(scores: Scores, metric: str, runs: Iterable[tuple[str, str]]) -> list[Estimate]:
    found = [ask.finite_mean(scores, experiment, arm, metric) for experiment, arm in runs]
    return [e for e in found if not math.isnan(e.value)]
