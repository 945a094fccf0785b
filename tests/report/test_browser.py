"""The page in a real browser: no errors, nothing fetched from elsewhere, no overflow, animations that play."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import synthetic
from playwright.sync_api import Browser, Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.fail(f"no browser found: install Chromium (one of {', '.join(BROWSERS)} on the PATH)", pytrace=False)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=OPTIONS)
        yield launched
        launched.close()


@pytest.fixture
def opened(browser: Browser, index: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page at the width that the test asks for; afterwards, nothing must have gone wrong or left the disk."""
    tab = browser.new_page(viewport={"width": getattr(request, "param", 1_400), "height": 900})
    wrong: list[str] = []
    requested: list[str] = []
    tab.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("requestfailed", lambda failed: wrong.append(failed.url))
    tab.on("request", lambda sent: requested.append(sent.url))
    tab.goto(index.as_uri())
    yield tab
    tab.close()
    assert wrong == []
    assert [url for url in requested if not url.startswith((index.parent.as_uri(), "data:"))] == []


@pytest.mark.parametrize("opened", [360, 1_400], indirect=True)
def test_it_fits_and_every_picture_loads(opened: Page) -> None:
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for image in opened.locator("img").all():
        image.scroll_into_view_if_needed()
    opened.evaluate("Promise.all([...document.images].map(image => image.decode()))")  # rejects a broken one
    assert opened.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    inside = """[...document.querySelectorAll('p, h1, h2, h3, figcaption, dd, .badge, button')].filter(element =>
        !element.closest('.scroll') && element.getBoundingClientRect().right > innerWidth + 1).length"""
    assert opened.evaluate(inside) == 0


@pytest.mark.parametrize("opened", [360, 1_400], indirect=True)
def test_it_still_fits_with_the_parameters_unfolded(opened: Page) -> None:
    for summary in opened.locator("summary").all():
        summary.click()
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_button_plays_the_animation_and_goes_back(opened: Page) -> None:
    figure = opened.locator("figure").first
    image, button = figure.locator("img"), figure.get_by_role("button")
    still = image.get_attribute("src") or ""
    before = image.bounding_box()
    assert still.endswith(".png")
    button.click()
    assert image.get_attribute("src") == still.replace(".png", ".gif")
    image.evaluate("image => image.decode()")
    after = image.bounding_box()
    assert before is not None
    assert after is not None
    assert (before["width"], before["height"]) == pytest.approx((after["width"], after["height"]), abs=1)
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert image.get_attribute("src") == still


def test_without_scripts_there_is_a_link_to_the_animation(browser: Browser, index: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(index.as_uri())
    link = tab.locator("figure a.play").first
    assert (index.parent / (link.get_attribute("href") or "")).is_file()
    assert tab.locator("button").count() == 0
    context.close()


def test_dark_readers_get_a_dark_page(browser: Browser, index: Path) -> None:
    tab = browser.new_page(color_scheme="dark")
    tab.goto(index.as_uri())
    ground, card = (
        tab.locator(place).first.evaluate("element => getComputedStyle(element).backgroundColor")
        for place in ("body", ".card")
    )
    assert ground != card == "rgb(255, 255, 255)"
    tab.close()
