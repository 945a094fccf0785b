"""Diverged runs in words: when, and what was the first to be infinite or not a number."""

from __future__ import annotations

from collections.abc import Mapping

from modescope.formatting import listing
from modescope.store.runs import Scores

MOST = 5  # runs of an arm that are named one by one
Run = tuple[str, str, int]  # experiment, arm, seed


def lines(scores: Scores) -> list[str]:
    """A line per arm with diverged runs: each seed with its step; above five runs, their number and the first step."""
    found: dict[str, dict[Run, int]] = {}
    for run, step in scores.diverged.items():
        found.setdefault(f"{run[0]}, {run[1]}", {})[run] = step
    return [f"{arm}: {_told(scores, runs)}" for arm, runs in found.items()]


def first(scores: Scores, runs: Mapping[Run, int]) -> str:
    """The step of the run that diverged first, and what was not finite there: `step 40 (the generator's samples)`."""
    run = min(runs, key=lambda run: (runs[run], run))
    what = _named(scores.non_finite.get(run, ""))
    return f"step {runs[run]:,}{f' ({what})' if what else ''}"


def _told(scores: Scores, runs: Mapping[Run, int]) -> str:
    if len(runs) > MOST:
        return f"{len(runs):,} runs, the first at {first(scores, runs)}"
    each = sorted(runs.items(), key=lambda item: item[0][2])
    return listing([f"seed {run[2]} at {first(scores, {run: step})}" for run, step in each])


def _named(what: str) -> str:
    """What `engine.training` found: a column of the history, a network's parameters, or the samples."""
    side, _, term = what.partition("_")
    if what.endswith(" parameters"):
        return f"the {what.removesuffix(' parameters')}’s parameters"
    if side in ("discriminator", "generator") and term:
        return f"the {side}’s term “{term}”"
    return f"the {what}" if what else ""
