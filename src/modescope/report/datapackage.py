"""The tables of `exports` as CSV files with a Frictionless Data Package that describes every column.

Frictionless Data, Data Package and Table Schema, version 1: https://specs.frictionlessdata.io
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from modescope.report import sheets
from modescope.report.exports import Export

FOLDER = "data"
MISSING = ""  # how a value that is not there is written; infinite ones are written as inf and -inf


def files(tables: Sequence[Export], title: str, revision: str) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of each table, and of datapackage.json beside them."""
    texts = {table.name: sheets.csv(table.frame) for table in tables}
    for name, text in texts.items():
        yield f"{FOLDER}/{name}.csv", text
    described = descriptor([_resource(table, texts[table.name]) for table in tables], title, revision)
    yield f"{FOLDER}/datapackage.json", json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def descriptor(resources: Sequence[dict[str, Any]], title: str, revision: str) -> dict[str, Any]:
    """The package: what the tables are about, under which licence, and the tables."""
    return {
        "profile": "tabular-data-package",
        "name": "modescope",
        "title": title,
        "description": (
            "Scores of generative models on data whose modes are known: every run, floors from real points, verdicts "
            "on claims of articles, and what each remedy for mode loss keeps and costs. A text that a spreadsheet "
            f"would take for a formula has an apostrophe before it. Made by revision {revision}."
        ),
        "licenses": [{"name": "MIT", "title": "MIT License", "path": "https://opensource.org/license/mit"}],
        "contributors": [{"title": "The modescope authors", "role": "author"}],
        "keywords": ["generative adversarial networks", "mode collapse", "benchmark"],
        "resources": list(resources),
    }


def _resource(table: Export, text: str) -> dict[str, Any]:
    content = text.encode()
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        "title": table.title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {
            "fields": [{"name": f.name, "type": f.kind, "description": f.meaning} for f in table.fields],
            "missingValues": [MISSING],
            "primaryKey": list(table.key),
        },
    }
