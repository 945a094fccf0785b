"""Every file of the report by its path relative to index.html, and the means that `dvc metrics diff` compares."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from modescope.report.page import render
from modescope.report.view import Page

STATIC = ("page.css", "figures.css", "page.js", "tables.js")
MEGABYTE = 1_000_000
# What a reader on a slow line can bear: a page, and everything beside the pages.
PAGE_LIMIT, ASSETS_LIMIT = 1 * MEGABYTE, 60 * MEGABYTE


def files(page: Page, templates: Path, static: Path, media: Path) -> Iterator[tuple[str, bytes]]:
    """(path, content) of the pages, their style and scripts, their tables, and the pictures from `media/<study>/`."""
    for path, text in render(page, templates).items():
        yield path, text.encode()
    for name in STATIC:
        yield f"assets/{name}", (static / name).read_bytes()
    for path, text in page.sheets.items():
        yield path, text.encode()
    for table in page.headlines:
        yield table.path, table.csv.encode()
    for study in page.studies:
        for table in study.tables:
            yield table.path, table.csv.encode()
        for name, text in study.sheets.items():
            yield f"assets/{study.name}_{name}.csv", text.encode()
        for figure in (figure for row in study.figures for figure in row):
            if figure.path:
                yield figure.path, figure.csv.encode()
            for path in filter(None, (figure.still, figure.animation, figure.strip.path if figure.strip else None)):
                name = path.removeprefix(f"assets/{study.name}_")
                yield path, (media / study.name / name).read_bytes()


def overweight(sizes: Mapping[str, int]) -> list[str]:
    """What is heavier than it should be, in words, from the bytes of every file by its path."""
    found = [
        f"{name} has {size / MEGABYTE:.1f} MB, more than {PAGE_LIMIT / MEGABYTE:g} MB"
        for name, size in sizes.items()
        if name.endswith(".html") and size > PAGE_LIMIT
    ]
    assets = sum(size for name, size in sizes.items() if name.startswith("assets/"))
    if assets > ASSETS_LIMIT:
        found.append(f"the assets have {assets / MEGABYTE:.1f} MB, more than {ASSETS_LIMIT / MEGABYTE:g} MB")
    return found


def means(runs: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """Experiment -> arm -> metric -> mean over the seeds that have scores; what is not finite is left out."""
    nested: dict[str, dict[str, dict[str, float]]] = {}
    grouped: Mapping[object, float] = (
        runs.groupby(["experiment", "arm", "metric"], sort=False)["value"].mean().to_dict()
    )
    for key, value in grouped.items():
        experiment, arm, metric = (str(part) for part in key)  # type: ignore[attr-defined]
        if math.isfinite(value):
            nested.setdefault(experiment, {}).setdefault(arm, {})[metric] = float(value)
    return nested
