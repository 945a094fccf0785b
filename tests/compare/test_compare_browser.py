"""The page of a comparison in a browser: it fits a phone, axe-core reports nothing serious, tables filter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from access import violations
from playwright.sync_api import Browser, Page

from modescope.compare import page, view
from modescope.compare.sides import COLUMNS, Side, Still
from modescope.metrics import About
from modescope.store import artifacts

REPORTS = Path(__file__).resolve().parents[2] / "reports"
DARK = b"\x89PNG\r\n\x1a\n"  # not a valid picture; no test looks at it
ABOUT = {
    "modes_covered": About("Modes covered", "How many.", "0 to n", "higher"),
    "w2": About("W2", "How far.", "0 upwards", "lower"),
}
LONG = "modes_ring16_sharp_bigan_reconstruction"


def side(name: str, shift: float, steps: int, folder: Path) -> Side:
    rows = [
        ("modes", LONG, arm, seed, metric, 0.1 * seed + shift * (1 + 0.01 * seed))
        for arm in ("base", "ema=0.999")
        for metric in ("w2", "modes_covered", "high_quality_fraction")
        for seed in range(4)
    ]
    rows += [("modes", LONG, "base", seed, "kl_qp", shift * (-1) ** seed) for seed in range(4)]
    params = {
        "studies": {"modes": {}},
        "experiments": {n: {"study": "modes", "steps": steps, "variant": "gan"} for n in (LONG, name)},
    }
    file = folder / f"{name}.png"
    file.write_bytes(DARK + name.encode())
    stills = {"modes": {"samples": Still("Samples", f"Samples of {name}", 980, 420, name, file)}}
    return Side(
        name, f"{name} in words", params, pd.DataFrame(rows, columns=COLUMNS), stills, ["latent has no scores."]
    )


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compared")
    found = view.build(side("first", 0.0, 10, folder), side("second", 1.0, 20, folder), ABOUT)
    for path, content in page.files(found, REPORTS / "templates", REPORTS / "static"):
        artifacts.write_bytes(folder / path, content)
    return folder / "index.html"


@pytest.fixture
def tab(browser: Browser, compared: Path) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 360, "height": 800}, color_scheme="dark")
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("requestfailed", lambda failed: wrong.append(failed.url))
    opened.goto(compared.as_uri())
    yield opened
    opened.close()
    assert wrong == []


def test_nothing_is_cut_off_and_nothing_is_hard_to_read(tab: Page) -> None:
    tab.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    assert tab.evaluate("document.documentElement.scrollWidth") == 360
    assert violations(tab) == []
    assert tab.locator("[style]").count() == 0


def test_differences_can_be_chosen_by_metric(tab: Page) -> None:
    told = tab.locator("#told")
    tab.locator("details:has(#told) > summary").click()
    assert told.locator("tbody tr:visible").count() == 6
    told.locator("label", has_text="Metric").locator("select").select_option("w2")
    assert told.locator("tbody tr:visible").count() == 2
    assert tab.locator("#open").locator("tbody tr").count() == 1


def test_the_forest_plot_comes_first_and_better_lies_to_the_right(tab: Page) -> None:
    """modes_covered grew and W2 grew, so one got better and one worse; the third metric is unknown to the code."""
    assert tab.locator("h1").inner_text().startswith("B is better in 2 measures and worse in 2, and differs in 2 for ")
    plots = tab.locator("section").first.locator("svg.forest[role=img]")
    where = {
        plot.get_attribute("class"): plot.evaluate(
            "svg => svg.querySelector('.point').getBoundingClientRect().x - svg.getBoundingClientRect().x > "
            "svg.getBoundingClientRect().width / 2"
        )
        for plot in plots.all()
    }
    assert where == {"forest supported": True, "forest contradicted": False, "forest inconclusive": True}
    assert plots.count() == 6


def test_stills_of_both_sides_open_in_full(tab: Page) -> None:
    links = tab.locator("#content figure a.card")
    assert [link.get_attribute("href") for link in links.all()] == [
        "assets/modes_samples_a.png",
        "assets/modes_samples_b.png",
    ]
