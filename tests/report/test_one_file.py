"""The report as one file and on paper: all pages, working links, nothing beside the file, no figure cut in two."""

from __future__ import annotations

import base64
import hashlib
import importlib
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import synthetic
from playwright.sync_api import Browser

from modescope.params.config import ConfigError
from modescope.report import onefile

PAGE = """<!doctype html><html><head><title>{title} · modescope</title><link rel="stylesheet" href="assets/a.css">
<script src="assets/page.js" defer></script><script src="assets/explorer.js" defer></script></head>
<body><a class="skip" href="#content">Skip</a><main id="content">{body}</main></body></html>"""
FILES = {
    "assets/a.css": b"main > p { color: red; } .main { color: blue; }",
    "assets/page.js": b'"use strict";',
    "assets/explorer.js": b'"no";',
    "assets/x.png": b"0123456789",
    "assets/x.svg": b"<svg/>",
    "explorer.html": PAGE.format(title="E", body="").encode(),
    "b.html": PAGE.format(title="B", body='<p id="x">b &lt; c</p><a href="index.html?remedy=r1">home</a>').encode(),
    "index.html": PAGE.format(
        title="Front",
        body='<p id="x">a&nbsp;b</p><a href="#x">here</a><a href="b.html#x">there</a><a class="c" href="explorer.html">'
        'E</a><a href="assets/x.csv" download>CSV</a><img src="assets/x.png" alt="&quot;X&quot;" loading="lazy"><svg '
        'viewBox="0 0 1 1"><title>R1 &amp; R2</title><g clip-path="url(#x)"/><a href="explorer.html?a=1"><text>t</text>'
        '</a></svg><p class="controls"><b>gone</b></p><label for="x">L</label>',
    ).encode(),
}


def test_links_ids_and_pictures_stay_within_the_file() -> None:
    text = onefile.assemble(FILES)
    assert re.findall(r'<article class="page" id="(.*?)">', text) == ["page-index", "page-b"]
    assert 'id="page-index--x">a&nbsp;b' in text
    assert 'id="page-b--x">b &lt; c' in text
    assert re.findall(r'<a href="(.*?)"', text.partition("<main>")[2]) == [
        "#page-index--x",
        "#page-b--x",
        "#page-index",
    ]
    assert '<span class="c">E</span>' in text
    assert "<title>R1 &amp; R2</title>" in text
    assert '<g clip-path="url(#page-index--x)"/><g><text>t</text></g></svg>' in text
    assert '<label for="page-index--x">' in text
    assert f'src="data:image/svg+xml;base64,{base64.b64encode(b"<svg/>").decode()}" alt="&quot;X&quot;">' in text
    assert not re.search(r"CSV<|gone|Skip|explorer|loading", text.partition("<main>")[2])
    assert "<style>div:where(.main) > p { color: red; } .main { color: blue; }</style>" in text
    digest = base64.b64encode(hashlib.sha256(b'"use strict";').digest()).decode()
    assert f"script-src 'sha256-{digest}'; style-src 'sha256-" in text


@pytest.fixture(scope="module")
def stage() -> Iterator[ModuleType]:
    sys.path.insert(0, str(synthetic.ROOT / "stages"))
    yield importlib.import_module("page_pdf")
    sys.path.remove(str(synthetic.ROOT / "stages"))


@pytest.fixture(scope="module")
def root(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one")
    shutil.copytree(index.parent, folder / "reports" / "html")
    return folder


def test_the_report_is_printed_on_several_pages(stage: ModuleType, root: Path) -> None:
    stage.main(root)
    printed = (root / "reports" / "modescope.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", printed)) > 5


HALF = """\
#!/bin/sh
for option; do case $option in --print-to-pdf=*) echo '%PDF-1.4 and no end' > "${option#*=}";; esac; done
"""


def test_a_print_that_was_cut_off_is_refused(
    stage: ModuleType, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, kept = tmp_path / "half", {path: path.stat().st_mtime_ns for path in (root / "reports").glob("*.pdf")}
    browser.write_text(HALF, encoding="utf-8")
    browser.chmod(0o755)
    monkeypatch.setattr(stage, "BROWSERS", (str(browser),))
    with pytest.raises(ConfigError, match="printed nothing whole; make room in "):
        stage.main(root)
    assert {path: path.stat().st_mtime_ns for path in (root / "reports").glob("*.pdf")} == kept


def test_the_file_works_alone(stage: ModuleType, root: Path, browser: Browser, tmp_path: Path) -> None:
    importlib.import_module("page_file").main(root)
    alone = shutil.copy(root / "reports" / "modescope.html", tmp_path / "alone.html")
    tab, wrong, requested = browser.new_page(viewport={"width": 360, "height": 800}), list[str](), list[str]()
    tab.on("console", lambda message: wrong.append(message.text))
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("request", lambda sent: requested.append(sent.url) if not sent.url.startswith("data:") else None)
    tab.goto(Path(alone).as_uri())
    tab.evaluate("Promise.all([...document.images].map(image => image.decode()))")
    broken = """[...document.querySelectorAll('[href^="#"], [for], [aria-labelledby]')].flatMap(element =>
        ['href', 'for', 'aria-labelledby'].map(key => element.getAttribute(key)?.replace('#', '').split('?')[0]))
        .filter(id => id !== undefined && !document.getElementById(id))"""
    assert tab.evaluate(broken) == []
    assert tab.locator("[href$='.html'], [href*='.html#']").count() == 0
    ids: list[str] = tab.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
    assert len(set(ids)) == len(ids) > 100
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.goto(f"{Path(alone).as_uri()}?remedy=wgan#page-modes--modes-table-leaderboard-line5?sort=sliced_w2")
    assert tab.locator("#page-modes--modes-table-leaderboard-line5 [aria-sort]").count() == 1
    assert tab.locator("html").get_attribute("data-following") == "wgan"
    tab.emulate_media(media="print")
    whole = tab.locator("figure, tr").evaluate_all("all => all.map(e => getComputedStyle(e).breakInside)")
    assert set(whole) == {"avoid"}
    assert not tab.locator("nav").first.is_visible()
    tab.close()
    assert wrong == []
    assert [url for url in requested if not url.startswith(Path(alone).as_uri())] == []


def test_what_is_missing_is_said_in_one_line(
    stage: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="`make report` makes the pages"):
        importlib.import_module("page_file").main(tmp_path)
    monkeypatch.setattr(stage, "BROWSERS", ("no-such-browser",))
    with pytest.raises(ConfigError, match=r"no Chromium found; install .*, or print reports/modescope\.html"):
        stage.main(tmp_path)
