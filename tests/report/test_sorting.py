"""Tables in a real browser: sorting, filtering, and a URL that restores the view."""

from __future__ import annotations

import math
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page
from synthetic import Open, modes_titled

from modescope.studies.common.entries import entries

BOARD = "modes-table-leaderboard-ring8-heavy"
ORDER = "rows => rows.filter(row => !row.hidden).map(row => row.querySelector('th').innerText.trim())"


def names(table: Locator) -> list[str]:
    """The row headings that are shown, from top to bottom."""
    found: list[str] = table.locator("tbody tr").evaluate_all(ORDER)
    return found


def fragment(tab: Page) -> str:
    return urlsplit(tab.url).fragment


def board(index: Path, table: Locator) -> pd.DataFrame:
    """The CSV of the leaderboard, its rows by the headings that the page has in place of their code names."""
    frame = pd.read_csv(index.parent / "assets" / "modes_leaderboard_ring8_heavy.csv")
    titles = {entry.label: entry.title for entry in entries(modes_titled(), "ring8_heavy")}
    shown = names(table)
    assert shown == [titles.get(label, label) for label in frame["remedy"]]
    return frame.assign(remedy=shown)


def by(frame: pd.DataFrame, column: str, ascending: bool) -> list[str]:
    """The order from sorting the CSV: stable, missing values last."""
    return list(frame.sort_values(column, ascending=ascending, kind="stable", na_position="last")["remedy"])


def test_a_heading_sorts_up_then_down_then_back(visit: Open, index: Path) -> None:
    tab = visit("modes.html")
    table = tab.locator(f"#{BOARD}")
    frame = board(index, table)
    button = table.locator("th[data-key=sliced_w2] button.sort")
    button.click()
    assert names(table) == by(frame, "sliced_w2", True) != list(frame["remedy"])
    assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    assert fragment(tab) == f"{BOARD}?sort=sliced_w2"
    button.click()
    assert names(table) == by(frame, "sliced_w2", False)
    assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    assert fragment(tab) == f"{BOARD}?sort=sliced_w2&order=down"
    button.click()
    assert names(table) == list(frame["remedy"])
    assert table.locator("th[aria-sort]").count() == 0
    assert fragment(tab) == BOARD


def test_gaps_stay_last_whichever_way_it_is_sorted(visit: Open, index: Path) -> None:
    frame = board(index, visit("modes.html").locator(f"#{BOARD}"))
    gaps = set(frame.loc[frame["cost"].isna(), "remedy"])
    assert 0 < len(gaps) < len(frame)
    for order in ("up", "down"):
        table = visit(f"modes.html#{BOARD}?sort=cost&order={order}").locator(f"#{BOARD}")
        assert set(names(table)[-len(gaps) :]) == gaps


def test_infinity_is_more_than_any_number(visit: Open, index: Path) -> None:
    tab = visit("latent.html#latent-table-kl?sort=kl_qp&order=down")
    values = tab.locator("#latent-table-kl tbody tr").evaluate_all(
        "rows => rows.map(row => row.querySelector('td.n[data-value]').dataset.value)"
    )
    frame = pd.read_csv(index.parent / "assets" / "latent_kl.csv")
    assert [float(value) for value in values] == pytest.approx(sorted(frame["kl_qp"], reverse=True))
    assert math.isinf(float(values[0]))


def test_words_filter_the_rows_and_all_come_back(visit: Open) -> None:
    tab = visit("modes.html")
    table = tab.locator(f"#{BOARD}")
    everything = names(table)
    table.get_by_role("searchbox").fill("WGAN")
    assert names(table) == [name for name in everything if "wgan" in name.lower()] == ["Wgan"]
    assert table.locator("output").text_content() == f"1 of {len(everything)} rows"
    assert fragment(tab) == f"{BOARD}?find=WGAN"
    table.get_by_role("button", name="Show all").click()
    assert names(table) == everything
    assert not table.get_by_role("button", name="Show all").is_visible()


def test_claims_of_all_studies_are_chosen_by_study_and_verdict(visit: Open, index: Path) -> None:
    claims = pd.read_csv(index.parent / "assets" / "claims.csv")
    tab = visit("claims.html")
    table = tab.locator("#claims")
    assert len(names(table)) == len(claims)
    table.get_by_role("combobox", name="Verdict").select_option("supported")
    assert len(names(table)) == (claims["verdict"] == "supported").sum() > 0
    table.get_by_role("combobox", name="Study").select_option("Latent dimensions")
    chosen = claims[(claims["verdict"] == "supported") & (claims["study"] == "latent")]
    assert len(names(table)) == len(chosen) > 0
    address = tab.url
    again = visit(f"claims.html#{urlsplit(address).fragment}").locator("#claims")
    assert names(again) == names(table)
    assert again.get_by_role("combobox", name="Study").input_value() == "Latent dimensions"
    assert again.get_by_role("combobox", name="Verdict").input_value() == "supported"


def test_a_link_of_the_front_page_opens_the_view(visit: Open, index: Path) -> None:
    claims = pd.read_csv(index.parent / "assets" / "claims.csv")
    tab = visit()
    tab.locator("#latent .badge.supported").click()
    table = tab.locator("#claims")
    assert len(names(table)) == ((claims["verdict"] == "supported") & (claims["study"] == "latent")).sum()
    box = table.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 450


def test_a_link_to_a_folded_table_unfolds_it(visit: Open) -> None:
    table = visit("latent.html#latent-table-shared").locator("#latent-table-shared")
    assert table.is_visible()
    box = table.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 900


def test_an_address_that_asks_for_nonsense_shows_everything(visit: Open) -> None:
    everything = names(visit("modes.html").locator(f"#{BOARD}"))
    tab = visit(f"modes.html#{BOARD}?sort=nothing&colour=red&order=up")
    assert names(tab.locator(f"#{BOARD}")) == everything


@pytest.mark.parametrize("width", [360, 1_400])
def test_what_a_row_is_about_stays_in_sight(visit: Open, width: int) -> None:
    tab = visit("modes.html", width)
    scroll = tab.locator(f"#{BOARD} .scroll")
    scroll.evaluate("element => { element.scrollLeft = element.scrollWidth; }")
    left, start = (
        tab.locator(place).first.evaluate("element => element.getBoundingClientRect().left")
        for place in (f"#{BOARD} tbody th.key", f"#{BOARD} .scroll")
    )
    assert left == pytest.approx(start, abs=1)
