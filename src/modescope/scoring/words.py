"""What was found, in sentences: what is covered, what is missing, how many metrics lie within the floor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from modescope.formatting import counted, in_letters, listing, percent, sentence
from modescope.metrics.common.neighbours import low_dimensional
from modescope.metrics.prdc import Prdc
from modescope.scoring.found import Found, Standing
from modescope.scoring.modes import Mode, State

WRONG: tuple[tuple[State, str], ...] = (("lost", "lost"), ("thin", "too thin"))
NAMED = 12  # modes that a sentence names at most


def headline(found: Found, modes: Sequence[Mode]) -> tuple[str, str]:
    """The finding in one or two sentences; the second, often empty, is what is wrong."""
    if modes:
        states = Counter(mode.state for mode in modes)
        if states["covered"] == len(modes):
            return (
                "The mode is covered." if len(modes) == 1 else f"All {counted(len(modes), 'mode')} are covered.",
                "",
            )
        n = states["covered"]
        covered = f"{sentence(in_letters(n)) if n else 'None'} of {counted(len(modes), 'mode')}"
        wrong = [
            f"{in_letters(states[state])} {'is' if states[state] == 1 else 'are'} {word}"
            for state, word in WRONG
            if states[state]
        ]
        return (f"{covered} {'is' if n <= 1 else 'are'} covered,", f"{listing(wrong)}.")
    score = found.scores.get("coverage")
    if score is not None and score.standing != "unknown":
        if score.standing == "worse":
            return (
                f"The generated points cover {percent(score.value)} of the real ones,",
                f"other real points {percent(score.floor)}.",
            )
        return ("The generated points cover the real ones as well as other real points do.", "")
    worse = sum(score.standing == "worse" for score in found.scores.values())
    of = f"of {len(found.scores)} metrics"
    return (
        (f"{sentence(in_letters(worse))} {of} {'is' if worse == 1 else 'are'} worse", "than between real points.")
        if worse
        else (f"None {of} is worse than between real points.", "")
    )


def standings(found: Found) -> str:
    """How many metrics lie where, in one sentence."""
    counts = Counter(score.standing for score in found.scores.values())
    words: tuple[tuple[Standing, str, str], ...] = (
        ("as real", "lies within the range of the floor", "lie within the range of the floor"),
        ("better", "is better", "are better"),
        ("worse", "is worse", "are worse"),
        ("differs", "differs", "differ"),
        ("unknown", "is not defined", "are not defined"),
    )
    parts = [f"{in_letters(n)} {one if n == 1 else several}" for key, one, several in words if (n := counts[key])]
    against = "measured against the floor: real points beside other real points"
    return f"Of {len(found.scores)} metrics, {listing(parts)}, {against}."


def missing(found: Found, modes: Sequence[Mode], uncovered: NDArray[np.bool_] | None) -> list[str]:
    """What is missing, a sentence each."""
    said = []
    for state, words in (("lost", "no generated point"), ("thin", "less than half of its true share")):
        of = [mode for mode in modes if mode.state == state]
        if of:
            more = len(of) - NAMED
            names = [str(mode.number) for mode in of[:NAMED]] + ([f"{more:,} more"] if more > 0 else [])
            one = len(of) == 1
            said.append(f"{'Mode' if one else 'Modes'} {listing(names)} {'has' if one else 'have'} {_own(words, one)}.")
    if modes and not said:
        said.append("Every mode has at least half of its true share of the generated points.")
    if modes:
        score = found.scores["invalid_fraction"]
        said.append(
            f"{percent(score.value)} of the generated points belong to no mode; of the real points it is "
            f"{percent(score.floor)}."
        )
    family = found.asked.families.get("prdc")
    if uncovered is not None and isinstance(family, Prdc):
        score = found.scores["coverage"]
        said.append(
            f"{percent(float(uncovered.mean()))} of the real points have no generated point within the distance to "
            f"their {family.k} nearest real neighbours; among other real points it is {percent(1 - score.floor)}."
        )
    return said or [f"Coverage is not measured here: {_why(found)}."]


def _own(words: str, one: bool) -> str:
    return words if one else words.replace("its", "their")


def _why(found: Found) -> str:
    score = found.scores.get("coverage")
    if score is not None:
        return score.reason
    few = low_dimensional(found.asked.dataset)
    return (
        "the family prdc was not chosen" if few else f"points have {found.real[0].size:,} coordinates, too many for it"
    )
