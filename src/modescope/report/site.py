"""All files of the report, by path relative to index.html, and the few numbers that `dvc metrics diff` compares."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from modescope import web
from modescope.report.page import render
from modescope.report.thumbnails import thumbnail
from modescope.report.view import Page
from modescope.store.runs import Scores

MEGABYTE = 1_000_000
# Bytes: the front page, another page, and all assets together, so that the report stays usable on a slow connection.
# The explorer's runs have a limit of their own, as a reader loads no more than those that are looked at.
FRONT_LIMIT, PAGE_LIMIT, ASSETS_LIMIT, RUNS_LIMIT = MEGABYTE // 2, 2 * MEGABYTE, 60 * MEGABYTE, 25 * MEGABYTE
FRONT, RUNS = "index.html", "assets/explorer/"
LOADED = re.compile(r'<(?:link|script|img)\b[^>]* (?:src|href)="([^"]+)"')


def files(page: Page, templates: Path, static: Path, media: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (path, content) of the pages, styles, scripts, tables, and the pictures from `media/<study>/`."""
    for path, text in render(page, templates).items():
        yield path, text.encode()
    for file in (web.COLOURS, *sorted(static.iterdir())):
        yield f"assets/{file.name}", file.read_bytes()
    for path, script in page.explorer.files:
        yield path, script.read_bytes()
    for path, text in (page.sheets | page.data).items():
        yield path, text.encode()
    yield from page.front.files
    for study in page.studies:
        for table in study.tables:
            yield table.path, table.csv.encode()
        for name, text in study.sheets.items():
            yield f"assets/{study.name}_{name}.csv", text.encode()
        figures = [figure for row in study.figures for figure in row]
        for figure in figures[:1]:
            first = media / study.name / figure.still.removeprefix(f"assets/{study.name}_")
            yield f"assets/{study.name}_thumbnail.png", thumbnail(first.read_bytes())
        for figure in figures:
            if figure.path:
                yield figure.path, figure.csv.encode()
            strip = figure.strip.path if figure.strip else None
            pieces = [path for piece in figure.pieces for path in (piece.still, piece.vector)]
            for path in filter(None, (figure.still, figure.vector, figure.animation, strip, *pieces)):
                name = path.removeprefix(f"assets/{study.name}_")
                yield path, (media / study.name / name).read_bytes()


def overweight(sizes: Mapping[str, int], pages: Mapping[str, str]) -> list[str]:
    """A warning for each limit that is exceeded: `sizes` in bytes by path, `pages` the HTML by path.

    A page weighs what a reader loads who looks at all of it without asking for an animation: itself, styles, scripts
    and pictures.
    """
    runs = sum(size for name, size in sizes.items() if name.startswith(RUNS))
    assets = sum(size for name, size in sizes.items() if name.startswith("assets/")) - runs
    weights = [
        (name, sizes[name] + sum(sizes.get(path, 0) for path in set(LOADED.findall(text))))
        for name, text in pages.items()
    ]
    limits = [
        *((name, "has", size, FRONT_LIMIT if name == FRONT else PAGE_LIMIT) for name, size in weights),
        ("the assets", "have", assets, ASSETS_LIMIT),
        ("the explorer's runs", "have", runs, RUNS_LIMIT),
    ]
    return [
        f"{what} {has} {size / MEGABYTE:.1f} MB; at most {limit / MEGABYTE:g} MB are allowed"
        for what, has, size, limit in limits
        if size > limit
    ]


def summary(page: Page, measured: Mapping[str, tuple[str, Scores]]) -> dict[str, dict[str, Any]]:
    """Study -> its claims by verdict, diverged runs, and the mean of its headline metric by experiment.

    `measured` gives each study's headline metric and scores. The numbers are few so that the difference
    of two revisions is readable; all scores are in scores/. Means that are not finite are left out. With extra
    runs beside the default run, also how many claims are decided by which, and how many are open.
    """
    found: dict[str, dict[str, Any]] = {}
    for study in page.studies:
        metric, scores = measured[study.name]
        chosen = scores.runs[scores.runs["metric"] == metric]
        means = chosen.groupby("experiment", sort=False)["value"].mean()
        found[study.name] = {
            "claims": dict(study.counts),
            **({"decided": asdict(study.decided)} if page.decided else {}),
            "diverged": len(scores.diverged),
            metric: {str(name): round(float(value), 4) for name, value in means.items() if math.isfinite(value)},
        }
    return found
