"""What the study `dirac` finds, in sentences computed from the scores: its answer and the headings of its figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from modescope.dirac import steps
from modescope.formatting import in_letters, listing, number, plural, sentence
from modescope.store.runs import Scores
from modescope.studies.dirac.remedies import (
    FEW,
    MOST,
    Arm,
    disagreements,
    find,
    mean,
    ordered,
    resting,
    rests,
    share,
    whole,
    worst,
)

CLOSE = 0.1  # the distance within which a run counts as converged


class Fates(NamedTuple):
    """The arms by how many of their starts reach the equilibrium."""

    most: list[Arm]  # nearly all
    few: list[Arm]  # nearly none
    open: list[Arm]  # some, or too few starts to tell
    short: list[Arm]  # did not make all steps


def fates(scores: Scores, found: Sequence[Arm]) -> Fates:
    """What the measured shares say, by their Wilson intervals."""
    judged = Fates([], [], [], [])
    for arm in ordered(found):
        e = share(scores, arm, "converged")
        if not whole(scores, arm):
            judged.short.append(arm)
        elif e.low >= MOST:
            judged.most.append(arm)
        elif e.high <= FEW:
            judged.few.append(arm)
        elif e.n:
            judged.open.append(arm)
    return judged


def answer(scores: Scores, found: Sequence[Arm]) -> list[str]:
    """Whether theory and training agree, and how many converge; then which, how closely, and what averages do."""
    found = [arm for arm in found if share(scores, arm, "converged").n]
    if not found:
        return []
    told = (_first(scores, found), _who(scores, found), _agreement(scores, found), _more(scores, found))
    return [words for words in told if words]


def _first(scores: Scores, found: Sequence[Arm]) -> str:
    """The agreement and the numbers of settings that reach the equilibrium."""
    agree = sum(not disagreements(scores, arm) for arm in found)
    every = all(whole(scores, arm) for arm in found)
    lead = "The eigenvalues of a training step decide it: t" if agree == len(found) and every else "T"
    words = f"{lead}heory and training agree for {agree} of {plural(len(found), 'setting')}"
    if not every:
        return f"{words}, as far as these are judged."
    judged = fates(scores, found)
    counts = [f"{len(judged.most)} reach the equilibrium from nearly every start"] if judged.most else []
    counts += [f"{len(judged.few)} from nearly none"] if judged.few and judged.most else []
    return f"{words}; {', '.join(counts)}." if counts else f"{words}."


def _who(scores: Scores, found: Sequence[Arm]) -> str:
    """Which settings converge from nearly all starts, and which from nearly none; of those that made all steps."""
    judged, words = fates(scores, found), []
    if judged.most:
        words.append(f"From nearly every start, these reach the equilibrium: {_titles(judged.most)}.")
    if judged.few:
        words.append(f"From nearly none: {_titles(judged.few)}.")
    if judged.open:
        rest = [f"{arm.title} ({number(share(scores, arm, 'converged').value)})" for arm in judged.open]
        words.append(f"Not decided from so few starts, or only some reach it: {'; '.join(rest)}.")
    if judged.short:
        which = "all settings" if len(judged.short) == len(found) else _titles(judged.short)
        words.append(f"Not judged, as not all steps were made: {which}.")
    return " ".join(words)


def _titles(found: Sequence[Arm]) -> str:
    return "; ".join(arm.title for arm in found)  # titles have commas


def _agreement(scores: Scores, found: Sequence[Arm]) -> str:
    """How closely training follows the exact field, and where it does not."""
    wrong = {arm.title: parts for arm in found if (parts := disagreements(scores, arm))}
    exact = [arm for arm in found if not arm.remedy.noise_variance]
    closest = max((worst(scores, arm) for arm in exact), default=math.nan)
    words = []
    if exact:
        words.append(
            f"Without noise, no trained path strays from the exact one by more than {number(closest)} of its size."
        )
    for arm in found:
        if rests(arm) and whole(scores, arm):
            theory, measured = resting(scores, arm)
            words.append(f"{arm.title} stays at a distance of {number(measured)}, where {number(theory)} is predicted.")
    if wrong:
        words.append(f"They differ: {listing([f'{name} ({listing(parts)})' for name, parts in wrong.items()])}.")
    return " ".join(words)


def _circling(scores: Scores, found: Sequence[Arm]) -> list[tuple[Arm, Arm]]:
    """Live weights that circle in the end, and the averages of the same training."""
    return [
        (live, other)
        for live in found
        if not live.entry.averaged and live.predicted.fate == "circles" and live.predicted.circling
        for other in found
        if other.entry.averaged and other.entry.experiment == live.entry.experiment and other.settings == live.settings
        if whole(scores, live)
    ]


def _more(scores: Scores, found: Sequence[Arm]) -> str:
    """What averaging does, and what pairing does without a penalty."""
    words = []
    for live, averaged in _circling(scores, found)[:1]:
        ratio = mean(scores, averaged, "final_error").value / mean(scores, live, "final_error").value
        words.append(
            f"Averaged weights circle too: their error is {number(ratio)} of that of the live weights "
            f"({number(steps.averaging(averaged.remedy))} predicted)."
        )
    paired, plain = find(found, "r3gan", gamma=0.0), find(found, "gan")
    if paired and plain and whole(scores, paired) and whole(scores, plain):
        ends = [number(mean(scores, arm, "final_distance").value) for arm in (paired, plain)]
        words.append(
            f"Relativistic pairing alone is the GAN again: {paired.title} ends at a distance of {ends[0]}, "
            f"{plain.title} at {ends[1]}."
        )
    return " ".join(words)


def portraits(scores: Scores, found: Sequence[Arm]) -> str:
    """How many of the settings that are shown reach the equilibrium, and of which remedies."""
    judged = fates(scores, found)
    if judged.short or not judged.most:
        return ""
    kinds = listing(list(dict.fromkeys(arm.kind for arm in judged.most)))
    some = f"{sentence(in_letters(len(judged.most)))} of {len(found)} settings"
    return f"{some} reach the equilibrium from nearly every start: {kinds}."


def at_once(found: Sequence[Arm]) -> str:
    """Whether steps at once lead away where steps in turn do not; said only if theory says so of all that differ."""
    other = [arm for arm in found if arm.at_once.fate != arm.predicted.fate]
    if not other or any(arm.at_once.fate != "leaves" for arm in other):
        return ""
    held = any(arm.at_once.fate == "converges" and arm.settings.variant == "r1" for arm in found)
    words = "Stepping both sides at once leads away from the equilibrium"
    return f"{words}; a penalty still holds." if held else f"{words}."


def distances(ends: Sequence[float], step: int) -> str:
    """How many settings end near the equilibrium, by the median distance of their runs."""
    near, far = [end for end in ends if end <= CLOSE], [end for end in ends if end > CLOSE]
    if not near:
        return f"After {plural(step, 'step')}, no setting is within {CLOSE:g} of the equilibrium."
    words = (
        f"After {plural(step, 'step')}, {in_letters(len(near))} of {plural(len(ends), 'setting')} are within {CLOSE:g}"
    )
    return f"{words} of the equilibrium{f'; the others are at least {number(min(far))} away' if far else ''}."


def rates(off: Sequence[str]) -> str:
    """Whether the remedies that are shown move as theory says."""
    if off:
        return f"Not every remedy moves as its eigenvalues say: {'; '.join(off)}."
    return "Trained with the variants’ own code, remedies move as their eigenvalues say."
