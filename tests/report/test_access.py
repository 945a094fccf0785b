"""Accessibility: axe-core reports nothing serious, and everything that can be clicked can take the focus."""

from __future__ import annotations

import pytest
from access import violations
from synthetic import Open

# Everything a mouse can use, except what is hidden or in a closed <details>.
USABLE = """[...document.querySelectorAll('a[href], button, input, select, summary, .scroll')].filter(element =>
    element.checkVisibility({ visibilityProperty: true }))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["index.html", "latent.html"])
def test_axe_finds_nothing_serious(visit: Open, page: str, scheme: str) -> None:
    tab = visit(page, color_scheme=scheme)
    tab.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    assert violations(tab) == []


def test_nor_on_a_phone_with_a_filtered_table(visit: Open) -> None:
    assert violations(visit("modes.html#modes-table-leaderboard-line5?sort=coverage&find=bigan", 360)) == []


def test_axe_does_find_a_picture_without_words(visit: Open) -> None:
    tab = visit()
    tab.evaluate("document.body.append(document.createElement('img'))")
    assert [found.split(":")[0] for found in violations(tab)] == ["image-alt"]


@pytest.mark.parametrize("page", ["index.html", "latent.html"])
def test_the_keyboard_reaches_everything_in_order(visit: Open, page: str) -> None:
    tab = visit(page)
    usable: int = tab.evaluate(f"{USABLE}.map((element, i) => {{ element.dataset.at = i; }}).length")
    reached: list[int] = []
    while len(reached) < 2 * usable and usable - 1 not in reached:
        tab.keyboard.press("Tab")
        reached.append(tab.evaluate("Number(document.activeElement.dataset.at ?? -1)"))
    there = [place for place in reached if place >= 0]
    assert there == list(range(usable))
