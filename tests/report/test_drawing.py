"""Figures drawn part by part: the files of each part, its entries, and which runs it reads."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from modescope import studies
from modescope.figures.curves import Curve, small_multiples
from modescope.report import drawing
from modescope.store import layout
from modescope.studies import Figure

STEPS = np.array([0, 10, 20])


def figure(name: str) -> Figure:
    line = Curve(name, STEPS, STEPS / 1.0, STEPS - 1.0, STEPS + 1.0)
    picture, _ = small_multiples([line], "Heading", y_title="value", reference=None, maximum=None)
    return Figure(name, "Title", "Caption.", "What it shows.", picture, None, [name])


class TwoParts:
    """A study whose first part has two figures of run `a` and whose second has one of run `b`."""

    def figures(self, runs: Mapping[str, Any], scores: Any) -> list[Iterator[Figure]]:
        return [(figure(runs[name].name) for name in names) for names in (["a", "a2"], ["b"])]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the runs that are read, in order; the study `two` draws them."""
    asked: list[str] = []

    def read_runs(root: Path, plan: Any, name: str) -> SimpleNamespace:
        asked.append(name)
        none = np.empty(0)
        return SimpleNamespace(name=f"figure_{name}", real=none, samples=none, snapshots=none, views={}, watched={})

    monkeypatch.setattr(layout, "read_runs", read_runs)
    monkeypatch.setattr(layout, "read_scores", lambda root, plan: None)
    monkeypatch.setattr(
        drawing, "read_plan", lambda root, study: {"study": study, "experiments": dict.fromkeys(["a", "a2", "b"])}
    )
    monkeypatch.setattr(studies, "build", lambda name: TwoParts())
    drawing._figures.cache_clear()
    return asked


@pytest.fixture
def told() -> Iterator[tuple[list[int], Callable[[int], None]]]:
    done: list[int] = []
    yield done, done.append
    drawing._figures.cache_clear()


def test_a_part_writes_its_figures_and_reads_its_runs(
    tmp_path: Path, read: list[str], told: tuple[list[int], Callable[[int], None]]
) -> None:
    done, report = told
    first, second = drawing.parts(tmp_path, "two")
    assert read == []  # nothing is read before it is drawn
    assert [entry["name"] for entry in drawing.draw(second, report)] == ["figure_b"]
    assert read == ["b"]
    assert sorted(path.name for path in (tmp_path / "media" / "two").iterdir()) == ["figure_b.png", "figure_b.svg"]
    entries = drawing.draw(first, report)
    assert [(entry["name"], entry["experiments"]) for entry in entries] == [
        ("figure_a", ["figure_a"]),
        ("figure_a2", ["figure_a2"]),
    ]
    assert (tmp_path / "media" / "two" / "figure_a.png").read_bytes() == figure("figure_a").still.png
    assert done == [1, 1]
