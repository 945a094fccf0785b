"""What the page says: scores, claims, media descriptions and provenance as plain, already worded fields.

    page = view.build([Material(plan, study, scores, figures, runs), ...], Provenance(...))

Everything listed comes from the plans, in their order, never from what lies on a disk.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from modescope import metrics
from modescope.formatting import estimate, listing, plural
from modescope.metrics import About
from modescope.report import sheets
from modescope.report.tables import Grid, TableView, differing, settings
from modescope.report.tables import view as table_view
from modescope.runs import Scores
from modescope.statistics import Verdict
from modescope.studies import Study

TITLE = "Which modes does a GAN lose, and what fixes it?"
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
NARROW = 520  # figures up to this wide stand beside each other


@dataclass(frozen=True)
class Material:
    """What the pipeline left behind for one study."""

    plan: Mapping[str, Any]  # plan/<study>.json
    study: Study
    scores: Scores
    figures: Sequence[Mapping[str, Any]]  # media/<study>/figures.json
    runs: Mapping[str, Mapping[str, Any]]  # run.json by experiment


@dataclass(frozen=True)
class Provenance:
    """What made the page, apart from the parameters."""

    revision: str
    versions: Mapping[str, str]  # of Python and of packages
    command: str  # that makes all of it again


@dataclass(frozen=True)
class Claim:
    """A row of the claims table."""

    anchor: str
    text: str
    rule: str
    effect: str
    seeds: str
    verdict: Verdict


@dataclass(frozen=True)
class Figure:
    """A still with, perhaps, its animation; paths relative to the page, lengths in CSS pixels."""

    anchor: str
    number: int
    title: str
    caption: str
    alt: str
    still: str
    animation: str | None
    width: int
    height: int
    experiments: str


@dataclass(frozen=True)
class StudyView:
    """One chapter."""

    name: str
    title: str
    question: str
    introduction: str
    source: str
    runs: str  # how many, and how many diverged
    diverged: list[str]  # one an arm
    counts: dict[Verdict, int]
    answer: list[str]  # what was found, in sentences
    claims: list[Claim]
    figures: list[list[Figure]]  # rows
    tables: list[TableView]
    steps: list[tuple[str, int, int]]  # experiment, steps at effort 1, steps run
    settings: Grid  # experiment by dotted key, those that differ
    alike: Grid  # the settings that all experiments have in common
    shared: Grid  # effort, evaluation, datasets and metrics
    hashes: list[tuple[str, str, str]]  # experiment, of its data, of its samples
    effort: str
    samples: int
    floor_repeats: int
    sheets: dict[str, str]  # CSV of the other tables, by the name in assets/<study>_<name>.csv


@dataclass(frozen=True)
class Page:
    """The whole of it."""

    title: str
    lead: str
    studies: list[StudyView]
    counts: dict[Verdict, int]
    glossary: dict[str, About]
    provenance: Provenance


def build(materials: Sequence[Material], provenance: Provenance) -> Page:
    """The view model of the page, studies in the given order."""
    glossary: dict[str, About] = {}
    for material in materials:
        glossary |= {n: a for n, a in _abouts(material.plan) if n in set(material.scores.runs["metric"])}
    numbers = itertools.count(1)
    studies = [_study(material, numbers, list(glossary)) for material in materials]
    counts = {v: sum(s.counts[v] for s in studies) for v in VERDICTS}
    return Page(TITLE, _lead(materials, counts), studies, counts, glossary, provenance)


def _lead(materials: Sequence[Material], counts: Mapping[Verdict, int]) -> str:
    total, runs = sum(counts.values()), sum(_runs(m) for m in materials)
    judged = listing([f"{counts[v]} {'is' if counts[v] == 1 else 'are'} {v}" for v in VERDICTS])
    efforts = sorted({float(m.plan["effort"]) for m in materials})
    share = listing([f"{effort * 100:g} %" for effort in efforts])
    diverged = sum(len(m.scores.diverged) for m in materials)
    return (
        f"Of {plural(total, 'claim')} that the articles make, {judged} by {plural(runs, 'training run')}, "
        f"{diverged or 'none'} of which diverged, at {share} of the articles’ steps."
    )


def _study(material: Material, numbers: Iterator[int], glossary: list[str]) -> StudyView:
    plan, study, scores = material.plan, material.study, material.scores
    name, planned = str(plan["study"]), plan["experiments"]
    judged = study.claims(scores)
    counted = Counter(claim.verdict for claim in judged)
    claims = [
        Claim(f"{name}-claim-{c.key}", c.text, c.rule, estimate(c.effect), plural(c.effect.n, "seed"), c.verdict)
        for c in judged
    ]
    figures = [_figure(name, next(numbers), f) for f in material.figures]
    steps = [(e, int(p["settings"].get("steps", 0)), int(p["steps"])) for e, p in planned.items()]
    hashes = [
        (e, str(run.get("data_sha256", "–")), str(run.get("samples_sha256", "–")))
        for e, run in ((e, material.runs.get(e, {})) for e in planned)
    ]
    each, alike = differing(settings({e: p["settings"] for e, p in planned.items()}))
    shared = settings({"value": {k: plan[k] for k in ("effort", "evaluation", "datasets", "metrics")}})
    return StudyView(
        name=name,
        title=str(plan["title"]),
        question=study.question,
        introduction=study.introduction,
        source=study.source,
        runs=f"{plural(_runs(material), 'run')}, {len(scores.diverged) or 'none'} diverged",
        diverged=_diverged(scores),
        counts={v: counted[v] for v in VERDICTS},
        answer=study.answer(scores),
        claims=claims,
        figures=_rows(figures),
        tables=[table_view(name, table, glossary) for table in study.tables(scores)],
        steps=steps,
        settings=each,
        alike=alike,
        shared=shared,
        hashes=hashes,
        effort=f"{plan['effort']:g}",
        samples=int(plan["evaluation"]["samples"]),
        floor_repeats=int(plan["evaluation"]["floor_repeats"]),
        sheets={
            "claims": sheets.claims(judged),
            "floors": sheets.csv(scores.floors),
            "steps": sheets.steps(steps, hashes),
            "settings": sheets.grid(each),
            "alike": sheets.grid(alike),
            "shared": sheets.grid(shared),
        },
    )


def _figure(study: str, number: int, described: Mapping[str, Any]) -> Figure:
    stem = f"assets/{study}_{described['name']}"
    return Figure(
        anchor=f"{study}-figure-{described['name']}".replace("_", "-"),
        number=number,
        title=described["title"],
        caption=described["caption"],
        alt=described["alt"],
        still=f"{stem}.png",
        animation=f"{stem}.gif" if described["animation"] else None,
        width=described["width"],
        height=described["height"],
        experiments=listing(list(described["experiments"])),
    )


def _rows(figures: Sequence[Figure]) -> list[list[Figure]]:
    """Narrow figures in pairs, each wide one alone."""
    rows: list[list[Figure]] = []
    for figure in figures:
        if rows and len(rows[-1]) == 1 and max(figure.width, rows[-1][0].width) <= NARROW:
            rows[-1].append(figure)
        else:
            rows.append([figure])
    return rows


def _diverged(scores: Scores) -> list[str]:
    """The diverged runs of every arm: each with its step, or if they are many, how many and since when."""
    found: dict[str, list[tuple[int, int]]] = {}
    for (experiment, arm, seed), step in scores.diverged.items():
        found.setdefault(f"{experiment}, {arm}", []).append((seed, step))
    return [
        f"{arm}: {len(runs):,} runs, the first at step {min(step for _, step in runs):,}"
        if len(runs) > 5
        else f"{arm}: {listing([f'seed {seed} at step {step:,}' for seed, step in sorted(runs)])}"
        for arm, runs in found.items()
    ]


def _runs(material: Material) -> int:
    """Runs with scores and diverged ones."""
    scored = material.scores.runs.groupby(["experiment", "arm", "seed"], sort=False).ngroups
    return scored + len(material.scores.diverged)


def _abouts(plan: Mapping[str, Any]) -> Iterator[tuple[str, About]]:
    """The metrics of the plan's families, with what a reader should know of each."""
    for family in metrics.build(plan["metrics"]).values():
        yield from family.about.items()
