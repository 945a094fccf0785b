"""The pages in a real browser: no errors, no requests to other hosts, no overflow, animations only on request."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from synthetic import Open

from modescope.report.site import MEGABYTE

FITS = "document.documentElement.scrollWidth <= innerWidth"
FIRST_VIEW = 3 * MEGABYTE


@pytest.mark.parametrize("width", [360, 1_400])
def test_a_study_fits_and_every_picture_loads(visit: Open, width: int) -> None:
    tab = visit("latent.html", width)
    assert tab.evaluate(FITS)
    for image in tab.locator("img").all():
        image.scroll_into_view_if_needed()
    tab.evaluate("Promise.all([...document.images].map(image => image.decode()))")  # rejects for a broken image
    assert tab.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert tab.evaluate(FITS)
    inside = """[...document.querySelectorAll('p, h1, h2, h3, figcaption, dd, .badge, button, input')].filter(element =>
        !element.closest('.scroll') && element.getBoundingClientRect().right > innerWidth + 1).length"""
    assert tab.evaluate(inside) == 0


def test_the_button_plays_the_animation_and_goes_back(visit: Open) -> None:
    figure = visit("latent.html").locator("figure").first
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


def test_the_slider_steps_through_the_frames_by_keyboard(visit: Open, requested: list[str]) -> None:
    tab = visit("latent.html")
    figure = tab.locator("figure").first
    slider, frame, shown = figure.locator("input[type=range]"), figure.locator(".frame"), figure.locator("output")
    steps = [int(step) for step in (figure.locator(".controls").get_attribute("data-steps") or "").split()]
    assert len(steps) >= 2
    assert not any("strip" in name for name in requested)  # loaded on first use
    size = figure.locator("img").bounding_box()
    slider.focus()
    with tab.expect_request("**/*.strip.png"):
        tab.keyboard.press("Home")
    assert shown.text_content() == f"step {steps[0]:,}"
    assert frame.is_visible()
    assert not figure.locator("img").is_visible()
    now = frame.bounding_box()
    assert size is not None
    assert now is not None
    assert (now["width"], now["height"]) == pytest.approx((size["width"], size["height"]), abs=1)
    places = [frame.evaluate("frame => frame.style.backgroundPosition")]
    for step in steps[1:]:
        tab.keyboard.press("ArrowRight")
        assert shown.text_content() == slider.get_attribute("aria-valuetext") == f"step {step:,}"
        places.append(frame.evaluate("frame => frame.style.backgroundPosition"))
    assert len(set(places)) == len(steps)
    assert sum("strip" in name for name in requested) == 1
    figure.get_by_role("button").click()
    assert figure.locator("img").is_visible()
    assert not frame.is_visible()


def test_who_asks_for_less_motion_gets_stills(visit: Open) -> None:
    tab = visit("latent.html")
    tab.locator("button.play").first.click()
    assert tab.locator("img[src$='.gif']").count() == 1
    tab.emulate_media(reduced_motion="reduce")
    tab.wait_for_function("document.querySelectorAll(\"img[src$='.gif']\").length === 0")
    assert tab.locator("button.playing").count() == 0
    calm = visit("latent.html", reduced_motion="reduce")
    assert calm.locator("figure img").count() == calm.locator("figure img[src$='.png']").count() == 9


def test_paper_shows_stills_and_no_controls(visit: Open) -> None:
    tab = visit("latent.html")
    tab.locator("button.play").first.click()
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.locator("img[src$='.gif']").count() == 0
    for hidden in ("button.play", "input[type=range]", ".tools", "nav", "button.sort", ".from"):
        assert not tab.locator(hidden).first.is_visible(), hidden
    assert tab.locator("#latent-made ~ details").first.evaluate("details => details.open")
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not tab.locator("#latent-made ~ details").first.evaluate("details => details.open")


def test_without_scripts_there_is_a_link_to_the_animation(browser: Browser, index: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{index.parent.as_uri()}/latent.html")
    link = tab.locator("figure a.play").first
    assert (index.parent / (link.get_attribute("href") or "")).is_file()
    assert tab.locator("button").count() == 0
    context.close()


def test_dark_readers_get_a_dark_page(visit: Open) -> None:
    tab = visit("latent.html", color_scheme="dark")
    ground, card = (
        tab.locator(place).first.evaluate("element => getComputedStyle(element).backgroundColor")
        for place in ("body", ".card")
    )
    assert ground != card == "rgb(255, 255, 255)"


@pytest.mark.parametrize("page", ["index.html", "latent.html"])
def test_the_first_view_is_light(visit: Open, index: Path, requested: list[str], page: str) -> None:
    visit(page).wait_for_load_state("networkidle")
    files = {name.split("#")[0].removeprefix(f"{index.parent.as_uri()}/") for name in requested if "data:" not in name}
    assert {page, "assets/page.css", "assets/page.js", "assets/tables.js"} <= files
    assert not any(name.endswith((".gif", ".strip.png")) for name in files)
    assert sum((index.parent / name).stat().st_size for name in files) <= FIRST_VIEW
