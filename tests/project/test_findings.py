"""The README's findings are the sentences that the studies compute from the committed scores."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pytest
from pipeline_copy import ROOT

from modescope import datasets, studies
from modescope.engine.work import by_arm
from modescope.params.config import Experiment
from modescope.params.reading import read
from modescope.plan.check import check
from modescope.plan.declared import remedies
from modescope.plan.studies import plans
from modescope.report import view
from modescope.report.evidence import Decided
from modescope.statistics import Verdict
from modescope.store.committed import read_committed
from modescope.store.runs import Scores

SUMMARY = json.loads((ROOT / "metrics.json").read_text(encoding="utf-8"))
HEADING = "## What one learns from it"
PROGRESS, NEEDS_PROGRESS = ROOT / "scores" / "progress" / "modes.csv", "equal compute"


@cache
def computed() -> dict[str, list[str]]:
    """The findings of every study, from scores/ and params.yaml alone.

    Those at equal compute only if the scores of snapshots are there, which DVC's cache has and git has not.
    """
    found = {}
    for name, plan in plans(check(read(ROOT / "params.yaml"), ROOT), remedies()):
        scores = read_committed(ROOT, plan)
        assert scores is not None
        if name == PROGRESS.stem and PROGRESS.is_file():
            scores = with_progress(scores, plan)
        found[name] = studies.build(name).answer(scores)
    return found | {"verdicts": [verdicts()]}


def verdicts() -> str:
    """The sentence of the front page on how many claims are decided, from metrics.json."""
    counts: Counter[Verdict] = sum((Counter(study["claims"]) for study in SUMMARY.values()), Counter())
    return view.verdicts(counts, sum((Decided(**study["decided"]) for study in SUMMARY.values()), Decided(0, 0, 0, 0)))


def with_progress(scores: Scores, plan: dict[str, Any]) -> Scores:
    """The scores of snapshots and the cost of every step, counted anew."""
    costs: dict[tuple[str, str], int] = {}
    for name, entry in plan["experiments"].items():
        settings = Experiment.model_validate(entry["settings"])
        shape = datasets.build(plan["datasets"][settings.dataset]).shape
        costs |= {(name, arm): cost for arm, cost in by_arm(settings, shape).items()}
    return replace(scores, progress=pd.read_csv(PROGRESS), costs=costs)


def printed() -> list[str]:
    """The bullets of the README's findings, each on one line and without emphasis."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.split(HEADING, 1)[1].split("\n## ", 1)[0]
    bullets = re.findall(r"^- (.*?)(?=^- |^\n|\Z)", section, flags=re.MULTILINE | re.DOTALL)
    return [" ".join(bullet.replace("**", "").split()) for bullet in bullets]


def test_there_are_findings_of_several_studies() -> None:
    of = {study for study, sentences in computed().items() if set(sentences) & set(printed())}
    assert {"modes", "traffic", "latent", "point", "verdicts"} <= of


@pytest.mark.parametrize("finding", printed())
def test_a_finding_is_computed(finding: str) -> None:
    if NEEDS_PROGRESS in finding and not PROGRESS.is_file():
        pytest.skip("scores/progress/modes.csv is made by `dvc repro` or `dvc pull`")
    assert finding in {sentence for sentences in computed().values() for sentence in sentences}
