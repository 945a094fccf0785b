"""Markdown for GitHub: escaped text, code, tables and folded parts."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 240  # characters of a cell


def text(words: str) -> str:
    """Words as they stand: no markup, link, mention or reference to an issue is made of them; one line."""
    plain = re.sub(r"([\\`*_\[\]<>~|&$])", r"\\\1", _clipped(words))
    # GitHub looks for mentions, numbers of issues and addresses in the finished text; a space of no width ends each.
    return re.sub(r"([@#]|://|www\.)", r"\1&#8203;", plain)


def code(name: str) -> str:
    """A name as code, in a fence longer than any in it."""
    line = _clipped(name)
    if not line:
        return ""
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], numeric: int = 0) -> str:
    """A table of finished cells; the last `numeric` columns are aligned to the right."""
    rule = ["---"] * (len(heads) - numeric) + ["---:"] * numeric
    lines = [[re.sub(r"(?<!\\)\|", r"\\|", cell) for cell in cells] for cells in (heads, rule, *rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def details(summary: str, body: str) -> str:
    """A folded part; its summary is plain words."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _clipped(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
