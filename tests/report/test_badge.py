"""Badges: their parts and widths, and that those in docs/ say what metrics.json and pyproject.toml say."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from modescope.report import badge
from modescope.report.chapter import VERDICTS
from modescope.report.evidence import Decided

ROOT = Path(__file__).resolve().parents[2]
BADGES = ROOT / "docs" / "badges"
SVG = "{http://www.w3.org/2000/svg}"


def parsed(content: str) -> ElementTree.Element:
    return ElementTree.fromstring(content)  # noqa: S314  # made here


def texts(content: str) -> list[str]:
    return [str(text.text) for text in parsed(content).iter(f"{SVG}text")]


def test_the_parts_stand_side_by_side() -> None:
    root = parsed(badge.svg([badge.Part("ab & <c>", "#111111"), badge.Part("d", "#222222")]))
    rects = [rect.attrib for rect in root.find(f"{SVG}g").iter(f"{SVG}rect")]  # type: ignore[union-attr]
    assert [(r["x"], r["width"], r["fill"]) for r in rects] == [("0", "65", "#111111"), ("65", "20", "#222222")]
    assert (root.attrib["width"], root.attrib["aria-label"]) == ("85", "ab & <c> and d")
    with pytest.raises(ValueError, match="at least one part"):
        badge.svg([])


def test_every_claim_is_counted_once() -> None:
    counts = {"supported": 1_000, "contradicted": 0, "inconclusive": 7}
    assert texts(badge.claims(counts, None)) == ["1,007 claims", "1,000 supported", "7 open"]
    # Extra runs decide three of the seven, and judge two more claims, one of which stays open.
    parts = texts(badge.claims(counts, Decided(default=1_000, longer=4, open=5, disagree=1)))
    assert parts == ["1,009 claims", "1,000 supported", "4 by extra runs", "5 open"]
    assert texts(badge.claims({"supported": 1, "contradicted": 0, "inconclusive": 0}, None)) == [
        "1 claim",
        "1 supported",
    ]


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", [badge.LABEL, badge.PLAIN, *badge.COLOURS.values()])
def test_white_text_is_readable(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 6


def test_the_badge_of_the_claims_is_that_of_the_last_run() -> None:
    studies = json.loads((ROOT / "metrics.json").read_text(encoding="utf-8")).values()
    counts = {v: sum(study["claims"][v] for study in studies) for v in VERDICTS}
    decided = sum((Decided(**study["decided"]) for study in studies), Decided(0, 0, 0, 0))
    assert (BADGES / "claims.svg").read_text(encoding="utf-8") == badge.claims(counts, decided)


def test_the_other_badges_say_what_pyproject_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (BADGES / "python.svg").read_text(encoding="utf-8") == badge.fact("Python", project["requires-python"])
    assert (BADGES / "licence.svg").read_text(encoding="utf-8") == badge.fact("licence", project["license"])
