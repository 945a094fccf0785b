"""docs/claims.md says what the code does: the smallest effects that matter, and the words of verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from modescope.studies import Reason
from modescope.studies.common.margins import ALL

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")


def table(heading: str) -> list[tuple[str, ...]]:
    """The cells of the first table below a heading, without its head."""
    lines = TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0].splitlines()
    rows = [line for line in lines if line.startswith("|")]
    return [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows[2:]]


def test_the_smallest_effects_are_those_of_the_code() -> None:
    assert table("The smallest effects that matter") == [(f"{m.size:g}", m.metric, m.why) for m in ALL]


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
