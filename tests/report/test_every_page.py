"""All pages, whatever they are: they load nothing from elsewhere, fit a phone, can be used by all, and are light."""

from __future__ import annotations

import csv
import functools
import http.server
import io
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import synthetic
import synthetic_modes
from access import violations
from playwright.sync_api import Browser, Page

from modescope import studies
from modescope.report import page, site, view
from modescope.store.plan import RemedyPage
from modescope.store.runs import Scores

FITS = "document.documentElement.scrollWidth <= innerWidth"
HANDLERS = "document.querySelectorAll('[onclick]').length"
OPEN = "for (const details of document.querySelectorAll('details')) details.open = true"


DECLARES_NOTHING = RemedyPage(
    title="Novel", idea="", source="", link="", discriminator_tex="", generator_tex="", path="src/x.py", line=1
)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server of files that prints nothing."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def served(index: Path) -> Iterator[str]:
    handler = functools.partial(Quiet, directory=index.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def names(index: Path) -> list[str]:
    return sorted(path.name for path in index.parent.glob("*.html"))


def kinds(index: Path) -> list[str]:
    """All pages, but only one of the cards, which are of one template."""
    cards = [name for name in names(index) if name.startswith("remedy-")]
    return [name for name in names(index) if name not in cards[1:]]


def opened(browser: Browser, address: str, width: int, scheme: str = "light") -> tuple[Page, list[str]]:
    """A tab, and what is wrong with it: messages of the browser, violations of the policy, requests to elsewhere."""
    home, wrong = address.rpartition("/")[0], list[str]()
    tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    tab.on("console", lambda message: wrong.append(message.text))
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("requestfailed", lambda failed: wrong.append(failed.url))
    tab.on("request", lambda sent: None if sent.url.startswith((home, "data:")) else wrong.append(sent.url))
    tab.goto(address)
    return tab, wrong


def test_every_page_fits_a_phone_axe_finds_nothing_and_a_title_is_never_markup(browser: Browser, index: Path) -> None:
    found: dict[str, object] = {}
    shown, thorough = set(), {*kinds(index), "remedy-unrolled.html"}
    for name in names(index):
        tab, wrong = opened(browser, f"{index.parent.as_uri()}/{name}", 360)
        fits = tab.evaluate(FITS)
        tab.evaluate(OPEN)
        against = violations(tab) if name in thorough else []
        found[name] = (fits, tab.evaluate(FITS), against, tab.evaluate(HANDLERS), wrong)
        shown |= {name} if synthetic.HOSTILE in str(tab.evaluate("document.body.textContent")) else set()
        tab.close()
    assert found == dict.fromkeys(found, (True, True, [], 0, []))
    assert {"claims.html", "index.html", "latent.html", "modes.html", "remedy-unrolled.html"} <= shown


def test_no_file_beside_the_pages_has_a_title_as_markup_or_formula(index: Path) -> None:
    files = [path for path in index.parent.rglob("*") if path.suffix in {".csv", ".js", ".json", ".svg"}]
    text = {path.relative_to(index.parent).as_posix(): path.read_text(encoding="utf-8") for path in files}
    assert not [name for name, content in text.items() if "<b on" in content and not name.endswith(".csv")]
    tables = {name: list(csv.reader(io.StringIO(content))) for name, content in text.items() if name.endswith(".csv")}
    cells = {cell for rows in tables.values() for row in rows for cell in row}
    assert f"'{synthetic.HOSTILE}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]
    drawn = [name for name, content in text.items() if name.endswith(".svg") and "&lt;b on" in content]
    assert len(drawn) > 1


def test_nor_on_a_large_dark_screen_and_from_a_server_all_works(browser: Browser, index: Path, served: str) -> None:
    found: dict[str, object] = {}
    for name in kinds(index):
        tab, wrong = opened(browser, f"{served}/{name}?remedy=wgan", 1_400, "dark")
        styled = tab.evaluate("[...document.styleSheets].every(sheet => sheet.cssRules.length > 0)")
        run = tab.locator(".follow").get_attribute("hidden") is None  # by a script
        tab.evaluate(OPEN)
        found[name] = (styled, run, tab.evaluate(FITS), violations(tab, "color-contrast", "target-size"), wrong)
        tab.close()
    assert found == dict.fromkeys(found, (True, True, True, [], []))


def test_the_policy_stops_what_is_written_into_a_page(browser: Browser, index: Path, tmp_path: Path) -> None:
    text = index.read_text(encoding="utf-8")
    evil = '<script>document.title = "run"</script><p id="evil" style="color: red" onclick="">x</p>'
    (tmp_path / "index.html").write_text(text.replace("</main>", f"{evil}</main>"), encoding="utf-8")
    (tmp_path / "assets").symlink_to(index.parent / "assets")
    tab, wrong = opened(browser, f"{tmp_path.as_uri()}/index.html", 1_000)
    assert tab.title() != "run"
    assert tab.locator("#evil").evaluate("element => getComputedStyle(element).color") != "rgb(255, 0, 0)"
    tab.close()
    assert len([message for message in wrong if "Content Security Policy" in message]) >= 2


class Links(HTMLParser):
    """The ids of a page and all that it links to or loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.targets: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.update(filter(None, [given.get("id")]))
        self.targets += [(tag, value) for key in ("href", "src") if (value := given.get(key))]


def broken(pages: Mapping[str, str], files: set[str]) -> list[str]:
    """Ids that are there twice, and links to a file or an anchor that is not there."""
    read, wrong = {name: Links(text) for name, text in pages.items()}, list[str]()
    for name, links in read.items():
        wrong += [f"{name}: two of #{anchor}" for anchor, n in links.ids.items() if n > 1]
        for tag, target in links.targets:
            path, _, fragment = target.partition("#")
            path, anchor = path.partition("?")[0] or name, fragment.partition("?")[0]
            if target == "data:," or (tag == "a" and target.startswith("https://")):
                continue
            if path not in files or (anchor and path in read and anchor not in read[path].ids):
                wrong.append(f"{name}: {target}")
    return wrong


def test_every_link_and_anchor_resolves(index: Path) -> None:
    files = {path.relative_to(index.parent).as_posix() for path in index.parent.rglob("*") if path.is_file()}
    pages = {name: (index.parent / name).read_text(encoding="utf-8") for name in names(index)}
    assert broken(pages, files) == []
    assert broken({"a.html": '<a href="#x"><a href="b.html"><p id="y"><p id="y">'}, {"a.html"}) == [
        "a.html: two of #y",
        "a.html: #x",
        "a.html: b.html",
    ]


def built(scores: Scores, plan: dict[str, Any] | None = None, **remedies: RemedyPage) -> view.Page:
    """The report of one study, without pictures."""
    material = view.Material(plan or synthetic_modes.plan(), studies.build("modes"), scores, [], {})
    return view.build([material], remedies, view.Provenance("0123abc", {}, "dvc repro"))


def lost(scores: Scores) -> Scores:
    """All runs of the WGAN have diverged."""
    gone = {("modes_ring8_heavy_wgan", "base", seed): 40 for seed in range(3)}
    return replace(
        scores,
        runs=scores.runs[scores.runs["experiment"] != "modes_ring8_heavy_wgan"],
        diverged={**scores.diverged, **gone},
    )


def added() -> view.Page:
    """The report with a remedy whose file declares nothing."""
    scores, plan = synthetic_modes.everything(), synthetic_modes.plan()
    name, like = "modes_ring8_heavy_novel", "modes_ring8_heavy_wgan"
    settings = {**scores.settings[like], "variant": "novel"}
    copied = scores.runs[scores.runs["experiment"] == like].assign(experiment=name)
    runs = pd.concat([scores.runs, copied], ignore_index=True)
    plan["experiments"] = {**plan["experiments"], name: {**plan["experiments"][like], "settings": settings}}
    more = {**scores.settings, name: settings}
    return built(
        replace(scores, runs=runs, datasets={**scores.datasets, name: "ring8_heavy"}, settings=more),
        plan,
        novel=DECLARES_NOTHING,
    )


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda: built(synthetic_modes.everything()), id="a study is missing"),
        pytest.param(lambda: built(lost(synthetic_modes.everything())), id="a variant diverged everywhere"),
        pytest.param(added, id="a remedy was added"),
    ],
)
def test_what_is_not_there_leaves_no_gap(made: Callable[[], view.Page], tmp_path: Path) -> None:
    report = made()
    pages = page.render(report, synthetic.TEMPLATES)
    files = {path for path, _ in site.files(report, synthetic.TEMPLATES, synthetic.STATIC, tmp_path)}
    assert broken(pages, files) == []
    for text in pages.values():
        figures = re.findall(r"<figure.*?</figure>", text, re.DOTALL)
        assert all(re.search(r"<(img|svg|canvas)\b", figure) for figure in figures)
    told = sum(len(one.diverged) for one in report.studies)
    assert pages["modes.html"].count("Runs that diverged have no scores") == (told > 0)
    front = re.sub(r"<(table|svg|pre|dl|script|select)\b.*?</\1>", "", pages["index.html"], flags=re.DOTALL)
    sentences = re.sub(r"<[^>]+>", " ", front)
    assert not re.search(r"\b(nan|None|inf)\b|–(?!\d)|\[\]|\{\}", sentences)
