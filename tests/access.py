"""What axe-core finds on a page, shared by the tests of the report and of the comparison."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def violations(tab: Page, *rules: str) -> list[str]:
    """Everything of any impact, as rule and place; only of these rules where some are named."""
    # No preload: it would read the style sheets again, which a page opened as a file may not.
    options = {"resultTypes": ["violations"], "preload": False} | ({"runOnly": list(rules)} if rules else {})
    found = Axe().run(tab, options=options).response["violations"]
    return [f"{v['id']}: {node['target']}" for v in found for node in v["nodes"]]
