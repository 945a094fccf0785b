"""What axe-core finds on a page, shared by the tests of the report and of the comparison."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")


def violations(tab: Page) -> list[str]:
    # No preload: it would read the style sheets again, which a page opened as a file may not.
    found = Axe().run(tab, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
    return [f"{v['id']}: {node['target']}" for v in found if v["impact"] in GRAVE for node in v["nodes"]]
