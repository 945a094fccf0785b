"""How to cite the project, from its CITATION.cff (Citation File Format 1.2.0)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from modescope.formatting import listing


@dataclass(frozen=True)
class Citation:
    """The reference as text and as BibTeX."""

    text: str
    bibtex: str
    licence: str


def read(file: Path) -> Citation:
    """The citation in a file. Raises OSError without the file, and KeyError for one without title, authors, licence."""
    entry = dict(YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8")))
    names = [_name(author) for author in entry["authors"]]
    title, year = str(entry["title"]), str(entry.get("date-released", ""))[:4]
    known = {
        "title": f"{{{title}}}",
        "author": " and ".join(f"{{{name}}}" for name in names),
        "year": year,
        "version": str(entry.get("version", "")),
        "url": str(entry.get("repository-code") or entry.get("url") or ""),
    }
    fields = "".join(f"  {key} = {{{value}}},\n" for key, value in known.items() if value)
    parts = [f"{listing(names)}{f' ({year})' if year else ''}: {title}", known["version"], known["url"]]
    return Citation(
        text=f"{', '.join(part for part in parts if part)}.",
        bibtex=f"@software{{modescope,\n{fields}}}",
        licence=str(entry["license"]),
    )


def _name(author: dict[str, Any]) -> str:
    """A person's names, or that of a group."""
    return str(author.get("name") or f"{author['given-names']} {author['family-names']}")
