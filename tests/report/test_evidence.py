"""Extra runs beside the default run: the same claims by the same rules, counted once, and shown in their rows."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic
import synthetic_modes
from access import violations
from playwright.sync_api import Browser

from modescope import studies
from modescope.params.config import Experiment
from modescope.report import evidence, page, site, view
from modescope.report.evidence import Decided, Judged, Longer
from modescope.statistics import Estimate, Verdict
from modescope.store.runs import Scores
from modescope.studies import Claim

PROVENANCE = view.Provenance("0123abc", {"Python": "3.12.0"}, "dvc repro")
SEEDS = 6
LOSES = "bigan-loses-ring8-heavy"  # the default run decides it
ONLY = "bigan-loses-ring16"  # the default run has no such data
YES, NO, OPEN = "supported", "contradicted", "inconclusive"


def claim(key: str, verdict: Verdict) -> Claim:
    return Claim(key, f"{key}.", "A rule.", Estimate(1.0, 0.5, 1.5, 6), verdict)


def judged(extra: str, verdict: Verdict) -> Judged:
    return Judged(extra, (100, 100), claim("a", verdict))


def longer(extra: str, lost: dict[str, float], kinds: dict[str, Any] | None = None, steps: int = 16_800) -> Longer:
    """An extra in which BiGAN loses so many modes of each dataset, on average over six seeds."""
    datasets = {"ring8_heavy": 8, "ring16": 16}
    chosen = {f"long_{name}_bigan": synthetic_modes.experiment("ring8_heavy", "bigan") for name in lost}
    chosen = {
        f"long_{name}_bigan": Experiment.model_validate(e.model_dump() | {"dataset": name, "seeds": SEEDS})
        for name, e in zip(lost, chosen.values(), strict=True)
    }
    rows, floors = [], []
    for name, e in zip(lost, chosen, strict=True):
        for seed in range(SEEDS):
            covered = datasets[name] - lost[name] - 0.1 * (-1) ** seed
            found = {"modes_covered": covered, "modes_hit": covered, "high_quality_fraction": 0.9}
            rows += [("modes", e, "base", seed, metric, value) for metric, value in found.items()]
        real = {"modes_covered": float(datasets[name]), "high_quality_fraction": 0.99}
        floors += [("modes", name, repeat, metric, value) for repeat in range(2) for metric, value in real.items()]
    plan = {
        "experiments": {
            name: {"settings": e.model_dump(), "steps": steps, "arms": ["base"]} for name, e in chosen.items()
        },
        "datasets": {name: {"kind": "ring", "n_modes": 16} for name in lost}
        | {"ring8_heavy": synthetic_modes.KINDS["ring8_heavy"]}
        | (kinds or {}),
    }
    scores = Scores(
        pd.DataFrame(rows, columns=["study", "experiment", "arm", "seed", "metric", "value"]),
        pd.DataFrame(floors, columns=["study", "dataset", "repeat", "metric", "value"]),
        {},
        {name: e.dataset for name, e in chosen.items()},
        {name: e.model_dump() for name, e in chosen.items()},
    )
    return Longer(extra, plan, scores)


def default(covered: list[float] | None = None) -> Scores:
    """Scores of the default run in which BiGAN covers so many of the eight modes, by seed."""
    scores = synthetic_modes.everything()
    if covered is None:
        return scores
    runs = scores.runs.copy()
    of_bigan = (runs["experiment"] == synthetic_modes.BIGAN) & (runs["metric"] == "modes_covered")
    runs.loc[of_bigan, "value"] = np.array(covered)
    return replace(scores, runs=runs)


def built(*extras: Longer, covered: list[float] | None = None) -> view.Page:
    material = view.Material(synthetic_modes.plan(), studies.build("modes"), default(covered), [], {}, extras)
    return view.build([material], {}, PROVENANCE)


def row(made: view.Page, key: str) -> Any:
    return next(c for c in made.studies[0].claims if c.anchor == f"modes-claim-{key}")


# Counting


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [((), OPEN), ((OPEN,), OPEN), ((OPEN, NO), NO), ((YES, YES), YES), ((YES, NO), OPEN), ((YES, OPEN, NO), OPEN)],
)
def test_extras_settle_a_claim_where_those_that_decide_it_agree(
    verdicts: tuple[Verdict, ...], expected: Verdict
) -> None:
    assert evidence.settled([judged(f"e{i}", v) for i, v in enumerate(verdicts)]) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (YES, None, Decided(1, 0, 0, 0)),
        (OPEN, None, Decided(0, 0, 1, 0)),
        (OPEN, OPEN, Decided(0, 0, 1, 0)),
        (OPEN, NO, Decided(0, 1, 0, 0)),
        (YES, YES, Decided(1, 0, 0, 0)),
        (YES, OPEN, Decided(1, 0, 0, 0)),
        (YES, NO, Decided(1, 0, 0, 1)),
        (None, YES, Decided(0, 1, 0, 0)),
        (None, OPEN, Decided(0, 0, 1, 0)),
    ],
)
def test_every_claim_counts_once(first: Verdict | None, second: Verdict | None, expected: Decided) -> None:
    mine = [] if first is None else [claim("a", first)]
    theirs = {} if second is None else {"a": [judged("e", second)]}
    assert evidence.decided(mine, theirs) == expected


def test_counts_of_studies_add_up() -> None:
    assert Decided(1, 2, 3, 4) + Decided(10, 20, 30, 40) == Decided(11, 22, 33, 44)


# Judging


def test_an_extra_is_judged_by_the_rules_of_the_study_and_says_what_it_ran() -> None:
    found = evidence.judge(studies.build("modes"), synthetic_modes.plan(), [longer("long", {"ring8_heavy": 3.0})])
    (one,) = found[LOSES]
    assert (one.extra, one.steps) == ("long", (16_800, 16_800))
    assert one.claim.verdict == YES
    assert one.claim.effect.value == pytest.approx(3.0)
    assert one.claim.effect.n == SEEDS


def test_a_claim_about_other_data_of_the_same_name_is_left_out() -> None:
    other = {"ring8_heavy": {"kind": "ring", "n_modes": 8, "radius": 2.0}}
    study, plan = studies.build("modes"), synthetic_modes.plan()
    assert evidence.judge(study, plan, [longer("long", {"ring8_heavy": 3.0}, other)]) == {}
    both = evidence.judge(study, plan, [longer("long", {"ring8_heavy": 3.0, "ring16": 3.0}, other)])
    assert LOSES not in both
    assert ONLY in both  # the default run knows no dataset of that name


@pytest.mark.parametrize(
    ("theirs", "compared"),
    [
        ({"reader": (2_000, (2,))}, False),
        ({}, False),
        ({"other_name": (3_000, [2])}, True),
        ({"reader": (3_000, (2,)), "of_pictures": (9, (3, 8, 8))}, True),
    ],
)
def test_a_claim_about_modes_that_another_classifier_reads_is_left_out(
    theirs: dict[str, tuple[int, Any]], compared: bool
) -> None:
    def read_by(plan: Any, classifiers: dict[str, tuple[int, Any]]) -> dict[str, Any]:
        named = {name: {"settings": {"steps": n}, "shape": shape} for name, (n, shape) in classifiers.items()}
        return {**plan, "classifiers": named}

    extra = longer("long", {"ring8_heavy": 3.0, "ring16": 3.0})
    extra = replace(extra, plan=read_by(extra.plan, theirs))
    found = evidence.judge(studies.build("modes"), read_by(synthetic_modes.plan(), {"reader": (3_000, [2])}), [extra])
    assert (LOSES in found) == compared
    assert ONLY in found  # the default run has no such data


# The page


def test_without_extra_runs_the_page_does_not_speak_of_them() -> None:
    made = built()
    assert (made.decided, made.extras) == (None, [])
    assert not [path for path in made.sheets if "longer" in path]
    assert "xtra runs" not in "".join(page.render(made, synthetic.TEMPLATES).values())


def test_an_extra_run_decides_what_the_default_run_leaves_open() -> None:
    open_one = built(longer("long", {"ring8_heavy": 3.0}), covered=[8.0, 7.0, 6.0])
    alone = built(covered=[8.0, 7.0, 6.0])
    (beside,) = row(open_one, LOSES).longer
    assert row(open_one, LOSES).verdict == OPEN
    assert (beside.extra, beside.runs, beside.verdict) == ("long", "16,800 steps, 6 seeds", YES)
    assert not beside.disagrees
    counts = alone.studies[0].counts
    assert open_one.studies[0].counts == counts  # those of the default run
    assert open_one.decided == Decided(counts[YES] + counts[NO], 1, counts[OPEN] - 1, 0)
    total = sum(counts.values())
    assert open_one.lead.startswith(
        f"{total} claims of articles and papers: {counts[YES] + counts[NO]} decided by the default run "
        f"({counts[YES]} supported and {counts[NO]} contradicted), 1 more by extra runs, {counts[OPEN] - 1} open."
    )


def test_the_verdict_of_the_default_run_stands_and_the_row_says_who_disagrees() -> None:
    made = built(longer("long", {"ring8_heavy": 0.0}), covered=[5.0, 5.1, 5.2])
    assert row(made, LOSES).verdict == YES
    assert [(b.verdict, b.disagrees) for b in row(made, LOSES).longer] == [(NO, True)]
    assert made.decided is not None
    assert (made.decided.longer, made.decided.disagree) == (0, 1)
    pages = page.render(made, synthetic.TEMPLATES)
    assert "disagrees with the default run" in pages["modes.html"]
    assert "1 verdict of the default run is contradicted by extra runs" in pages["claims.html"]


def test_a_claim_that_only_an_extra_run_can_judge_has_a_row() -> None:
    made, without = built(longer("long", {"ring16": 3.0})), built()
    claims = made.studies[0].claims
    assert len(claims) == len(without.studies[0].claims) + 1
    assert claims[-1] == row(made, ONLY)
    assert (claims[-1].verdict, claims[-1].effect, claims[-1].seeds) == (None, "–", "")
    assert [b.verdict for b in claims[-1].longer] == [YES]
    assert made.studies[0].counts == without.studies[0].counts
    text = page.render(made, synthetic.TEMPLATES)["modes.html"]
    (shown,) = re.findall(rf'<li id="modes-claim-{ONLY}">(.*?)</li>', text, flags=re.DOTALL)
    assert "not in the default run" in shown
    assert "<code>extra/long</code>" in shown


def test_the_tables_for_download_have_every_verdict() -> None:
    made = built(longer("first", {"ring8_heavy": 3.0, "ring16": 3.0}), longer("second", {"ring16": 0.0}, steps=20))
    rows = list(csv.DictReader(io.StringIO(made.sheets["assets/longer.csv"])))
    found = [(r["study"], r["extra"], r["most_steps"], r["key"], r["verdict"]) for r in rows]
    assert found == [
        ("modes", "first", "16800", LOSES, YES),
        ("modes", "first", "16800", ONLY, YES),
        ("modes", "second", "20", ONLY, NO),
    ]
    assert made.studies[0].sheets["longer"] == made.sheets["assets/longer.csv"]
    (verdicts,) = csv.DictReader(io.StringIO(made.sheets["assets/verdicts.csv"]))
    assert made.decided is not None
    assert int(verdicts["decided_by_extra_runs"]) == made.decided.longer
    assert int(verdicts["open"]) == made.decided.open


def test_the_summary_says_what_is_decided_by_which() -> None:
    made = built(longer("long", {"ring16": 3.0}))
    summary = site.summary(made, {"modes": ("modes_covered", default())})["modes"]
    assert summary["claims"] == made.studies[0].counts
    assert summary["decided"]["longer"] == 1
    assert "decided" not in site.summary(built(), {"modes": ("modes_covered", default())})["modes"]


@pytest.mark.parametrize("width", [360, 1_400])
@pytest.mark.parametrize("name", ["claims.html", "modes.html"])
def test_it_fits_and_axe_finds_nothing_serious(browser: Browser, tmp_path: Path, name: str, width: int) -> None:
    made = built(longer("a_longer_run_of_long_name", {"ring8_heavy": 0.0, "ring16": 3.0}), covered=[5.0, 5.1, 5.2])
    for path, content in site.files(made, synthetic.TEMPLATES, synthetic.STATIC, tmp_path):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.goto((tmp_path / name).as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.locator(".longer .badge").count() >= 2
    assert violations(tab) == []
    tab.close()
