"""Every file of the page by its path relative to index.html, and the means that `dvc metrics diff` compares."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from modescope.report import sheets
from modescope.report.page import render
from modescope.report.view import Page

STATIC = ("page.css", "page.js")


def files(page: Page, templates: Path, static: Path, media: Path) -> Iterator[tuple[str, bytes]]:
    """(path, content) of the page, its style and script, its tables, and its pictures from `media/<study>/`."""
    yield "index.html", render(page, templates).encode()
    for name in STATIC:
        yield f"assets/{name}", (static / name).read_bytes()
    yield "assets/verdicts.csv", sheets.verdicts({s.name: s.counts for s in page.studies}).encode()
    for study in page.studies:
        for table in study.tables:
            yield table.path, table.csv.encode()
        for name, text in study.sheets.items():
            yield f"assets/{study.name}_{name}.csv", text.encode()
        for figure in (figure for row in study.figures for figure in row):
            for path in filter(None, (figure.still, figure.animation)):
                name = path.removeprefix(f"assets/{study.name}_")
                yield path, (media / study.name / name).read_bytes()


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
