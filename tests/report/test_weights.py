"""The size limits of the report, and the warnings when they are exceeded."""

from __future__ import annotations

from pathlib import Path

from modescope.report import site
from modescope.report.site import ASSETS_LIMIT, PAGE_LIMIT


def test_the_synthetic_report_is_within_its_budget(index: Path) -> None:
    folder = index.parent
    sizes = {p.relative_to(folder).as_posix(): p.stat().st_size for p in folder.rglob("*") if p.is_file()}
    assert {"index.html", "latent.html", "modes.html"} <= set(sizes)
    assert site.overweight(sizes) == []


def test_a_limit_may_be_reached_but_not_passed() -> None:
    assert site.overweight({"index.html": PAGE_LIMIT, "assets/x.gif": ASSETS_LIMIT}) == []


def test_a_page_and_the_assets_together_are_named() -> None:
    sizes = {
        "index.html": 10,
        "modes.html": PAGE_LIMIT + 300_000,
        "assets/a.gif": ASSETS_LIMIT,
        "assets/b.png": 400_000,
    }
    assert site.overweight(sizes) == [
        "modes.html has 1.3 MB; at most 1 MB are allowed",
        "the assets have 60.4 MB; at most 60 MB are allowed",
    ]
