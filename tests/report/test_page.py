"""The page as a file: nothing unescaped, a sound structure, every link and picture there, the same bytes again."""

from __future__ import annotations

import csv
import itertools
import math
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest
import synthetic
from jinja2 import UndefinedError

from modescope import studies
from modescope.formatting import interval, number
from modescope.report import page, site, view

VOID = {"meta", "link", "img", "br", "hr"}
EVIL = "<script>alert('x')</script>"


class Outline(HTMLParser):
    """Elements with their attributes, and whether every tag is closed in order."""

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
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def outline(index: Path) -> Outline:
    return Outline(index.read_text(encoding="utf-8"))


def test_headings_descend_without_gaps(outline: Outline) -> None:
    levels = [int(tag[1]) for tag, _ in outline.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert outline.open == []


def test_anchors_are_unique_and_every_link_resolves(outline: Outline, index: Path) -> None:
    ids = Counter(attrs["id"] for _, attrs in outline.elements if "id" in attrs)
    assert max(ids.values()) == 1
    targets = [
        a[k] for tag in ("a", "img", "link", "script") for a in outline.all(tag) for k in ("href", "src") if k in a
    ]
    assert len(targets) > 50
    for target in targets:
        parts = urlsplit(target)
        if target == "data:,":  # no icon
            continue
        assert parts.scheme == parts.netloc == ""
        assert not parts.path.startswith("/")
        if parts.path:
            assert (index.parent / parts.path).is_file()
        else:
            assert parts.fragment in ids


def test_figures_tables_and_claims_have_permalinks(outline: Outline) -> None:
    linked = {a["href"] for a in outline.all("a") if a.get("class") == "anchor"}
    ids = [a["id"] for _, a in outline.elements if re.search("-(figure|table|claim)-", a.get("id", ""))]
    assert len(ids) > 20
    assert {f"#{i}" for i in ids} <= linked


def test_pictures_say_what_they_show_and_how_large_they_are(outline: Outline) -> None:
    images = outline.all("img")
    assert len(images) == 13
    for image in images:
        assert len(image["alt"]) > 20
        assert int(image["width"]) > 0
        assert int(image["height"]) > 0
        assert image["loading"] == "lazy"


def test_tables_have_captions_and_scopes(outline: Outline) -> None:
    assert len(outline.all("table")) == len(outline.all("caption"))
    assert all(a.get("scope") in {"col", "row"} for a in outline.all("th"))


def test_tables_are_offered_as_numbers(index: Path) -> None:
    with (index.parent / "assets" / "latent_kl.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 15 + 3  # and a floor for each dataset
    assert rows[0]["kl_qp"] == "inf"
    assert float(rows[1]["kl_qp_low"]) <= float(rows[1]["kl_qp"]) <= float(rows[1]["kl_qp_high"])


def test_every_table_has_its_csv(index: Path) -> None:
    text = index.read_text(encoding="utf-8")
    assets = {path.name for path in (index.parent / "assets").glob("*.csv")}
    assert text.count("<table") == len(assets) - 1  # the floors are offered without a table of their own
    assert all(f'href="assets/{name}"' in text for name in assets)
    with (index.parent / "assets" / "latent_claims.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == text.count('class="badge')
    assert all(row["verdict"] in text and row["rule"] for row in rows)
    assert all(float(row["low"]) <= float(row["effect"]) <= float(row["high"]) for row in rows if row["low"])


def test_the_page_is_the_same_again_and_tells_nothing_of_the_machine(index: Path, tmp_path: Path) -> None:
    again = synthetic.site(tmp_path)
    names = sorted(p.relative_to(index.parent) for p in index.parent.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(again.parent) for p in again.parent.rglob("*") if p.is_file())
    assert all((index.parent / n).read_bytes() == (again.parent / n).read_bytes() for n in names)
    text = index.read_text(encoding="utf-8")
    assert str(Path.home()) not in text
    assert str(synthetic.ROOT) not in text
    assert str(index.parent) not in text


def made_up(**changes: object) -> view.Page:
    plan, scores = synthetic.plan(("gaussian",)) | changes, synthetic.scores(("gaussian",))
    figure = {"name": "x", "title": EVIL, "caption": EVIL, "alt": f'"{EVIL}', "width": 9, "height": 9}
    figures = [figure | {"animation": True, "experiments": [EVIL]}]
    provenance = view.Provenance(EVIL, {EVIL: EVIL}, EVIL)
    return view.build([view.Material(plan, studies.build("latent"), scores, figures, {})], provenance)


def test_everything_is_escaped() -> None:
    text = page.render(made_up(title=EVIL), synthetic.TEMPLATES)
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;") >= 8
    assert [a["src"] for a in Outline(text).all("script")] == ["assets/page.js"]


def test_a_template_that_asks_for_what_is_not_there_fails(tmp_path: Path) -> None:
    (tmp_path / "index.html.j2").write_text("{{ page.nothing }}", encoding="utf-8")
    with pytest.raises(UndefinedError):
        page.render(made_up(), tmp_path)


def test_the_lead_counts_verdicts_and_runs() -> None:
    made = made_up()
    counts = Counter(claim.verdict for claim in made.studies[0].claims)
    assert sum(counts.values()) == 4
    assert counts["supported"] in (2, 3)
    assert made.lead.startswith(f"Of 4 claims that the articles make, {counts['supported']} are supported")
    assert "15 training runs, 1 of which diverged, at 3 % of" in made.lead


def test_only_metrics_with_scores_are_explained() -> None:
    made = made_up()
    assert "coverage" in made.glossary
    assert "modes_covered" not in made.glossary


def test_means_leave_out_what_is_not_finite() -> None:
    rows = [("e", "a", 0, "m", 1.0), ("e", "a", 1, "m", 2.0), ("e", "a", 0, "k", math.inf), ("e", "b", 0, "m", -1.0)]
    frame = pd.DataFrame(rows, columns=["experiment", "arm", "seed", "metric", "value"])
    assert site.means(frame) == {"e": {"a": {"m": 1.5}, "b": {"m": -1.0}}}


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
