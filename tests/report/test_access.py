"""Accessibility: axe-core is really asked, and everything that can be clicked can take the focus."""

from __future__ import annotations

import pytest
from access import violations
from synthetic import Open

# Everything a mouse can use, except what is hidden or in a closed <details>.
USABLE = """[...document.querySelectorAll('a[href], button, input, select, summary, .scroll')].filter(element =>
    element.checkVisibility({ visibilityProperty: true }))"""


def test_axe_does_find_a_picture_without_words(visit: Open) -> None:
    tab = visit()
    tab.evaluate("document.body.append(document.createElement('img'))")
    assert {found.split(":")[0] for found in violations(tab)} >= {"image-alt"}


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
