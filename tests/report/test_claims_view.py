"""Claims on a study's page: by statement with the data as columns, each with its rule, interval and extra runs."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from modescope.report import claims
from modescope.report.evidence import Judged
from modescope.statistics import Estimate
from modescope.studies import Claim

LOSES = Claim("loses-ring", "a GAN loses modes.", "At least half.", Estimate(2, 1, 3, 6), "supported", "", "Ring", 0.5)
GRID = replace(LOSES, key="loses-grid", where="Grid", verdict="inconclusive", reason="too short")
LAMBDA = replace(
    LOSES, key="lambda-ring", statement="λ = 1 is enough.", low=-math.inf, high=0.5, verdict="contradicted"
)
ORDER = replace(LOSES, key="order", statement="order stays.", where="")


def rows(*judged: Claim, longer: dict[str, list[Judged]] | None = None) -> list[claims.Claim]:
    return claims.rows("s", judged, longer or {})


def test_a_statement_on_several_data_is_one_row_with_a_cell_for_each() -> None:
    several, alone = claims.blocks(rows(LOSES, LAMBDA, GRID, ORDER))
    assert several.columns == ["Ring", "Grid"]
    (statement,) = several.statements
    assert statement.text == "A GAN loses modes."
    assert [cell.anchor for cell in statement.claims] == ["s-claim-loses-ring", "s-claim-loses-grid"]
    assert alone.columns == []
    assert [one.text for one in alone.statements] == ["λ = 1 is enough.", "Order stays."]  # no Λ
    assert [len(one.cells) for one in alone.statements] == [1, 1]


def test_data_without_a_claim_leave_their_cell_empty() -> None:
    more = [replace(LAMBDA, key=f"lambda-{where}", where=where) for where in ("Grid", "Line")]
    (block,) = claims.blocks(rows(LOSES, GRID, *more))
    assert block.columns == ["Ring", "Grid", "Line"]
    assert [[cell is None for cell in one.cells] for one in block.statements] == [
        [False, False, True],
        [True, False, False],
    ]


def test_data_of_extra_runs_alone_are_no_column() -> None:
    longer = {"loses-line": [Judged("long", (9, 9), replace(LOSES, key="loses-line", where="Line"))]}
    (block,) = claims.blocks(rows(LOSES, GRID, longer=longer))
    (statement,) = block.statements
    assert block.columns == ["Ring", "Grid"]
    assert [claim.where for claim in statement.more] == ["Line"]
    assert [claim.where for claim in statement.claims] == ["Ring", "Grid", "Line"]


def test_a_statement_twice_on_the_same_data_has_two_rows() -> None:
    twice = rows(LOSES, replace(LOSES, key="loses-ring-again"))
    (block,) = claims.blocks(twice)
    assert [one.claims for one in block.statements] == [[twice[0]], [twice[1]]]


def test_without_claims_there_is_nothing() -> None:
    assert claims.blocks([]) == []


@pytest.mark.parametrize("default", [True, False])
def test_extra_runs_stand_beside_the_default_run_or_alone(default: bool) -> None:
    opposite = replace(LOSES, effect=Estimate(0, -1, 0.4, 3), verdict="contradicted", reason="no material effect")
    longer = {LOSES.key: [Judged("long", (100, 2_000), opposite)]}
    (claim,) = rows(*([LOSES] if default else []), longer=longer)
    (beside,) = claim.longer
    assert (beside.runs, beside.effect, beside.disagrees) == ("100 to 2,000 steps, 3 seeds", "0 [−1, 0.4]", default)
    assert claim.verdict == ("supported" if default else None)
    assert (claim.row is None) == (not default)
    assert (claim.statement, claim.where) == ("a GAN loses modes.", "Ring")


def test_the_page_has_every_claim_once_and_every_cell_leads_to_it(index: Path) -> None:
    text = (index.parent / "modes.html").read_text(encoding="utf-8")
    assert text.count('<table class="matrix">') == 2
    anchors = [part.split('"', 1)[0] for part in text.split('<li id="modes-claim-')[1:]]
    assert len(anchors) == len(set(anchors)) > 20
    for anchor in anchors:
        assert text.count(f'<a href="#modes-claim-{anchor}">') == 1
    assert '<th scope="col">Ring8 Heavy</th><th scope="col">Line5</th>' in text
