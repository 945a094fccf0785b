"""The data package: its descriptor follows the published rules, and every column is as it describes it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

# From the JSON schemas of specs.frictionlessdata.io (Data Package, Data Resource and Table Schema, version 1).
NAME = re.compile(r"([-a-z0-9._/])+")
PATH = re.compile(r"(?=^[^./~])(^((?!\.{2}).)*$)")  # relative, and nowhere up
TYPES = {"string": str, "integer": "Int64", "number": float}


@pytest.fixture(scope="module")
def folder(index: Path) -> Path:
    return index.parent / "data"


@pytest.fixture(scope="module")
def package(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return found


def test_the_descriptor_follows_the_rules(package: dict[str, Any], folder: Path) -> None:
    assert package["profile"] == "tabular-data-package"
    assert NAME.fullmatch(package["name"])
    assert [set(licence) for licence in package["licenses"]] == [{"name", "title", "path"}]
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names) >= 6
    assert {f"{name}.csv" for name in names} | {"datapackage.json"} == {path.name for path in folder.iterdir()}
    for resource in package["resources"]:
        assert resource["profile"] == "tabular-data-resource"
        assert NAME.fullmatch(resource["name"])
        assert PATH.match(resource["path"])
        content = (folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_the_tables_are_as_described(package: dict[str, Any], folder: Path) -> None:
    for resource in package["resources"]:
        schema, path = resource["schema"], folder / resource["path"]
        fields = {field["name"]: field["type"] for field in schema["fields"]}
        assert len(fields) == len(schema["fields"])
        assert all(len(field["description"]) > 10 for field in schema["fields"])
        assert schema["missingValues"] == [""]
        text = {"dtype": str, "keep_default_na": False}
        assert list(pd.read_csv(path, **text).columns) == list(fields)
        types = {name: TYPES[kind] for name, kind in fields.items()}
        frame = pd.read_csv(path, dtype=types, keep_default_na=False, na_values=[""])
        assert len(frame) > 0
        assert not frame.duplicated(schema["primaryKey"]).any()
        assert frame[schema["primaryKey"]].notna().all(axis=None)


def test_the_tables_join(folder: Path) -> None:
    scores, experiments, metrics, standings = (
        pd.read_csv(folder / f"{name}.csv") for name in ("scores", "experiments", "metrics", "standings")
    )
    assert set(scores["experiment"]) <= set(experiments["experiment"])
    assert set(standings["experiment"]) <= set(experiments["experiment"])
    assert {"coverage", "modes_covered"} <= set(scores["metric"]) & set(metrics["metric"])
    row = standings[standings["remedy"] == "wgan"].iloc[0]
    mine = scores[(scores["experiment"] == row["experiment"]) & (scores["metric"] == row["metric"])]
    assert mine["value"].mean() == pytest.approx(row["kept"])
    assert len(mine) == row["seeds"]
