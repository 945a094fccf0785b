"""One site and one browser for all tests of the report; a tab that fails on errors and on network requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shared
import synthetic
from playwright.sync_api import Browser, Page
from synthetic import Open


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first page of the site; one site for all processes of pytest-xdist."""
    return synthetic.first_page(shared.once(tmp_path_factory, "site", synthetic.site))


@pytest.fixture
def requested() -> list[str]:
    """Every URL that the tabs of `visit` have requested so far."""
    return []


@pytest.fixture
def visit(browser: Browser, index: Path, requested: list[str]) -> Iterator[Open]:
    """Open `page` (a file name, optionally with a fragment) in a tab; errors in any tab fail the test at its end."""
    tabs: list[Page] = []
    wrong: list[str] = []

    def visit(page: str = "index.html", width: int = 1_400, **preferences: str) -> Page:
        tab = browser.new_page(viewport={"width": width, "height": 900}, **preferences)
        tab.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        # A tab that is closed while a picture loads gives it up; that is no fault of the page.
        tab.on("requestfailed", lambda r: wrong.append(r.url) if r.failure != "net::ERR_ABORTED" else None)
        tab.on("request", lambda sent: requested.append(sent.url))
        tab.goto(f"{index.parent.as_uri()}/{page}")
        tabs.append(tab)
        return tab

    yield visit
    for tab in tabs:
        tab.close()
    assert wrong == []
    assert [url for url in requested if not url.startswith((index.parent.as_uri(), "data:"))] == []
