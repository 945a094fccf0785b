"""mutants/results.csv, which keeps the outcome of every fault that was tried, and the same as a page with reasons."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd

from modescope.formatting import plural
from modescope.statistics import wilson
from modescope.store import artifacts
from mutants.operators import Mutant

Words = tuple[str, str, str, str]
WORDS = ["file", "where", "before", "after"]
COLUMNS = ["room", "of", *WORDS, "outcome"]
EQUIVALENT, LEFT = "equivalent", "left"  # nothing could tell; something could, and no test does
TEXT = re.compile(r"""(['"])[^'"]{20,}(?:\1|…)""")  # as the page shows it: in short
HOW_TO_READ = (
    "A fault is killed if a test fails with it. A sample of each room was tried, chosen by a hash of the fault; the "
    "interval is Wilson's for the share of all faults of the room. Texts, messages, annotations and decorators have no "
    "faults. Tests that start another process run the code as it is there. The tests of a fault are those that run its "
    "lines, for a setting also those that name it, up to {budget:g} seconds of CPU. So the score is a lower bound."
)


def tried(folder: Path, room: str) -> dict[Words, str]:
    """Outcome of every fault of the room that was tried."""
    table = read(folder / "results.csv")
    return {tuple(row[word] for word in WORDS): row["outcome"] for row in _rows(table[table["room"] == room])}


def save(folder: Path, room: str, of: int, sample: Collection[Mutant], outcomes: Mapping[Words, str]) -> None:
    """Put the outcomes in place of older ones; those of faults that the sample has no longer are dropped."""
    known = tried(folder, room) | dict(outcomes)
    rows = [(room, of, *fault.words, known[fault.words]) for fault in sample if fault.words in known]
    table = read(folder / "results.csv")
    table = pd.concat([table[table["room"] != room], pd.DataFrame(rows, columns=COLUMNS)], ignore_index=True)
    artifacts.write_csv(folder / "results.csv", table.sort_values(["room", *WORDS]))


def write_page(folder: Path, reasons: Path, budget: float) -> str:
    """Write results.md: the score by room, and every survivor with its reason. Returns the table."""
    table, why = read(folder / "results.csv"), reasons_of(reasons)
    scores = [
        "| room | faults | tried | killed | survived | of which equivalent | killed of all | killed of the others |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines = []
    for room, rows in table.groupby("room", sort=True):
        alive = rows[rows["outcome"] != "killed"]
        kinds = {words: why.get(words, ("", "no reason yet")) for words in words_of(alive)}
        same = sum(kind == EQUIVALENT for kind, _ in kinds.values())
        n, dead = len(rows), len(rows) - len(alive)
        shares = " | ".join(_share(dead, total) for total in (n, n - same))
        scores.append(f"| {room} | {rows['of'].iloc[0]:,} | {n} | {dead} | {len(alive)} | {same} | {shares} |")
        lines += ["", f"## {room}: {plural(len(alive), 'survivor')}", ""]
        lines += ["| where | from | to | why |", "|---|---|---|---|"] if kinds else []
        for (file, where, before, after), (kind, reason) in kinds.items():
            code = " | ".join(f"`{TEXT.sub('…', text)}`".replace("|", "\\|") for text in (before, after))
            place = f"{file.removeprefix('src/modescope/')}: {where}"
            lines.append(f"| {place} | {code} | {kind + ': ' if kind else ''}{reason} |")
    page = ["# Faults that tests notice", "", HOW_TO_READ.format(budget=budget), "", *scores, *lines]
    artifacts.write_bytes(folder / "results.md", ("\n".join(page) + "\n").encode())
    return "\n".join(scores)


def _share(part: int, of: int) -> str:
    found = wilson(part, of)
    return f"{found.value:.1%} ({found.low:.0%} to {found.high:.0%})" if of else "–"


def read(path: Path) -> pd.DataFrame:
    """The table, empty where there is none yet."""
    return pd.read_csv(path, keep_default_na=False) if path.exists() else pd.DataFrame(columns=COLUMNS)


def _rows(table: pd.DataFrame) -> list[dict[str, str]]:
    return table.to_dict("records")


def words_of(table: pd.DataFrame) -> list[Words]:
    return [tuple(row[word] for word in WORDS) for row in _rows(table)]


def reasons_of(path: Path) -> dict[Words, tuple[str, str]]:
    """Words of a fault -> whether it is equivalent, and why it survives. Raises ValueError for another kind."""
    if not path.exists():
        return {}
    table = pd.read_csv(path, keep_default_na=False)
    if wrong := sorted({*table["kind"]} - {EQUIVALENT, LEFT}):
        raise ValueError(f"{path.name}: kind {wrong[0]!r} must be {EQUIVALENT} or {LEFT}")
    return {words: (row["kind"], row["reason"]) for words, row in zip(words_of(table), _rows(table), strict=True)}
