"""The view model of one study's page: findings, claims, figures, tables and parameters, as they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from modescope.formatting import plural
from modescope.report import claims, divergence, evidence, sheets
from modescope.report.claims import Block, Claim
from modescope.report.evidence import Decided, Longer
from modescope.report.pictures import Picture, picture, rows, sharing
from modescope.report.tables import Grid, TableView, differing, settings
from modescope.report.tables import view as table_view
from modescope.statistics import Verdict
from modescope.store.runs import Scores
from modescope.studies import Claim as Judged
from modescope.studies import Study

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Material:
    """What the pipeline produced for one study."""

    plan: Mapping[str, Any]  # plan/<study>.json
    study: Study
    scores: Scores
    figures: Sequence[Mapping[str, Any]]  # media/<study>/figures.json
    runs: Mapping[str, Mapping[str, Any]]  # run.json by experiment
    longer: Sequence[Longer] = ()  # of the extras, for the same study


@dataclass(frozen=True)
class Chapter:
    """The page of one study."""

    name: str
    title: str
    question: str
    introduction: str
    source: str
    runs: str  # how many, and how many diverged
    diverged: list[str]  # one line per arm
    counts: dict[Verdict, int]
    answer: list[str]  # what was found, in sentences
    claims: list[Claim]
    statements: list[Block]  # the same by statement
    judged: list[Judged]  # those of the default run as numbers
    longer: dict[str, list[evidence.Judged]]  # by key of the claim, what extra runs say; empty without such runs
    decided: Decided
    figures: list[list[Picture]]  # rows
    tables: list[TableView]
    steps: list[tuple[str, int, int | None]]  # experiment, steps run, steps that the article states
    length: str  # how the steps compare with the article's, in a sentence; empty if it states none
    settings: Grid  # experiments by dotted key, only keys that differ
    alike: Grid  # the settings that all experiments share
    shared: Grid  # effort, evaluation, datasets and metrics
    hashes: list[tuple[str, str, str]]  # experiment, SHA-256 of its data, SHA-256 of its samples
    effort: str
    samples: int
    floor_repeats: int
    sheets: dict[str, str]  # CSV of the other tables by name: assets/<study>_<name>.csv


def build(
    material: Material, numbers: Iterator[int], glossary: list[str], command: str, media: Path | None = None
) -> Chapter:
    """The chapter of a study. `numbers` yields the figure numbers; `command` is the one that redraws the figures.

    Charts in the folder `media` are part of the page.
    """
    plan, study, scores = material.plan, material.study, material.scores
    name, planned = str(plan["study"]), plan["experiments"]
    judged = study.claims(scores)
    longer = evidence.judge(study, plan, material.longer)
    shown = claims.rows(name, judged, longer)
    counted = Counter(claim.verdict for claim in judged)
    figures = sharing(
        [picture(plan, scores.runs, material.runs, next(numbers), f, command, media) for f in material.figures]
    )
    steps = [(e, int(p["steps"]), p["settings"].get("article_steps")) for e, p in planned.items()]
    hashes = [
        (e, str(run.get("data_sha256", "–")), str(run.get("samples_sha256", "–")))
        for e, run in ((e, material.runs.get(e, {})) for e in planned)
    ]
    each, alike = differing(settings({e: p["settings"] for e, p in planned.items()}))
    shared = settings({"value": {k: plan[k] for k in ("effort", "evaluation", "datasets", "metrics")}})
    return Chapter(
        name=name,
        title=str(plan["title"]),
        question=study.question,
        introduction=study.introduction,
        source=study.source,
        runs=f"{plural(n_runs(material), 'run')}, {len(scores.diverged) or 'none'} diverged",
        diverged=divergence.lines(scores),
        counts={v: counted[v] for v in VERDICTS},
        answer=study.answer(scores),
        claims=shown,
        statements=claims.blocks(shown),
        judged=judged,
        longer=longer,
        decided=evidence.decided(judged, longer),
        figures=rows(figures),
        tables=[table_view(name, table, glossary, scores.dataset_titles) for table in study.tables(scores)],
        steps=steps,
        length=_length(steps),
        settings=each,
        alike=alike,
        shared=shared,
        hashes=hashes,
        effort=f"{plan['effort']:g}",
        samples=int(plan["evaluation"]["samples"]),
        floor_repeats=int(plan["evaluation"]["floor_repeats"]),
        sheets={
            "claims": sheets.claims(judged),
            **({"longer": sheets.longer({name: longer})} if longer else {}),
            "floors": sheets.csv(scores.floors),
            "steps": sheets.steps(steps, hashes),
            "parameters": sheets.grid(each),
            "alike": sheets.grid(alike),
            "shared": sheets.grid(shared),
        },
    )


def n_runs(material: Material) -> int:
    """The number of runs: those with scores and those that diverged."""
    scored = material.scores.runs.groupby(["experiment", "arm", "seed"], sort=False).ngroups
    return scored + len(material.scores.diverged)


def _length(steps: Sequence[tuple[str, int, int | None]]) -> str:
    shares = sorted({run / article for _, run, article in steps if article})
    if not shares:
        return ""
    percent = [f"{100 * share:.3g}" for share in (shares[0], shares[-1])]
    those = f"{percent[0]} %" if percent[0] == percent[1] else f"{percent[0]} to {percent[1]} %"
    return f"Where the article states a length, {those} of its steps are run, counted at the same batch size."
