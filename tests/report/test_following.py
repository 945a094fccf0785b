"""Following a remedy in a real browser: by list, click, key and address, through figures, tables and pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import synthetic
import synthetic_modes
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader
from playwright.sync_api import Browser, Page

from modescope import web
from modescope.report.following import Followable, followable

# Two pages in the frame: one with all kinds of marks, one without any.
MARKED = """{% extends "frame.html.j2" %}{% block title %}A{% endblock %}{% block masthead %}<h1>A</h1>{% endblock %}
{% block content %}<section>
<figure id="chart"><svg width="200" height="60" role="img" aria-label="Two dots">
<g class="mark" data-remedy="r1"><title>R1</title><circle cx="20" cy="30" r="10"/></g>
<g class="mark" data-remedy="wgan"><title>WGAN</title><circle cx="80" cy="30" r="10"/></g></svg></figure>
<figure id="other"><svg width="200" height="60" role="img" aria-label="One dot">
<g class="mark" data-remedy="wgan"><title>WGAN</title><circle cx="20" cy="30" r="10"/></g></svg></figure>
<table><caption>T</caption><tbody>
<tr data-remedy="r1"><th scope="row"><a href="plain.html#x">R1</a></th><td>one</td></tr>
<tr data-remedy="wgan wgan_gp"><th scope="row"><a href="plain.html?seed=3#x">WGAN</a></th><td>two</td></tr>
</tbody></table></section>{% endblock %}"""
PLAIN = """{% extends "frame.html.j2" %}{% block title %}B{% endblock %}
{% block masthead %}<h1 id="x">B</h1>{% endblock %}
{% block content %}<p><a href="marked.html">back</a></p>{% endblock %}"""
LIST = [Followable("r1", "R1"), Followable("wgan", "WGAN"), Followable("wgan_gp", "WGAN <GP>")]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("followed")
    shutil.copytree(synthetic.STATIC, folder / "assets")
    shutil.copy(web.COLOURS, folder / "assets")
    loaders = [DictLoader({"marked.html": MARKED, "plain.html": PLAIN}), FileSystemLoader(synthetic.TEMPLATES)]
    environment = Environment(loader=ChoiceLoader(loaders), autoescape=True)
    for name in ("marked.html", "plain.html"):
        page = SimpleNamespace(studies=[], followable=LIST)
        (folder / name).write_text(environment.get_template(name).render(page=page, study=None), encoding="utf-8")
    return folder


@pytest.fixture
def tab(browser: Browser, pages: Path) -> Iterator[Page]:
    opened, wrong = browser.new_page(), list[str]()
    opened.on("console", lambda message: wrong.append(message.text))  # violations of the page's policy among them
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.goto(f"{pages.as_uri()}/marked.html")
    yield opened
    opened.close()
    assert wrong == []


def state(tab: Page) -> dict[str, list[str]]:
    """The marks that stand out and those that are dimmed, each as the id or tag of its group and its remedy."""
    found: dict[str, list[str]] = tab.evaluate(
        """Object.fromEntries(['followed', 'dimmed'].map(kind => [kind, [...document.querySelectorAll(`.${kind}`)].map(
        mark => `${mark.closest('figure, table').id || 'table'} ${mark.dataset.remedy}`)]))"""
    )
    return found


R1 = {"followed": ["chart r1", "table r1"], "dimmed": ["chart wgan", "table wgan wgan_gp"]}
WGAN = {"followed": ["chart wgan", "other wgan", "table wgan wgan_gp"], "dimmed": ["chart r1", "table r1"]}
NOTHING: dict[str, list[str]] = {"followed": [], "dimmed": []}


def test_a_choice_from_the_list_marks_figures_and_tables_and_stands_in_the_address(tab: Page) -> None:
    assert state(tab) == NOTHING
    tab.get_by_role("combobox", name="Follow a remedy").select_option("R1")
    assert state(tab) == R1
    assert tab.url.endswith("marked.html?remedy=r1")
    assert tab.get_by_role("status").text_content() == "marked in 1 figure and 1 table; Esc ends it"
    tab.get_by_role("combobox", name="Follow a remedy").select_option("WGAN")
    assert state(tab) == WGAN
    tab.go_back()
    assert state(tab) == R1
    tab.reload()
    assert state(tab) == R1
    assert tab.locator("#follow").input_value() == "r1"
    tab.keyboard.press("Escape")
    assert state(tab) == NOTHING
    assert "remedy" not in tab.url
    tab.go_back()
    assert state(tab) == R1
    tab.go_forward()
    assert state(tab) == NOTHING


def test_a_click_on_a_mark_follows_it_and_another_ends_it(tab: Page) -> None:
    tab.locator("#other g circle").click()
    assert state(tab) == WGAN
    tab.locator("tr td", has_text="one").click()
    assert state(tab) == R1
    tab.locator("#chart g[data-remedy=r1] circle").click()
    assert state(tab) == NOTHING
    tab.locator("td", has_text="two").click()  # of two remedies, the first
    assert state(tab) == WGAN


def test_links_between_pages_carry_it_along(tab: Page) -> None:
    links = tab.locator("th a")
    assert [link.get_attribute("href") for link in links.all()] == ["plain.html#x", "plain.html?seed=3#x"]
    tab.locator("#follow").select_option("r1")
    assert [link.get_attribute("href") for link in links.all()] == [
        "plain.html?remedy=r1#x",
        "plain.html?seed=3&remedy=r1#x",
    ]
    links.first.click()  # a name is a link: it does not change what is followed
    tab.wait_for_url("**/plain.html?remedy=r1#x")
    assert tab.locator("html").get_attribute("data-following") == "r1"
    assert tab.get_by_role("status").text_content() == "not on this page"
    tab.get_by_role("link", name="back").click()
    tab.wait_for_url("**/marked.html?remedy=r1")
    assert state(tab) == R1
    tab.keyboard.press("Escape")
    assert links.first.get_attribute("href") == "plain.html#x"


@pytest.mark.parametrize(
    ("address", "expected"), [("?remedy=nonsense", NOTHING), ("?remedy=", NOTHING), ("#remedy=r1", R1)]
)
def test_an_address_is_taken_as_it_is_meant(tab: Page, pages: Path, address: str, expected: dict[str, str]) -> None:
    tab.goto(f"{pages.as_uri()}/marked.html{address}")
    tab.wait_for_function("document.querySelector('.follow').hidden === false")
    assert state(tab) == expected


def test_where_the_address_cannot_be_changed_the_fragment_has_it(tab: Page) -> None:
    tab.evaluate("() => { history.pushState = () => { throw new DOMException('refused', 'SecurityError'); }; }")
    tab.locator("#follow").select_option("r1")
    assert tab.url.endswith("marked.html#remedy=r1")
    assert state(tab) == R1
    tab.keyboard.press("Escape")
    assert state(tab) == NOTHING


def test_the_list_has_what_was_trained_beside_others() -> None:
    found = {one.remedy: one.title for one in followable([synthetic.scores(), synthetic_modes.everything()])}
    assert {"gan", "wgan", "bigan"} <= set(found)
    assert len(set(found.values())) == len(found)
    assert followable([synthetic.scores(("gaussian",))]) == []  # one remedy alone
