"""What extra runs say about the claims of a study: the extras in extra/, judged by the rules of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modescope import datasets
from modescope.statistics import Verdict
from modescope.store.plan import Plan
from modescope.store.runs import Scores
from modescope.studies import Claim, Study

OPEN: Verdict = "inconclusive"


@dataclass(frozen=True)
class Longer:
    """The runs of an extra for one study."""

    extra: str  # its folder in extra/
    plan: Plan  # cut from its params.yaml, as for the default run
    scores: Scores  # those that are committed


@dataclass(frozen=True)
class Judged:
    """A claim as an extra judges it."""

    extra: str
    steps: tuple[int, int]  # fewest and most, of the experiments on the claim's dataset
    claim: Claim


@dataclass(frozen=True)
class Decided:
    """How many claims are decided, and by what. Each claim is counted once."""

    default: int  # by the default run
    longer: int  # by extra runs alone
    open: int
    disagree: int  # of those that the default run decides: extra runs say the opposite

    def __add__(self, other: Decided) -> Decided:
        """The counts of two studies together."""
        return Decided(
            self.default + other.default,
            self.longer + other.longer,
            self.open + other.open,
            self.disagree + other.disagree,
        )


def judge(study: Study, plan: Plan, longer: Sequence[Longer]) -> dict[str, list[Judged]]:
    """Key of a claim -> what each extra says about it, in the order of the extras.

    Experiments on a dataset that the plan of the default run defines in another way, or whose modes it counts by a
    classifier with other settings, are left out: the same words would be about something else.
    """
    found: dict[str, list[Judged]] = {}
    for one in longer:
        comparable = _comparable(one, plan)
        for claim in study.claims(comparable) if comparable.datasets else []:
            found.setdefault(claim.key, []).append(Judged(one.extra, _steps(one.plan, comparable, claim.key), claim))
    return found


def settled(judged: Sequence[Judged]) -> Verdict:
    """The verdict of the extras that decide a claim; inconclusive if none does, or if they contradict each other."""
    verdicts = {one.claim.verdict for one in judged} - {OPEN}
    return verdicts.pop() if len(verdicts) == 1 else OPEN


def decided(claims: Sequence[Claim], beside: Mapping[str, Sequence[Judged]]) -> Decided:
    """Counts over the claims of the default run and those that only extras judge."""
    default = {claim.key: claim.verdict for claim in claims}
    longer = {key: settled(judged) for key, judged in beside.items()}
    verdicts = [(default.get(key, OPEN), longer.get(key, OPEN)) for key in {**default, **longer}]
    return Decided(
        default=sum(first != OPEN for first, _ in verdicts),
        longer=sum(first == OPEN != second for first, second in verdicts),
        open=sum(first == OPEN == second for first, second in verdicts),
        disagree=sum(OPEN not in (first, second) and first != second for first, second in verdicts),
    )


def _comparable(longer: Longer, plan: Plan) -> Scores:
    """The scores without experiments whose dataset, or what reads it, the default run knows as another by that name."""
    ours, scores = plan["datasets"], longer.scores
    kept = [e for e, d in scores.datasets.items() if d not in ours or _defined(d, longer.plan) == _defined(d, plan)]
    return replace(
        scores,
        runs=scores.runs[scores.runs["experiment"].isin(kept)],
        diverged={run: step for run, step in scores.diverged.items() if run[0] in kept},
        datasets={e: scores.datasets[e] for e in kept},
        settings={e: scores.settings[e] for e in kept},
    )


def _defined(dataset: str, plan: Plan) -> tuple[Any, ...]:
    """The entry of a dataset, and the settings of the classifiers of the plan for points of its shape."""
    entry = plan["datasets"][dataset]
    classifiers, shape = plan.get("classifiers", {}).values(), datasets.build(entry).shape
    return entry, [c["settings"] for c in classifiers if tuple(c["shape"]) == shape]


def _steps(plan: Plan, scores: Scores, key: str) -> tuple[int, int]:
    """Fewest and most steps of the experiments on the dataset that a claim's key names, or of all."""
    names = [name for name in scores.datasets.values() if name.replace("_", "-") in key]
    dataset = max(names, key=len, default=None)
    steps = [plan["experiments"][e]["steps"] for e, name in scores.datasets.items() if dataset in (None, name)]
    return min(steps), max(steps)
