"""The view model of the report: the front page and one chapter per study.

    page = view.build([Material(plan, study, scores, figures, runs), ...], Provenance(...))

Studies and experiments come from the plans, in their order, not from the files on disk.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modescope import datasets, metrics
from modescope.formatting import listing, plural
from modescope.metrics import About
from modescope.report import cards, datapackage, front, sheets
from modescope.report.cards.sweeps import Sweep
from modescope.report.chapter import VERDICTS, Chapter, Material, n_runs
from modescope.report.chapter import build as chapter
from modescope.report.evidence import OPEN, Decided
from modescope.report.explorer import Explorer, explorer
from modescope.report.exports import exports
from modescope.report.following import Followable, followable
from modescope.report.front import Front
from modescope.report.provenance import Provenance
from modescope.statistics import COVERED, Verdict
from modescope.store.plan import RemedyPage
from modescope.studies.common.standings import Standings

TITLE = "Which modes does a GAN lose, and what fixes it?"


@dataclass(frozen=True)
class Page:
    """The whole report: the front page and one page per study."""

    title: str
    lead: str
    studies: list[Chapter]
    counts: dict[Verdict, int]
    decided: Decided | None  # None without extra runs beside the default run
    extras: list[str]  # the extra runs, by their folder in extra/
    by_chance: tuple[int, int]  # intervals of claims, and how many of them miss the true value by chance alone
    glossary: dict[str, About]
    provenance: Provenance
    standings: list[Standings]  # of all studies, by dataset
    followable: list[Followable]  # what can be followed through the pages
    front: Front
    remedies: dict[str, RemedyPage]  # what every variant of the package declares, by name
    sheets: dict[str, str]  # CSV of the front page's other tables, by path
    explorer: Explorer  # trainings in the plane; without fields where no study has one
    data: dict[str, str]  # all numbers as CSV files with a data package, by path
    cards: list[cards.Card]  # of the variants that are trained


def build(
    materials: Sequence[Material],
    remedies: Mapping[str, RemedyPage],
    provenance: Provenance,
    media: Path | None = None,
    sweeps: Sequence[Sweep] = (),
) -> Page:
    """The view model of all pages, studies in the given order.

    Without the folder `media` there is nothing to explore, and charts are images. `sweeps` are those that
    chose the settings of the remedies.
    """
    glossary: dict[str, About] = {}
    for material in materials:
        glossary |= _explained(material)
    numbers = itertools.count(1)
    studies = [
        chapter(m, numbers, list(_explained(m)), provenance.drawing(str(m.plan["study"])), media) for m in materials
    ]
    counts = {v: sum(s.counts[v] for s in studies) for v in VERDICTS}
    extras = sorted({one.extra for s in studies for judged in s.longer.values() for one in judged})
    decided = sum((s.decided for s in studies), Decided(0, 0, 0, 0)) if extras else None
    standings = [one for m in materials for one in m.study.standings(m.scores)]
    runs = explorer(media, [s.name for s in studies], standings)
    return Page(
        title=TITLE,
        lead=_lead(materials, counts, decided),
        studies=studies,
        counts=counts,
        decided=decided,
        extras=extras,
        by_chance=_by_chance(studies),
        glossary=glossary,
        provenance=provenance,
        standings=standings,
        followable=followable(m.scores for m in materials),
        front=front.build(standings, _planar(materials), studies, remedies, runs),
        remedies=dict(remedies),
        sheets={
            "assets/verdicts.csv": sheets.verdicts(
                {s.name: s.counts for s in studies}, {s.name: s.decided for s in studies} if extras else {}
            ),
            "assets/claims.csv": sheets.all_claims({s.name: s.judged for s in studies}),
            **({"assets/longer.csv": sheets.longer({s.name: s.longer for s in studies})} if extras else {}),
        },
        explorer=runs,
        data=dict(datapackage.files(exports(materials, studies, standings, glossary), TITLE, provenance.revision)),
        cards=cards.build(materials, studies, standings, remedies, sweeps, runs),
    )


def _planar(materials: Sequence[Material]) -> set[str]:
    """The datasets whose points lie in the plane."""
    specs = {name: spec for m in materials for name, spec in m.plan["datasets"].items()}
    return {name for name, spec in specs.items() if datasets.build(spec).shape == (2,)}


def _by_chance(studies: Sequence[Chapter]) -> tuple[int, int]:
    effects = [claim.effect for study in studies for claim in study.judged]
    intervals = sum(math.isfinite(effect.high - effect.low) for effect in effects)
    return intervals, round((1 - COVERED) * intervals)


def _lead(materials: Sequence[Material], counts: Mapping[Verdict, int], decided: Decided | None) -> str:
    runs = sum(n_runs(m) for m in materials)
    efforts = sorted({float(m.plan["effort"]) for m in materials})
    share = "" if efforts == [1.0] else f", with {listing([f'{e * 100:g} %' for e in efforts])} of the default steps"
    diverged = sum(len(m.scores.diverged) for m in materials)
    return (
        f"{verdicts(counts, decided)} This is based on {plural(runs, 'run')}, "
        f"{diverged or 'none'} of which diverged{share}."
    )


def verdicts(counts: Mapping[Verdict, int], decided: Decided | None) -> str:
    """How many claims are decided, and by what, as a sentence."""
    if decided is None:
        judged = listing([f"{counts[v]} {'is' if counts[v] == 1 else 'are'} {v}" for v in VERDICTS])
        return f"Of {plural(sum(counts.values()), 'claim')}, {judged}."
    total = decided.default + decided.longer + decided.open
    by_default = listing([f"{counts[v]} {v}" for v in VERDICTS if v != OPEN])
    return (
        f"{plural(total, 'claim')} of articles and papers: {decided.default} decided by the default run "
        f"({by_default}), {decided.longer} more by extra runs, {decided.open} open."
    )


def _explained(material: Material) -> dict[str, About]:
    """The metrics with scores in this study, each with its description."""
    scored, families = set(material.scores.runs["metric"]), metrics.build(material.plan["metrics"])
    return {name: about for family in families.values() for name, about in family.about.items() if name in scored}
