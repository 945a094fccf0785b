"""The front page from its parts: the heat map, claims by statement, cards of studies; what is missing leaves no gap."""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import synthetic
import synthetic_modes

from modescope import studies
from modescope.figures import labels
from modescope.figures.labels import Box
from modescope.report import citation, page, view
from modescope.report.evidence import Judged
from modescope.report.front import heat, prices, shelf, verdicts
from modescope.statistics import Estimate, Verdict
from modescope.store.plan import RemedyPage
from modescope.studies import Claim, Reason
from modescope.studies.common.against import Direction
from modescope.studies.common.entries import Entry
from modescope.studies.common.standings import Standing, Standings

NAN = math.nan
YES, NO, OPEN = "supported", "contradicted", "inconclusive"


def row(remedy: str, kept: float, direction: Direction | None = "same", cost: float = 1.0, lost: int = 0) -> Standing:
    n = 0 if math.isnan(kept) else 6
    entry = Entry(remedy, "base", remedy, remedy, {}, remedy.upper(), remedy)
    return Standing(entry, Estimate(kept, kept - 0.5, kept + 0.5, n), direction, 0.01, cost, {}, lost, adversary=True)


RING = Standings(
    "modes", "ring", "Ring", "covered", "modes", 8.0, (8.0, 8.0),
    [row("gan", 4.0, None), row("r1", 7.96, "more", 1.5), row("wgan", NAN, None, lost=6), row("lsgan", 0.4, "fewer")],
)  # fmt: skip
GRID = Standings(
    "modes", "grid", "Grid", "covered", "modes", 25.0, None, [row("gan", 15.0, None), row("r1", 20.0, cost=1.52)]
)
R1 = RemedyPage(title="R1", idea="", source="", link="", discriminator_tex="", generator_tex="", path="r1.py", line=1)


def test_the_heat_map_is_in_the_order_of_the_mean_share() -> None:
    made = heat.heat([RING, GRID], {"r1": R1})
    assert made is not None
    assert made.columns == [("modes", "Ring", "modes, of 8"), ("modes", "Grid", "modes, of 25")]
    assert [(r.remedy, r.mean, r.cost) for r in made.rows] == [
        ("r1", "90 %", "1.5"),
        ("gan", "55 %", "1"),
        ("lsgan", "5 %", "1"),
        ("wgan", "–", "1"),
    ]
    assert [r.href for r in made.rows] == ["remedy-r1.html#r1", "", "", ""]
    r1, gan, lsgan, wgan = made.rows
    assert [(c.text, c.level, c.direction) for c in r1.cells] == [("7.96", 9, "more"), ("20", 8, "")]
    assert r1.cells[0].words == "7.96 [7.46, 8.46], 6 seeds; significantly more than the plain GAN"
    assert (gan.plain, [c.level for c in gan.cells]) == (True, [5, 6])
    assert [(c.text, c.level) for c in lsgan.cells] == [("0.4", 0), ("–", None)]
    assert [(c.text, c.words) for c in wgan.cells] == [("diverged", "6 runs diverged"), ("–", "not trained")]


def test_without_a_plain_gan_there_is_no_heat_map_and_no_chart() -> None:
    alone = Standings("modes", "line", "Line", "covered", "modes", 5.0, None, [row("r1", 4.0, None, NAN)])
    assert heat.heat([alone], {}) is None
    assert prices.charts([alone], {}) == []


def test_charts_have_marks_that_know_their_remedy() -> None:
    (chart,) = prices.charts([RING], {"r1": R1})
    svg = chart.still.svg.decode()
    assert set(re.findall(r'data-remedy="(\w+)"', svg)) == {"gan", "r1", "lsgan"}  # the one that diverged has no score
    assert "R1: 100 [93, 106] %, 1.5 times the cost" in svg
    assert "style=" not in svg
    assert chart.alt == (
        "Ring: share of 8 modes kept, over the cost of a step. Significantly more: R1 (7.96). Significantly fewer: "
        "LSGAN (0.4)."
    )
    assert prices.charts([RING], {"r1": R1})[0].still == chart.still
    drawing = str(chart.drawing)
    (link,) = re.findall(r"<a [^>]*>", drawing)
    assert link == '<a href="remedy-r1.html#r1" aria-label="R1: 100 [93, 106] %, 1.5 times the cost">'
    assert f"<{drawing[1:].split('>')[0]}>".count('role="group"') == 1
    assert 'role="img"' in str(prices.charts([RING], {})[0].drawing)


def test_names_find_the_nearest_free_place() -> None:
    inside, size = Box(0, 0, 100, 100), (20.0, 10.0)
    first = labels.place((50, 50), size, [], inside, 5, 9)
    assert first == Box(57, 45, 77, 55)  # to the right
    second = labels.place((50, 50), size, [Box(56, 40, 100, 60)], inside, 5, 9)
    assert second == Box(23, 45, 43, 55)  # else to the left
    assert labels.place((50, 50), size, [inside], inside, 5, 9) is None


def claim(
    key: str, verdict: Verdict, where: str = "", statement: str = "BiGAN loses modes.", reason: Reason = ""
) -> Claim:
    return Claim(key, statement, "rule", Estimate(2.0, 1.5, 2.5, 6), verdict, reason, where, 0.5)


def chapter(*judged: Claim, **longer: list[Judged]) -> Any:
    return SimpleNamespace(name="modes", title="Modes", judged=list(judged), longer=longer)


def kinds(*chapters: Any) -> list[tuple[str, list[str]]]:
    return [(block.kind, [group.statement for group in block.groups]) for block in verdicts.blocks(chapters)]


def test_claims_are_grouped_by_statement_and_by_what_became_of_them() -> None:
    made = chapter(
        claim("a", YES, "Ring"),
        claim("b", OPEN, "Line", reason="too short"),
        claim("c", NO, "Ring", "λ = 1 works."),
        claim("d", YES, "Ring", "it works."),
        claim("e", NO, "Grid", "it works."),
        claim("f", OPEN, "", "Ring: it is open."),
    )
    assert kinds(made) == [
        ("depends", ["It works."]),
        ("contradicted", ["λ = 1 works."]),
        ("supported", ["BiGAN loses modes."]),
        ("inconclusive", ["Ring: it is open."]),
    ]
    lines = verdicts.groups([made])[0].lines
    assert [(line.where, line.verdict, line.note) for line in lines] == [("Ring", YES, ""), ("Line", OPEN, "too short")]
    assert lines[0].href == "claims.html#all-modes-claim-a"
    assert lines[0].words == "supported: 2 [1.5, 2.5]; holds from 0.5 up"
    assert verdicts.groups([made])[-1].lines[0].where == "Modes"  # a claim that does not say its data


def test_extra_runs_decide_what_is_open_and_say_where_they_disagree() -> None:
    def extra(key: str, verdict: Verdict) -> list[Judged]:
        return [Judged("long", (9, 24_000), claim(key, verdict, "Ring"))]

    def line(*judged: Claim, **longer: list[Judged]) -> tuple[Verdict, str]:
        (group,) = verdicts.groups([chapter(*judged, **longer)])
        return group.lines[0].verdict, group.lines[0].note

    decided = "decided by an extra run of 24,000 steps"
    assert line(claim("a", OPEN, "Ring"), a=extra("a", NO)) == (NO, decided)
    assert line(a=extra("a", YES)) == (YES, decided)
    assert line(claim("a", YES, "Ring"), a=extra("a", NO)) == (YES, "an extra run disagrees")
    assert line(claim("a", YES, "Ring"), a=extra("a", YES)) == (YES, "")
    assert line(claim("a", OPEN, "Ring", reason="too short"), a=extra("a", OPEN)) == (OPEN, "too short")


def test_a_card_has_the_first_sentence_of_the_answer() -> None:
    assert shelf.short("Noise helps. Decay does not.") == "Noise helps."
    assert shelf.short("It keeps 3.5 [3.1, 3.9] of 8 modes.") == "It keeps 3.5 [3.1, 3.9] of 8 modes."
    long = shelf.short("word " * 100)
    assert len(long) <= shelf.LONGEST
    assert long.endswith("word …")


def test_the_citation_is_that_of_the_project(tmp_path: Path) -> None:
    cited = citation.read(synthetic.ROOT / "CITATION.cff")
    assert cited.text == "The modescope authors: modescope: which modes a GAN loses, and what fixes it."
    assert cited.licence == "MIT"
    file = tmp_path / "CITATION.cff"
    file.write_text(
        "title: A tool\nlicense: MIT\nversion: 1.2\ndate-released: 2024-05-06\nurl: https://example.org\n"
        "authors: [{given-names: Ada, family-names: Byron}, {name: A group}]\n",
        encoding="utf-8",
    )
    assert citation.read(file).text == "Ada Byron and A group (2024): A tool, 1.2, https://example.org."
    assert "  author = {{Ada Byron} and {A group}},\n  year = {2024},\n" in citation.read(file).bibtex


@pytest.fixture(scope="module")
def without_modes() -> str:
    """The front page of a run whose only study has no plain GAN to compare with."""
    plan, scores = synthetic.plan(("gaussian",)), synthetic.scores(("gaussian",))
    made = view.build(
        [view.Material(plan, studies.build("latent"), scores, [], {})], {}, view.Provenance("0123abc", {}, "dvc repro")
    )
    return page.render(made, synthetic.TEMPLATES)["index.html"]


def test_what_is_missing_leaves_no_gap(without_modes: str) -> None:
    assert re.findall("<h1>(.*?)</h1>", without_modes) == ["Which modes does a GAN lose, and what fixes it?"]
    assert re.findall('<h2 id="(.*?)"', without_modes) == ["verdicts", "studies", "reading", "made"]
    assert "twin" not in without_modes
    assert 'class="thumbnail"' not in without_modes


def test_the_heading_is_the_answer(index: Path) -> None:
    text = index.read_text(encoding="utf-8")
    (heading,) = re.findall("<h1>(.*?)</h1>", text, flags=re.DOTALL)
    assert heading.startswith("A plain GAN keeps ")
    assert len(text) < 300_000
    rows = text.split('id="table-remedies"')[1].split("</table>")[0].count("<tr data-remedy=")
    made = synthetic_modes.everything()
    known = {r.entry.remedy for one in studies.build("modes").standings(made) if one.plain for r in one.rows}
    assert rows == len(known) > 1
