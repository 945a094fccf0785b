"""The pages as files: everything escaped, valid structure, no broken link or picture, reproducible bytes."""

from __future__ import annotations

import csv
import itertools
import math
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
import synthetic
from jinja2 import UndefinedError

from modescope import studies
from modescope.formatting import interval, number
from modescope.report import page, site, view
from modescope.store.runs import Scores

VOID = {"meta", "link", "img", "br", "hr", "wbr", "input"}
CARD = "remedy-"  # how the names of cards begin
EVIL = "<script>alert('x')</script>"


class Outline(HTMLParser):
    """The elements with their attributes; asserts that tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attrs for tag, attrs in self.elements if tag in tags]


@pytest.fixture(scope="module")
def outlines(index: Path) -> dict[str, Outline]:
    """Every page by the name of its file."""
    return {path.name: Outline(path.read_text(encoding="utf-8")) for path in index.parent.glob("*.html")}


@pytest.fixture(scope="module")
def everything(index: Path) -> str:
    """The text of all pages."""
    return "".join(path.read_text(encoding="utf-8") for path in sorted(index.parent.glob("*.html")))


def test_there_is_a_front_page_a_page_a_study_and_two_for_reference(outlines: dict[str, Outline]) -> None:
    named = {name for name in outlines if not name.startswith(CARD)}  # in the navigation
    assert named == {"index.html", "claims.html", "how.html", "explorer.html", "latent.html", "modes.html"}
    for name, outline in outlines.items():
        linked = {a["href"] for a in outline.all("a") if a.get("href", "").endswith(".html")}
        assert named <= linked, name
        assert [a["href"] for a in outline.all("a") if "aria-current" in a] == ([name] if name in named else [])


def test_headings_descend_without_gaps(outlines: dict[str, Outline]) -> None:
    for outline in outlines.values():
        levels = [int(tag[1]) for tag, _ in outline.elements if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert outline.open == []


def test_figures_tables_and_claims_have_permalinks(outlines: dict[str, Outline]) -> None:
    for name, outline in outlines.items():
        linked = {a["href"] for a in outline.all("a") if a.get("class") == "anchor"}
        ids = [a["id"] for _, a in outline.elements if re.search("-(figure|table|claim)-", a.get("id", ""))]
        assert len(ids) > 20 or name in ("index.html", "how.html", "explorer.html") or name.startswith(CARD)
        whole = {f"#{i}" for i in ids if not re.search(r"-heading$|-[cm]\d+$", i)}  # without parts of drawings
        assert whole <= linked, name


def test_pictures_say_what_they_show_and_how_large_they_are(outlines: dict[str, Outline]) -> None:
    images = outlines["latent.html"].all("img")
    drawings = [a for a in outlines["latent.html"].all("svg") if a.get("class") == "drawing"]
    assert all(len(a["aria-label"]) > 20 for a in drawings)
    assert len(images) + len(drawings) == 13
    for image in images:
        assert len(image["alt"]) > 20
        assert int(image["width"]) > 0
        assert int(image["height"]) > 0
        assert image["loading"] == "lazy"


def test_a_figure_is_headed_by_its_finding_or_else_by_its_title() -> None:
    figure = {"name": "x", "title": "A circle", "caption": "C.", "alt": "A.", "width": 9, "height": 9}
    figure |= {"animation": False, "experiments": [], "code": "src/modescope/a.py:7"}
    said = [figure, figure | {"name": "y", "finding": "It is round."}]
    scores, plan = synthetic.scores(("gaussian",)), synthetic.plan(("gaussian",))
    made = view.Provenance("0123abc", {}, "dvc repro", "https://example.org/{commit}/{path}?l={line}")
    text = page.render(
        view.build([view.Material(plan, studies.build("latent"), scores, said, {})], {}, made), synthetic.TEMPLATES
    )["latent.html"]
    assert re.findall(r'<h3 class="finding">(.*?)<a', text) == ["A circle", "It is round."]
    assert re.findall(r'<p class="subtitle">(.*?)</p>', text) == ["Figure 1", "Figure 2. A circle"]
    assert text.count('href="https://example.org/0123abc/src/modescope/a.py?l=7"') == 2


def test_tables_have_captions_and_scopes(outlines: dict[str, Outline]) -> None:
    for outline in outlines.values():
        assert len(outline.all("table")) == len(outline.all("caption"))
        assert all(a.get("scope") in {"col", "row", "rowgroup"} for a in outline.all("th"))


def test_every_figure_says_what_it_was_drawn_from(index: Path, outlines: dict[str, Outline]) -> None:
    text = (index.parent / "latent.html").read_text(encoding="utf-8")
    figures = re.findall(r"<figure.*?</figure>", text, re.DOTALL)
    assert len(figures) == 13
    for figure in figures:
        assert "<code>dvc repro render@latent</code>" in figure
        assert re.search(r"3 seeds × 5 arms</td><td class=\"n\">900</td>", figure)
        assert "d" * 64 in figure
        assert "optimizers.generator.learning_rate=0.001" in figure
        (path,) = re.findall(r'href="(assets/latent_scores_of_[^"]+\.csv)"', figure)
        shown = set(re.findall(r'<th scope="row" class="key">(latent_\w+)</th>', figure))
        assert set(pd.read_csv(index.parent / path)["experiment"]) == shown != set()


def test_tables_are_offered_as_numbers(index: Path) -> None:
    with (index.parent / "assets" / "latent_kl.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 15 + 3  # and a floor for each dataset
    assert rows[0]["kl_qp"] == "inf"
    assert float(rows[1]["kl_qp_low"]) <= float(rows[1]["kl_qp"]) <= float(rows[1]["kl_qp_high"])


def test_every_table_has_its_csv(index: Path, everything: str) -> None:
    assets = {path.name for path in (index.parent / "assets").glob("*.csv")}
    assert assets == set(re.findall(r'href="assets/([^"]+\.csv)"', everything))
    cards = sum(path.read_text(encoding="utf-8").count("<table") for path in index.parent.glob(f"{CARD}*.html"))
    # Neither a figure's table of experiments nor a card has a CSV of its own.
    tables = everything.count("<table") - everything.count('class="from"') - cards
    figures = sum("_scores_of_" in name for name in assets)
    tables -= sum(1 for _ in re.finditer('class="matrix"', everything)) - 2  # all claims of a study are one CSV
    # The floors have a CSV but no table; that of the remedies by dataset is in data/.
    assert tables == len(assets) - figures - 2 + 1
    for study in ("latent", "modes"):
        with (index.parent / "assets" / f"{study}_claims.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        text = (index.parent / f"{study}.html").read_text(encoding="utf-8")
        assert len(rows) == text.count('class="badge') > 0
        assert all(row["verdict"] in text and row["rule"] for row in rows)
        reasons = [row["reason"] for row in rows if row["reason"]]
        assert all(f"<small>{reason}</small>" in text for reason in reasons)
        assert all(row["reason"] for row in rows if row["verdict"] == "inconclusive")
        assert all(float(row["low"]) <= float(row["effect"]) <= float(row["high"]) for row in rows if row["low"])


def test_a_page_has_every_claim(index: Path) -> None:
    claims = pd.read_csv(index.parent / "assets" / "claims.csv")
    parts = [pd.read_csv(index.parent / "assets" / f"{study}_claims.csv") for study in ("latent", "modes")]
    assert list(claims["study"]) == ["latent"] * len(parts[0]) + ["modes"] * len(parts[1])
    pd.testing.assert_frame_equal(claims.drop(columns="study"), pd.concat(parts, ignore_index=True))
    text = (index.parent / "claims.html").read_text(encoding="utf-8")
    assert all(f'id="all-{row.study}-claim-{row.key}"' in text for row in claims.itertuples())


def test_the_pages_are_the_same_again(tmp_path: Path) -> None:
    first, again = (synthetic.site(tmp_path / name, ("gaussian",)).parent for name in ("first", "again"))
    names = sorted(p.relative_to(first) for p in first.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(again) for p in again.rglob("*") if p.is_file())
    assert all((first / n).read_bytes() == (again / n).read_bytes() for n in names)


def test_the_pages_tell_nothing_of_the_machine(everything: str, index: Path) -> None:
    assert str(Path.home()) not in everything
    assert str(synthetic.ROOT) not in everything
    assert str(index.parent) not in everything


def made_up(**changes: object) -> view.Page:
    plan, scores = synthetic.plan(("gaussian",)) | changes, synthetic.scores(("gaussian",))
    figure = {"name": "x", "title": EVIL, "caption": EVIL, "alt": f'"{EVIL}', "width": 9, "height": 9}
    figures = [figure | {"animation": True, "experiments": [EVIL]}]
    provenance = view.Provenance(EVIL, {EVIL: EVIL}, EVIL)
    return view.build([view.Material(plan, studies.build("latent"), scores, figures, {})], {}, provenance)


def test_everything_is_escaped() -> None:
    pages = page.render(made_up(title=EVIL), synthetic.TEMPLATES)
    for text in pages.values():
        assert "<script>alert" not in text
        assert [a["src"] for a in Outline(text).all("script")] == [
            "assets/page.js",
            "assets/tables.js",
            "assets/follow.js",
        ]
    assert "".join(pages.values()).count("&lt;script&gt;") >= 8


def test_a_template_that_asks_for_what_is_not_there_fails(tmp_path: Path) -> None:
    (tmp_path / "index.html.j2").write_text("{{ page.nothing }}", encoding="utf-8")
    with pytest.raises(UndefinedError):
        page.render(made_up(), tmp_path)


def test_the_lead_counts_verdicts_and_runs() -> None:
    made = made_up()
    counts = Counter(claim.verdict for claim in made.studies[0].claims)
    assert sum(counts.values()) == 4
    assert counts["supported"] in (2, 3)
    assert made.lead.startswith(f"Of 4 claims, {counts['supported']} are supported")
    assert "15 runs, 1 of which diverged, with 3 % of the default steps" in made.lead


def test_the_front_page_says_how_many_intervals_miss_by_chance(index: Path) -> None:
    claims = pd.read_csv(index.parent / "assets" / "claims.csv")
    n = int((claims["low"].notna() & claims["high"].notna()).sum())
    assert f"of {n} intervals of 95&nbsp;%, about {round(n / 20)} miss" in index.read_text(encoding="utf-8")


def test_only_metrics_with_scores_are_explained() -> None:
    made = made_up()
    assert "coverage" in made.glossary
    assert "modes_covered" not in made.glossary


def test_the_summary_has_few_numbers_and_none_that_is_not_finite() -> None:
    page = made_up()
    (study,) = page.studies
    rows = [("e", "a", 0, "m", 1.0), ("e", "a", 1, "m", 2.0), ("e", "a", 0, "k", 9.0), ("f", "b", 0, "m", math.inf)]
    frame = pd.DataFrame(rows, columns=["experiment", "arm", "seed", "metric", "value"])
    scores = Scores(runs=frame, floors=frame, diverged={("e", "b", 3): 7}, datasets={})
    assert site.summary(page, {study.name: ("m", scores)}) == {
        study.name: {"claims": dict(study.counts), "diverged": 1, "m": {"e": 1.5}}
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.04123, "0.0412"),
        (-0.5, "−0.5"),
        (12.34, "12.3"),
        (1234.5, "1,234"),
        (1.234e-6, "1.23e−6"),
        (5e7, "5e7"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "–"),
    ],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_an_interval_that_is_not_known_is_not_shown() -> None:
    assert interval(1.0, 0.5, 1.5) == "1 [0.5, 1.5]"
    assert interval(1.0, math.nan, math.nan) == "1"
