"""The comparison as HTML and its differences as CSV, by path relative to index.html."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from modescope import web
from modescope.compare.finding import about_verdicts
from modescope.compare.view import Comparison, Pair
from modescope.formatting import estimate, number, plural
from modescope.report.sheets import csv
from modescope.statistics import Estimate

STATIC = ("page.css", "figures.css", "forest.css", "compare.css", "tables.js")
BRIEF = 8  # settings that are not folded away


def files(comparison: Comparison, templates: Path, static: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (path, content) of the page, its styles and script, the CSV of all differences, and the pairs of stills."""
    yield "index.html", render(comparison, templates).encode()
    for file in (web.COLOURS, *(static / name for name in STATIC)):
        yield f"assets/{file.name}", file.read_bytes()
    yield "assets/differences.csv", sheet(comparison).encode()
    for pair in comparison.pairs:
        for side, still in (("a", pair.a), ("b", pair.b)):
            if still is not None and still.file is not None:
                yield path(pair, side), still.file.read_bytes()


def path(pair: Pair, side: str) -> str:
    """The path of one side's still, relative to the page; `side` is "a" or "b"."""
    return f"assets/{pair.study}_{pair.name}_{side}.png"


def render(comparison: Comparison, templates: Path) -> str:
    """The page as HTML, everything escaped, from `compare.html.j2` in the folder of templates.

    Raises jinja2.UndefinedError for a template that uses a name the comparison does not have.
    """
    environment = web.environment(templates, plural=plural, number=number, estimate=estimate, signed=signed)
    return environment.get_template("compare.html.j2").render(
        comparison=comparison, verdicts=about_verdicts(comparison.verdicts), path=path, brief=BRIEF
    )


def signed(effect: Estimate) -> str:
    """A difference with its sign and interval: `+0.41 [0.38, 0.44]`."""
    return f"{'+' if effect.value > 0 else ''}{estimate(effect)}"


def sheet(comparison: Comparison) -> str:
    """CSV of all differences, except means that are equal seed by seed; numbers at full precision."""
    rows: list[dict[str, Any]] = [
        {
            "study": d.study,
            "experiment": d.experiment,
            "arm": d.arm,
            "metric": d.metric,
            "a": d.a,
            "b": d.b,
            "difference": d.effect.value,
            "low": d.effect.low,
            "high": d.effect.high,
            "seeds": d.effect.n,
            "outcome": d.outcome,
        }
        for d in [*comparison.told, *comparison.open]
    ]
    columns = ["study", "experiment", "arm", "metric", "a", "b", "difference", "low", "high", "seeds", "outcome"]
    return csv(pd.DataFrame(rows, columns=columns))
