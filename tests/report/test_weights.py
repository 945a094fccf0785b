"""The size limits of the report, and the warnings when they are exceeded."""

from __future__ import annotations

from pathlib import Path

from modescope.report import site
from modescope.report.site import ASSETS_LIMIT, FRONT_LIMIT, PAGE_LIMIT

PAGE = (
    '<link rel="stylesheet" href="assets/a.css"><img alt="" src="assets/b.png" loading="lazy"><a href="assets/c.gif">'
)


def test_the_synthetic_report_is_within_its_budget(index: Path) -> None:
    paths = {p.relative_to(index.parent).as_posix(): p for p in index.parent.rglob("*") if p.is_file()}
    pages = {name: path.read_text(encoding="utf-8") for name, path in paths.items() if name.endswith(".html")}
    assert {"index.html", "latent.html", "modes.html"} <= set(pages)
    assert site.overweight({name: path.stat().st_size for name, path in paths.items()}, pages) == []


def test_a_limit_may_be_reached_but_not_passed() -> None:
    sizes = {"index.html": FRONT_LIMIT - 3, "a.html": PAGE_LIMIT - 3, "assets/a.css": 1, "assets/b.png": 2}
    pages = {"index.html": PAGE, "a.html": PAGE}
    assert site.overweight(sizes | {"assets/c.gif": ASSETS_LIMIT - 3}, pages) == []
    assert len(site.overweight(sizes | {"assets/b.png": 3}, pages)) == 2


def test_pages_with_what_they_show_and_the_assets_together_are_named() -> None:
    sizes = {
        "index.html": 10,
        "modes.html": PAGE_LIMIT - 100_000,
        "assets/b.png": 400_000,
        "assets/c.gif": ASSETS_LIMIT,
    }
    assert site.overweight(sizes, {"index.html": PAGE, "modes.html": PAGE}) == [
        "modes.html has 2.3 MB; at most 2 MB are allowed",
        "the assets have 60.4 MB; at most 60 MB are allowed",
    ]
