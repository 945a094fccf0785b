"""The extras of a project, and which of them are evidence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from modescope.params.config import ConfigError
from modescope.report.extras import evidence, extras

ROOT = Path(__file__).resolve().parents[2]


def test_extras_that_say_so_are_evidence_once_their_scores_are_there(tmp_path: Path) -> None:
    for name in ("sharp_long", "sharp_tuning"):
        shutil.copytree(ROOT / "extra" / name, tmp_path / "extra" / name, ignore=shutil.ignore_patterns("runs", "data"))
    found = extras(tmp_path)
    assert [folder.name for folder in found] == ["sharp_long", "sharp_tuning"]
    (longer,) = evidence(found, {})["modes"]
    assert (longer.extra, longer.plan["study"]) == ("sharp_long", "modes")
    assert set(longer.scores.datasets.values()) == set(longer.plan["datasets"])
    shutil.rmtree(tmp_path / "extra" / "sharp_long" / "scores")
    assert evidence(found, {}) == {}
    assert extras(tmp_path / "extra" / "sharp_long") == {}


def test_an_extra_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "extra" / "odd").mkdir(parents=True)
    (tmp_path / "extra" / "odd" / "params.yaml").write_text("effort: 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"extra/odd/params.yaml.*missing"):
        extras(tmp_path)
