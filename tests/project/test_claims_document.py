"""docs/claims.md says what the code does: the smallest effects that matter, and the words of verdicts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

from modescope.statistics import Verdict
from modescope.studies import Reason
from modescope.studies.common.margins import ALL

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")


def table(heading: str) -> list[tuple[str, ...]]:
    """The cells of the first table below a heading, without its head."""
    lines = TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0].splitlines()
    rows = [line for line in lines if line.startswith("|")]
    return [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows[2:]]


def test_the_smallest_effects_are_those_of_the_code() -> None:
    assert table("The smallest effects that matter") == [(f"{m.size:g}", m.metric, m.why) for m in ALL]


def test_the_verdicts_of_the_present_run_are_those_of_its_summary() -> None:
    summary = json.loads((ROOT / "metrics.json").read_text(encoding="utf-8"))
    verdicts = [
        (name, *(str(study["claims"][v]) for v in get_args(Verdict)), str(study["decided"]["longer"]))
        for name, study in summary.items()
    ]
    assert table("Verdicts of the present run") == verdicts


def test_every_reason_is_explained() -> None:
    explained = TEXT.split("## The smallest effects that matter", 1)[0]
    assert all(reason in explained for reason in get_args(Reason))


def test_old_and_new_rules_stand_side_by_side() -> None:
    rows = table("Rules that changed")
    assert {len(row) for row in rows} == {6}
    turned = [(old, new) for *_, old, new in rows if old != new.split(":")[0]]
    assert turned == [
        ("inconclusive", "contradicted: no material effect"),
        ("inconclusive", "contradicted: no effect or the opposite"),
        ("inconclusive", "contradicted: no effect or the opposite"),
    ]
