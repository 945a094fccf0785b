"""Tables for the page: formatted numbers, intervals in the cell of their mean, and the CSV of each table."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from modescope.formatting import NONE, interval, number
from modescope.report import spreadsheet
from modescope.report.links import card
from modescope.studies import Table
from modescope.studies.common.entries import Entry
from modescope.studies.common.tables import FLOOR


@dataclass(frozen=True)
class Column:
    """A heading: a metric (linked to its explanation) with a qualifier, or plain words."""

    metric: str
    words: str
    numeric: bool
    key: str  # name of the frame's column, used in links to a sorted view


@dataclass(frozen=True)
class Cell:
    """The text that is shown, and the sort key: the number at full precision, or empty to sort by the text."""

    text: str
    value: str
    href: str = ""  # of the card of the remedy that it names


@dataclass(frozen=True)
class Row:
    """One row; `new` if its first cell differs from the row above."""

    cells: list[Cell]
    new: bool
    kind: str  # "floor", or empty for scores of runs
    remedy: str = ""  # whose scores it has, to follow it over the pages


@dataclass(frozen=True)
class TableView:
    """A table with its headings; the first `heads` cells of a row are row headings."""

    anchor: str
    title: str
    caption: str
    columns: list[Column]
    rows: list[Row]
    heads: int
    path: str  # of the CSV, relative to the page
    csv: str


@dataclass(frozen=True)
class Grid:
    """Plain text by row and column."""

    columns: list[str]
    rows: list[tuple[str, list[str]]]
    corner: str = "key"  # what the rows are


def view(study: str, table: Table, metrics: Sequence[str], datasets: Mapping[str, str]) -> TableView:
    """A table whose columns `m`, `m_low`, `m_high` are shown as one; all other columns stay as they are.

    `datasets` has the names of datasets for readers. The CSV keeps those of params.yaml, and the labels of entries.
    """
    frame = table.frame
    names = [str(name) for name in frame.columns]
    bounds = {f"{n}{end}" for n in names for end in ("_low", "_high") if {f"{n}_low", f"{n}_high"} <= set(names)}
    shown = [name for name in names if name not in bounds]
    columns = [_column(name, metrics, pd.api.types.is_numeric_dtype(frame[name]), table.headings) for name in shown]
    heads = len(list(itertools.takewhile(lambda column: not column.numeric, columns)))
    whose = list(table.entries) or [None] * len(frame)
    rows = [
        [_named(_cell(record, name), name, entry, datasets) for name in shown]
        for record, entry in zip(frame.to_dict("records"), whose, strict=True)
    ]
    return TableView(
        anchor=f"{study}-table-{table.key}".replace("_", "-"),
        title=table.title,
        caption=table.caption,
        columns=columns,
        rows=[
            Row(
                cells,
                i > 0 and cells[:1] != rows[i - 1][:1],
                "floor" if FLOOR in {c.text for c in cells} else "",
                entry.remedy if entry else "",
            )
            for i, (cells, entry) in enumerate(zip(rows, whose, strict=True))
        ],
        heads=max(1, heads),
        path=f"assets/{study}_{table.key}.csv",
        csv=spreadsheet.csv(frame),
    )


def settings(experiments: Mapping[str, Mapping[str, Any]]) -> Grid:
    """Nested settings as a grid: one row per dotted key, one column per experiment."""
    flat = [dict(_flatten(s)) for s in experiments.values()]
    keys = list(dict.fromkeys(key for one in flat for key in one))
    return Grid(list(experiments), [(key, [one.get(key, NONE) for one in flat]) for key in keys])


def differing(grid: Grid) -> tuple[Grid, Grid]:
    """(settings that differ, one row per experiment; settings with the same value everywhere, one row per key)."""
    different = [(key, values) for key, values in grid.rows if len(set(values)) > 1]
    same = [(key, values[:1]) for key, values in grid.rows if len(set(values)) == 1]
    rows = [(name, [values[i] for _, values in different]) for i, name in enumerate(grid.columns)]
    return Grid([key for key, _ in different], rows, "experiment"), Grid(["all experiments"], same)


def _named(cell: Cell, column: str, entry: Entry | None, datasets: Mapping[str, str]) -> Cell:
    """The cell as readers know what it names: an entry by its title, with its card, a dataset by its own."""
    if entry is not None and cell.text == entry.label:
        return replace(cell, text=entry.title or entry.label, href=card(entry))
    return replace(cell, text=datasets.get(cell.text, cell.text)) if column == "dataset" else cell


def _column(name: str, metrics: Sequence[str], numeric: bool, headings: Mapping[str, str]) -> Column:
    """The heading of a column: the longest metric that its name begins with, and the rest of the name as words."""
    known = [m for m in metrics if name == m or name.startswith(f"{m}_")]
    metric = max(known, key=len, default="")
    words = headings.get(name, name.removeprefix(metric).replace("_", " ").strip())
    return Column(metric, words, numeric, name)


def _cell(record: Mapping[Any, Any], name: str) -> Cell:
    value = record[name]
    if isinstance(value, str):
        return Cell(value, "")
    if value is None or value is pd.NA:
        return Cell(NONE, "nan")
    if isinstance(value, bool | np.bool_):
        return Cell("yes" if value else "no", "")
    if isinstance(value, int | np.integer):
        return Cell(f"{value:,}", str(value))
    low, high = (float(record.get(f"{name}{end}", np.nan)) for end in ("_low", "_high"))
    text = interval(float(value), low, high) if f"{name}_low" in record else number(float(value))
    return Cell(text, repr(float(value)))


def _flatten(nested: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """(dotted key, value as text) of every leaf."""
    rows: list[tuple[str, str]] = []
    for key, value in nested.items():
        if isinstance(value, Mapping) and value:
            rows += _flatten(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            rows.append((f"{prefix}{key}", ", ".join(str(item) for item in value)))
        else:
            rows.append((f"{prefix}{key}", str(value)))
    return rows
