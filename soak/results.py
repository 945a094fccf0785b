"""The tables that readers see: results.csv, and results.md made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

import pandas as pd

from modescope.store import artifacts
from soak.case import Row

COLUMNS = ["part", *(field.name for field in fields(Row))]
TITLE = """\
# What a bad day does

Made by `make soak`. Seconds are those of a processor for bad input, else of the clock; memory is the most at once.
*Before* is how earlier code ended on the same input: `as now` where that was as it should be.
"""


def save(folder: Path, part: str, rows: Sequence[Row]) -> None:
    """Replace the rows of a part and write both files anew; what earlier code did stays unless it was tried again."""
    path = folder / "results.csv"
    old = pd.read_csv(path, keep_default_na=False) if path.is_file() else pd.DataFrame(columns=COLUMNS)
    known = dict(old.loc[old["part"] == part, ["what", "before"]].itertuples(index=False))
    known |= {row.what: row.before for row in rows if row.before}
    made = [{"part": part} | asdict(row) | {"before": known.get(row.what, "")} for row in rows]
    new = pd.DataFrame(made, columns=COLUMNS)
    table = pd.concat([old[old["part"] != part], new.fillna("").astype(object)]).sort_values("part", kind="stable")
    artifacts.write_csv(path, table)
    artifacts.write_bytes(folder / "results.md", "\n".join([TITLE, *_lines(table)]).encode())


def _lines(table: pd.DataFrame) -> list[str]:
    lines = []
    for part, rows in table.groupby("part", sort=False):
        good = int((rows["ok"].astype(str) == "True").sum())
        before = "before" if (rows["before"] != "").any() else ""
        names = ["case", "command", *([before] if before else []), "outcome", "seconds", "MiB"]
        lines += [f"## {part}: {good} of {len(rows)} as they should be", "", _line(names), _line(["---"] * len(names))]
        for row in rows.to_dict("records"):
            mib = "" if row["mib"] == "" else f"{float(row['mib']):.0f}"
            cells = [row["what"], row["command"], *([row["before"]] if before else []), row["outcome"]]
            lines.append(_line([*cells, f"{float(row['seconds']):.1f}", mib]))
        lines.append("")
    return lines


def _line(cells: Sequence[str]) -> str:
    """A line of a Markdown table, in which what was printed cannot be markup."""
    return f"| {' | '.join(_plain(str(cell)) for cell in cells)} |"


def _plain(text: str) -> str:
    short = text if len(text) <= 200 else f"{text[:197]}..."
    marked = "".join(f"\\{c}" if c in "|\\`*_<>[]" else c for c in " ".join(short.split()))
    return "".join(c if c.isprintable() else "?" for c in marked)
