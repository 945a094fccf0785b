"""benchmarks/results.csv, which keeps the rows of every part that was ever measured, and the same as a page."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch

from benchmarks.row import Row
from modescope.formatting import plural
from modescope.machine import cores
from modescope.store import artifacts

COLUMNS = ["part", *Row._fields, "machine"]
NUMBERS = ("ours", "reference", "ratio")
DIGITS = 4  # that are significant
HOW_TO_READ = (
    "A ratio says how many times faster ours is than the reference, which share it is of a limit or of a whole, or "
    "how many times it costs; the name of the row says which."
)


def machine() -> str:
    """The model of the processor."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def save(folder: Path, part: str, rows: Sequence[Row]) -> None:
    """Put the rows of a part in place of its older ones, in both files."""
    file = folder / "results.csv"
    new = pd.DataFrame(rows, columns=list(Row._fields)).assign(part=part, machine=machine())[COLUMNS]
    for column in NUMBERS:
        new[column] = [float(f"{value:.{DIGITS}g}") for value in new[column]]
    old = pd.read_csv(file) if file.exists() else new[:0]
    if list(old.columns) != COLUMNS:  # of another version
        old = new[:0]
    kept = old[old["part"] != part]
    table = new if kept.empty else pd.concat([kept, new], ignore_index=True)
    artifacts.write_csv(file, table)
    artifacts.write_bytes(folder / "results.md", page(table).encode())


def page(table: pd.DataFrame) -> str:
    """Markdown: a heading that names the machine, and a table of its rows; those of other machines are left out."""
    here = table[table["machine"] == machine()]
    count = plural(cores(), "core")
    heading = f"{machine()}, {count}, PyTorch {torch.__version__}, Python {platform.python_version()}"
    lines = [f"# {heading}", "", HOW_TO_READ, ""]
    lines += ["| part | what | ours | reference | ratio | unit |", "|---|---|--:|--:|--:|---|"]
    for row in here.to_dict("records"):
        numbers = " | ".join(number(row[column]) for column in NUMBERS)
        lines.append(f"| {row['part']} | {row['name']} | {numbers} | {row['unit']} |")
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """Three significant digits, without exponents where they can be left out."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
