"""All numbers of the report as tables for others to analyse: scores, floors, verdicts, standings and their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from modescope.metrics import About
from modescope.report.chapter import Chapter, Material
from modescope.studies import Claim
from modescope.studies.common.standings import Standings

Kind = Literal["string", "integer", "number"]
INTERVAL = "95 % interval over seeds: the wider of the bootstrap interval and Student’s t interval"


@dataclass(frozen=True)
class Field:
    """A column: its name, type and what it means."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True)
class Export:
    """A table with its columns; `key` names those that identify a row."""

    name: str
    title: str
    fields: Sequence[Field]
    key: Sequence[str]
    frame: pd.DataFrame


STUDY = Field("study", "string", "name of the study, as in params.yaml")
EXPERIMENT = Field("experiment", "string", "name of the experiment, as in params.yaml")
ARM = Field(
    "arm", "string", "the swept settings with their values; `base` without a sweep; `ema=` for averaged weights"
)
SEED = Field("seed", "integer", "repetition, counted from 0")
DATASET = Field("dataset", "string", "name of the dataset, as in params.yaml")
METRIC = Field("metric", "string", "what was measured; explained in metrics.csv")
CLAIM = [
    Field("key", "string", "name of the claim, unique in its study; part of its address on the page"),
    Field("statement", "string", "what the article states, in our words"),
    Field("where", "string", "the data that it is about, where the statement does not name them"),
    Field("rule", "string", "what is measured, and for which values the claim holds"),
    Field("holds_from", "number", "the claim holds for effects from here"),
    Field("holds_to", "number", "the claim holds for effects up to here"),
    Field("effect", "number", "the measured effect, in the unit that the rule names; mean over seeds"),
    Field("low", "number", f"lower end of its {INTERVAL}"),
    Field("high", "number", "upper end of this interval"),
    Field("seeds", "integer", "seeds from which the effect is computed"),
    Field("verdict", "string", "supported, contradicted or inconclusive"),
    Field("reason", "string", "why the verdict is open, or how the claim is contradicted"),
]


def exports(
    materials: Sequence[Material],
    chapters: Sequence[Chapter],
    standings: Sequence[Standings],
    glossary: Mapping[str, About],
) -> list[Export]:
    """The tables that have rows, long rather than wide, so that each joins with the others by its key."""
    found = [
        _scores(materials),
        _floors(materials),
        _diverged(materials),
        _experiments(materials),
        _claims(chapters),
        _longer(chapters),
        _standings(standings),
        _metrics(glossary),
    ]
    return [export for export in found if len(export.frame)]


def _scores(materials: Sequence[Material]) -> Export:
    fields = [STUDY, EXPERIMENT, ARM, SEED, METRIC, Field("value", "number", "score of the run’s generated points")]
    frame = _together(fields, (m.scores.runs for m in materials))
    return Export("scores", "Scores of every run", fields, ["study", "experiment", "arm", "seed", "metric"], frame)


def _floors(materials: Sequence[Material]) -> Export:
    repeat = Field("repeat", "integer", "which of the repeated draws of real points")
    fields = [STUDY, DATASET, repeat, METRIC, Field("value", "number", "score of real points in place of generated")]
    frame = _together(fields, (m.scores.floors for m in materials))
    return Export("floors", "Scores of real points against real points", fields, [f.name for f in fields[:4]], frame)


def _diverged(materials: Sequence[Material]) -> Export:
    step = Field("step", "integer", "generator update at which it diverged")
    term = Field("term", "string", "what was not finite first: a column of the history, parameters or samples")
    rows = [
        (m.plan["study"], *run, at, m.scores.non_finite.get(run, ""))
        for m in materials
        for run, at in m.scores.diverged.items()
    ]
    return _of(
        "diverged", "Runs that diverged and so have no scores", [STUDY, EXPERIMENT, ARM, SEED, step, term], 4, rows
    )


def _experiments(materials: Sequence[Material]) -> Export:
    fields = [
        STUDY,
        EXPERIMENT,
        DATASET,
        Field("dataset_title", "string", "the dataset’s name on the pages"),
        Field("method", "string", "the variant that was trained, or the sampler"),
        Field("title", "string", "the method’s name on the pages"),
        Field("steps", "integer", "generator updates of each run"),
        Field("seeds", "integer", "repetitions of each arm"),
    ]
    rows = [
        (
            m.plan["study"],
            name,
            dataset,
            m.scores.dataset_titles.get(dataset, dataset),
            method := settings.get("variant") or settings.get("sampler"),
            m.scores.experiment_titles.get(name, method),
            m.plan["experiments"][name]["steps"],
            settings.get("seeds"),
        )
        for m in materials
        for name, dataset in m.scores.datasets.items()
        if (settings := m.plan["experiments"].get(name, {}).get("settings"))
    ]
    return _of("experiments", "What each experiment trained, on which data and for how long", fields, 2, rows)


def _claims(chapters: Sequence[Chapter]) -> Export:
    rows = [(chapter.name, *_claim(claim)) for chapter in chapters for claim in chapter.judged]
    return _of("claims", "Claims of articles and papers, judged by the default run", [STUDY, *CLAIM], 2, rows)


def _longer(chapters: Sequence[Chapter]) -> Export:
    fields = [
        STUDY,
        Field("extra", "string", "the extra run, by its folder in extra/"),
        Field("fewest_steps", "integer", "generator updates of the shortest of its experiments on these data"),
        Field("most_steps", "integer", "generator updates of the longest"),
        *CLAIM,
    ]
    rows = [
        (chapter.name, one.extra, *one.steps, *_claim(one.claim))
        for chapter in chapters
        for judged in chapter.longer.values()
        for one in judged
    ]
    export = _of("claims-of-extra-runs", "The same claims, judged by extra runs", fields, 0, rows)
    return Export(export.name, export.title, fields, ["study", "extra", "key"], export.frame)


def _standings(standings: Sequence[Standings]) -> Export:
    fields = [
        STUDY,
        DATASET,
        EXPERIMENT,
        ARM,
        METRIC,
        Field("remedy", "string", "key of the remedy: the same on all data, as in the address `?remedy=`"),
        Field("title", "string", "name of the remedy on the pages"),
        Field("kept", "number", "modes kept, mean over seeds"),
        Field("low", "number", f"lower end of its {INTERVAL}"),
        Field("high", "number", "upper end of this interval"),
        Field("n_modes", "number", "modes that a sample of real points shows at most"),
        Field("seeds", "integer", "runs with scores"),
        Field("diverged", "integer", "runs without scores"),
        Field(
            "against_gan", "string", "more, fewer or same: whether it keeps significantly more or fewer than the GAN"
        ),
        Field("adjusted_p", "number", "p-value of Welch’s t test, adjusted by Holm’s method for the dataset"),
        Field("cost", "number", "multiply-adds of a training step relative to the plain GAN’s"),
    ]
    rows = [
        (
            each.study,
            each.dataset,
            row.entry.experiment,
            row.entry.arm,
            each.metric,
            row.entry.remedy,
            row.entry.title,
            *row.kept[:3],
            each.n_modes,
            row.kept.n,
            row.diverged,
            row.direction,
            row.p,
            row.cost,
        )
        for each in standings
        for row in each.rows
    ]
    return _of("standings", "Modes that every remedy keeps, beside the plain GAN", fields, 5, rows)


def _metrics(glossary: Mapping[str, About]) -> Export:
    fields = [
        Field("metric", "string", "its name in the other tables"),
        Field("label", "string", "its name in words"),
        Field("meaning", "string", "what it measures, and in which unit"),
        Field("range", "string", "the values that it can have"),
        Field("better", "string", "higher, lower or neither"),
    ]
    return _of("metrics", "What each metric measures", fields, 1, [(name, *about) for name, about in glossary.items()])


def _claim(claim: Claim) -> tuple[object, ...]:
    """A row of the columns CLAIM."""
    said = (claim.key, claim.statement, claim.where, claim.rule, claim.low, claim.high)
    return (*said, *claim.effect, claim.verdict, claim.reason)


def _together(fields: Sequence[Field], frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """These columns of all frames, one below the other."""
    columns = [field.name for field in fields]
    found = [frame[columns] for frame in frames if len(frame)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def _of(name: str, title: str, fields: Sequence[Field], keys: int, rows: Sequence[tuple[Any, ...]]) -> Export:
    """A table of these rows, whose first columns identify a row."""
    types: dict[Kind, Callable[[Any], Any]] = {
        "integer": lambda x: x.astype("Int64"),
        "number": lambda x: x.astype(float),
    }
    frame = pd.DataFrame(rows, columns=[field.name for field in fields])
    frame = frame.assign(**{f.name: types[f.kind](frame[f.name]) for f in fields if f.kind in types})
    return Export(name, title, fields, [field.name for field in fields[:keys]], frame)
