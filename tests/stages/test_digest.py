"""The digest of shared code: the hash of every file that dvc.yaml names, and of no other."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from modescope.store import artifacts

STAGES = Path(__file__).resolve().parents[2] / "stages"


@pytest.fixture
def digest(monkeypatch):
    monkeypatch.syspath_prepend(str(STAGES))
    import digest

    yield digest.main
    sys.modules.pop("digest")


def test_every_dependency_is_hashed_and_a_change_is_seen(tmp_path, digest):
    (tmp_path / "dvc.yaml").write_text("stages: {engine: {cmd: x, deps: [b.py, a.py]}, other: {cmd: y, deps: [c.py]}}")
    for name in "abc":
        (tmp_path / f"{name}.py").write_text(name)
    digest("engine", tmp_path)
    file = tmp_path / "digests" / "engine.json"
    first = file.read_bytes()
    assert json.loads(first) == {name: artifacts.sha256(tmp_path / name) for name in ("b.py", "a.py")}
    (tmp_path / "c.py").write_text("changed")
    digest("engine", tmp_path)
    assert file.read_bytes() == first
    (tmp_path / "a.py").write_text("changed")
    digest("engine", tmp_path)
    assert file.read_bytes() != first
