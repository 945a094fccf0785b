"""The answers and claims of six studies on cut scores: one seed, one dataset, no plain GAN, a remedy that diverged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from pipeline_copy import ROOT

from modescope import studies
from modescope.params.reading import read
from modescope.plan.check import check
from modescope.plan.declared import remedies
from modescope.plan.studies import plans
from modescope.store.committed import read_committed
from modescope.store.runs import Scores

STUDIES = ("latent", "intro", "point", "sampling", "traffic", "dirac")
LONGEST = 200  # characters of the first sentence, which stands on the card of a study


@cache
def committed() -> dict[str, Scores]:
    """The committed scores of these studies, with the titles of params.yaml."""
    found = {}
    for name, plan in plans(check(read(ROOT / "params.yaml"), ROOT), remedies()):
        if name in STUDIES:
            scores = read_committed(ROOT, plan)
            assert scores is not None
            found[name] = scores
    return found


def whole(scores: Scores) -> Scores:
    return scores


def one_seed(scores: Scores) -> Scores:
    return replace(scores, runs=scores.runs[scores.runs["seed"] == 0])


def of(scores: Scores, kept: Callable[[str], bool]) -> Scores:
    """The scores of some experiments."""
    return replace(
        scores,
        runs=scores.runs[scores.runs["experiment"].map(kept)],
        datasets={e: d for e, d in scores.datasets.items() if kept(e)},
        settings={e: s for e, s in scores.settings.items() if kept(e)},
    )


def one_dataset(scores: Scores) -> Scores:
    last = list(scores.datasets.values())[-1]
    return of(scores, lambda experiment: scores.datasets[experiment] == last)


def without_the_first(scores: Scores) -> Scores:
    """Of most studies, the plain GAN or the baseline is left out."""
    first = next(iter(scores.datasets))
    return of(scores, lambda experiment: experiment != first)


def diverged(scores: Scores) -> Scores:
    """All runs of the last experiment diverged."""
    last = list(scores.datasets)[-1]
    gone = scores.runs[scores.runs["experiment"] == last]
    lost = {(last, arm, seed): 7 for arm, seed in zip(gone["arm"], gone["seed"], strict=True)}
    return replace(scores, runs=scores.runs.drop(gone.index), diverged=lost)


def nothing(scores: Scores) -> Scores:
    return replace(scores, runs=scores.runs.iloc[:0])


@pytest.mark.parametrize("cut", [whole, one_seed, one_dataset, without_the_first, diverged, nothing])
@pytest.mark.parametrize("study", STUDIES)
def test_sentences_stay_sentences(study: str, cut: Callable[[Scores], Scores]) -> None:
    told, scores = studies.build(study), cut(committed()[study])
    answer, claims = told.answer(scores), told.claims(scores)
    assert bool(answer) == (cut is not nothing)
    for sentence in [*answer, *(claim.statement for claim in claims)]:
        assert sentence.endswith(".")
        assert sentence[0].isupper() or sentence[0].isdigit()
        assert not {"nan", "–", "None"} & set(sentence.replace(",", " ").split()), sentence
    assert len((answer or [""])[0]) <= LONGEST
    assert all(claim.where for claim in claims)
    assert told.tables(scores) or cut is nothing


def test_verdicts_are_those_of_metrics_json() -> None:
    summary = json.loads((ROOT / "metrics.json").read_text(encoding="utf-8"))
    for study in STUDIES:
        found = [claim.verdict for claim in studies.build(study).claims(committed()[study])]
        assert {verdict: found.count(verdict) for verdict in summary[study]["claims"]} == summary[study]["claims"]


@pytest.mark.parametrize("name", STUDIES)
def test_a_table_of_a_study_is_no_table_that_every_study_has(name: str) -> None:
    keys = {table.key for table in studies.build(name).tables(committed()[name])}
    assert keys
    assert not keys & {"claims", "longer", "floors", "steps", "parameters", "alike", "shared"}
