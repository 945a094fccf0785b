"""A figure on the page: its pictures and texts, the experiments behind it, and the command that redraws it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from modescope.formatting import NONE, plural
from modescope.report import sheets
from modescope.report.drawings import drawing
from modescope.report.tables import settings

NARROW = 520  # CSS pixels; figures up to this width stand side by side


@dataclass(frozen=True)
class Strip:
    """The frames of an animation in one picture, row by row; `steps` is empty if unknown."""

    path: str
    columns: int
    rows: int
    steps: list[int]


@dataclass(frozen=True)
class Source:
    """One experiment that a figure shows."""

    experiment: str
    seeds: str  # and arms
    steps: int
    data: str  # SHA-256 of the training data
    samples: str  # SHA-256 of the generated samples
    own: str  # the settings that differ from `Picture.alike`


@dataclass(frozen=True)
class Piece:
    """A part of a figure about one remedy, as a small picture for the page of the remedy."""

    title: str
    alt: str
    still: str
    vector: str  # the still as SVG
    width: int
    height: int
    variant: str
    remedy: str


@dataclass(frozen=True)
class Picture:
    """A still, possibly with an animation; paths relative to the page, lengths in CSS pixels."""

    anchor: str
    number: int
    heading: str  # the finding, or the title where none is stated
    subtitle: str  # the title below a finding, else empty
    title: str
    caption: str
    alt: str
    still: str
    vector: str | None  # the still as SVG
    drawing: Markup | None  # a chart that is part of the page instead of an image
    animation: str | None
    strip: Strip | None
    width: int
    height: int
    shown: str  # how many experiments and seeds
    code: str  # path:line of what draws it
    sources: list[Source]
    alike: str  # the most common value of each setting
    command: str  # redraws the figure
    path: str  # of the CSV with the scores of its runs; empty if there are none
    csv: str
    pieces: list[Piece] = field(default_factory=list)

    @property
    def downloads(self) -> list[tuple[str, str]]:
        """(path, kind) of the files that are offered below the figure."""
        found = [(self.vector, "SVG"), (self.still, "PNG"), (self.animation, "GIF"), (self.path, "CSV")]
        return [(path, kind) for path, kind in found if path]


def picture(
    plan: Mapping[str, Any],
    scores: pd.DataFrame,
    records: Mapping[str, Mapping[str, Any]],
    number: int,
    described: Mapping[str, Any],
    command: str,
    media: Path | None = None,
) -> Picture:
    """One entry of media/<study>/figures.json, joined with its experiments from the plan and run.json.

    Without the folder `media` no chart is part of the page.
    """
    study, name = str(plan["study"]), str(described["name"])
    stem, laid = f"assets/{study}_{name}", described.get("strip")
    shown = [e for e in described["experiments"] if e in plan["experiments"]]
    sources, alike = _sources({e: plan["experiments"][e] for e in shown}, records)
    scored = scores[scores["experiment"].isin(shown)]
    anchor = f"{study}-figure-{name}".replace("_", "-")
    file = media / study / f"{name}.svg" if media and described.get("vector") and not described["animation"] else None
    finding, title = str(described.get("finding", "")), str(described["title"])
    return Picture(
        anchor=anchor,
        number=number,
        heading=finding or title,
        subtitle=title if finding else "",
        title=title,
        caption=described["caption"],
        alt=described["alt"],
        still=f"{stem}.png",
        vector=f"{stem}.svg" if described.get("vector") else None,
        drawing=drawing(file, anchor, str(described["alt"])) if file else None,
        animation=f"{stem}.gif" if described["animation"] else None,
        strip=Strip(f"{stem}.strip.png", **laid) if laid else None,
        width=described["width"],
        height=described["height"],
        shown=_shown([int(plan["experiments"][e]["settings"].get("seeds", 0)) for e in shown]),
        code=str(described.get("code", "")),
        sources=sources,
        alike=alike,
        command=command,
        path=f"assets/{study}_scores_of_{name}.csv" if len(scored) else "",
        csv=sheets.csv(scored),
        pieces=[_piece(f"assets/{study}_", piece) for piece in described.get("pieces", [])],
    )


def _piece(prefix: str, described: Mapping[str, Any]) -> Piece:
    stem, kept = prefix + described["name"], {key: value for key, value in described.items() if key != "name"}
    return Piece(still=f"{stem}.png", vector=f"{stem}.svg", **kept)


def sharing(figures: Sequence[Picture]) -> list[Picture]:
    """The figures, those with the same scores offering one file, named after the first of them."""
    first: dict[str, str] = {}
    return [replace(figure, path=first.setdefault(figure.csv, figure.path)) for figure in figures]


def rows(figures: Sequence[Picture]) -> list[list[Picture]]:
    """Rows of figures: consecutive narrow ones in pairs, each wide one alone."""
    found: list[list[Picture]] = []
    for figure in figures:
        if found and len(found[-1]) == 1 and max(figure.width, found[-1][0].width) <= NARROW:
            found[-1].append(figure)
        else:
            found.append([figure])
    return found


def _shown(seeds: Sequence[int]) -> str:
    """How many experiments, and how many seeds each has; empty without experiments."""
    if not seeds:
        return ""
    fewest, most = min(seeds), max(seeds)
    each = plural(most, "seed") if fewest == most else f"{fewest} to {plural(most, 'seed')}"
    return f"{plural(len(seeds), 'experiment')}, {each}{' each' if len(seeds) > 1 else ''}"


def _sources(
    planned: Mapping[str, Mapping[str, Any]], records: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Source], str]:
    """A source per experiment with the settings that set it apart, and the most common settings, as key=value."""
    grid = settings({experiment: entry["settings"] for experiment, entry in planned.items()})
    usual = {key: Counter(values).most_common(1)[0][0] for key, values in grid.rows}
    found = []
    for i, (experiment, entry) in enumerate(planned.items()):
        record, arms = records.get(experiment, {}), len(entry.get("arms", ()))
        seeds = plural(int(entry["settings"].get("seeds", 0)), "seed") + (f" × {arms} arms" if arms > 1 else "")
        data, samples = (str(record.get(f"{part}_sha256", NONE)) for part in ("data", "samples"))
        own = _apart({key: values[i] for key, values in grid.rows if values[i] != usual[key]})
        found.append(Source(experiment, seeds, int(entry["steps"]), data, samples, own))
    return found, "; ".join(f"{key}={value}" for key, value in usual.items() if value != NONE)


def _apart(different: Mapping[str, str]) -> str:
    """The settings as key=value, without missing keys that another key replaces: a.b=1 replaces a, a=1 replaces a.b."""
    given = [key for key, value in different.items() if value != NONE]

    def replaced(key: str) -> bool:
        return any(other.startswith(f"{key}.") or key.startswith(f"{other}.") for other in given)

    return "; ".join(f"{k}={v}" for k, v in different.items() if v != NONE or not replaced(k))
