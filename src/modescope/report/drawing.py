"""Draws the figures of a study, part by part, into the files of media/<study>/."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from modescope import executors, studies
from modescope.report import media
from modescope.store import artifacts, layout
from modescope.store.plan import read_plan
from modescope.studies.common import origin


@dataclass(frozen=True)
class Part:
    """One of the iterators that `Study.figures` returns."""

    root: Path
    study: str
    number: int


def parts(root: Path, study: str) -> list[Part]:
    """The parts of a study's figures, in reading order."""
    return [Part(root, study, number) for number in range(len(_figures(root, study)))]


def draw(part: Part, report: executors.Report) -> list[dict[str, Any]]:
    """Write the files of every figure of the part; returns their entries of figures.json."""
    folder, described = part.root / "media" / part.study, []
    figures = _figures(part.root, part.study)[part.number]
    for drawn in figures:
        code = drawn.code or origin.of_generator(figures) or origin.of_function(studies.build(part.study).figures)
        figure = replace(drawn, code=code)
        for name, content in media.files(figure):
            artifacts.write_bytes(folder / name, content)
        described.append(media.describe(figure))
    report(1)
    return described


@lru_cache(maxsize=1)
def _figures(root: Path, study: str) -> list[Iterator[studies.Figure]]:
    """All parts, none drawn yet; a process that draws several of them reads runs and scores once."""
    plan = read_plan(root, study)
    return studies.build(study).figures(layout.AllRuns(root, plan), layout.read_scores(root, plan))
