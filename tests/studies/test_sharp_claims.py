"""Article 003's claims where modes are sharp: judged by the points near modes, with the strict count beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from stated import says_its_range
from synthetic_modes import LAMBDA, WEIGHT, WEIGHTS, Values, during, experiment, made, runs

from modescope import studies
from modescope.statistics import Verdict
from modescope.studies import Claim, Table
from modescope.studies.common import courses
from modescope.studies.modes import progress

STUDY = studies.build("modes")
BIGAN, PGP, RECONSTRUCTION, FORMS = (
    f"modes_ring8_sharp_{name}" for name in ("bigan", "bigan_pgp", "bigan_reconstruction", "bigan_pgp_forms")
)
EXPERIMENTS = {
    BIGAN: experiment("ring8_sharp", "bigan"),
    RECONSTRUCTION: experiment(
        "ring8_sharp", "bigan_reconstruction", sweep={"hyperparameters.reconstruction_weight": WEIGHTS}
    ),
    PGP: experiment("ring8_sharp", "bigan_pgp", sweep={"hyperparameters.gp_weight": WEIGHTS}),
    FORMS: experiment("ring8_sharp", "bigan_pgp", sweep={"hyperparameters.form": ["article", "authors"]}),
}
ONE, AUTHORS = (PGP, f"{LAMBDA}1.0"), (FORMS, "hyperparameters.form=authors")
NONE, FEW, ALL = [0.0] * 6, [2.0, 3.0, 2.0, 3.0, 2.0, 3.0], [8.0] * 6


def counted(arms: dict[tuple[str, str], list[float]], near: float = 0.6) -> Values:
    """Modes resolved by arm. No mode is covered, a twentieth of the points is within 3σ, and `near` lie near modes."""
    values: dict[tuple[str, str, str], list[float]] = {}
    for arm, resolved in arms.items():
        n = len(resolved)
        values |= {(*arm, "modes_resolved"): resolved, (*arm, "modes_covered"): [0.0] * n}
        values |= {(*arm, "resolved_fraction"): [near] * n, (*arm, "high_quality_fraction"): [0.05] * n}
    return values


def claims(values: Values, **options: Any) -> dict[str, Claim]:
    return {claim.key: claim for claim in STUDY.claims(made(values, experiments=EXPERIMENTS, **options))}


def pair(experiment: str, weight: str, weaker: list[float], stronger: list[float]) -> Values:
    return counted({(experiment, f"{weight}1.0"): weaker, (experiment, f"{weight}10.0"): stronger})


CASES: list[tuple[str, Verdict, Values]] = [
    ("bigan-loses-ring8-sharp", "supported", counted({(BIGAN, "base"): FEW})),
    ("bigan-loses-ring8-sharp", "contradicted", counted({(BIGAN, "base"): ALL})),
    ("penalty-modes-resolved-ring8-sharp", "supported", counted({ONE: ALL})),
    ("penalty-modes-resolved-ring8-sharp", "contradicted", counted({ONE: FEW})),
    ("penalty-authors-ring8-sharp", "supported", counted({AUTHORS: ALL})),
    ("penalty-authors-ring8-sharp", "contradicted", counted({AUTHORS: FEW})),
    ("penalty-buys-ring8-sharp", "supported", counted({(BIGAN, "base"): FEW, ONE: ALL})),
    ("penalty-buys-ring8-sharp", "contradicted", counted({(BIGAN, "base"): FEW, ONE: FEW})),
    ("penalty-buys-authors-ring8-sharp", "supported", counted({(BIGAN, "base"): FEW, AUTHORS: ALL})),
    ("penalty-buys-authors-ring8-sharp", "contradicted", counted({(BIGAN, "base"): ALL, AUTHORS: FEW})),
    ("lambda-ring8-sharp-1.0-10.0", "supported", pair(PGP, LAMBDA, ALL, FEW)),
    ("lambda-ring8-sharp-1.0-10.0", "supported", pair(PGP, LAMBDA, FEW, FEW)),
    ("lambda-ring8-sharp-1.0-10.0", "contradicted", pair(PGP, LAMBDA, FEW, ALL)),
    ("balance-ring8-sharp-1.0-10.0", "supported", pair(RECONSTRUCTION, WEIGHT, ALL, FEW)),
    ("balance-ring8-sharp-1.0-10.0", "supported", pair(RECONSTRUCTION, WEIGHT, FEW, ALL)),
    ("balance-ring8-sharp-1.0-10.0", "contradicted", pair(RECONSTRUCTION, WEIGHT, FEW, FEW)),
]


@pytest.mark.parametrize(("key", "verdict", "values"), CASES)
def test_points_near_modes_decide(key: str, verdict: Verdict, values: Values) -> None:
    claim = claims(values)[key]
    assert claim.verdict == verdict
    assert says_its_range(claim)
    assert {*claim.remedies} == {EXPERIMENTS[experiment].variant for experiment, *_ in values}


def test_the_strict_count_stands_beside_it() -> None:
    values = counted({(BIGAN, "base"): FEW, ONE: ALL}) | {(*ONE, "modes_covered"): [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]}
    buys = claims(values)["penalty-buys-ring8-sharp"]
    assert buys.effect.value == pytest.approx(5.5)
    assert "Within 3σ alone, modes covered: Bigan 0 and Bigan Pgp with gp_weight 1.0 1.5." in buys.rule
    assert "resolved" in buys.rule


def test_nothing_is_judged_unless_half_of_the_points_lie_near_modes() -> None:
    for near, verdict in ((0.49, "inconclusive"), (0.5, "supported")):
        loses = claims(counted({(BIGAN, "base"): FEW}, near))["bigan-loses-ring8-sharp"]
        assert (loses.verdict, loses.effect.value) == (verdict, 5.5)
        assert "unless at least half of the generated points lie near a mode, because otherwise" in loses.rule
        assert loses.rule.endswith(f"too little has been learned; here the share is {near} (Bigan).")


def test_one_point_within_three_deviations_hits_a_mode() -> None:
    hit = claims(counted({ONE: FEW}) | {(*ONE, "modes_hit"): ALL})["penalty-modes-hit-ring8-sharp"]
    assert hit.verdict == "supported"
    assert "within 3σ" in hit.rule


ROLL = [f"modes_swiss_roll_{name}" for name in ("bigan", "bigan_pgp")]
FORMS_OF_ROLL = ["hyperparameters.form=ours", "hyperparameters.form=authors"]


@pytest.mark.parametrize(
    ("more", "share", "verdict"),
    [(0.1, 0.8, "supported"), (0.04, 0.8, "contradicted"), (-0.1, 0.8, "contradicted"), (0.1, 0.3, "inconclusive")],
)
def test_data_without_modes_are_judged_by_coverage(more: float, share: float, verdict: Verdict) -> None:
    experiments = {
        ROLL[0]: experiment("swiss_roll", "bigan"),
        ROLL[1]: experiment("swiss_roll", "bigan_pgp", sweep={"hyperparameters.form": ["ours", "authors"]}),
    }
    values = {(ROLL[0], "base", "coverage"): [share] * 6}
    values |= {(ROLL[1], arm, "coverage"): [share + more] * 6 for arm in FORMS_OF_ROLL}
    found = {claim.key: claim for claim in STUDY.claims(made(values, experiments=experiments))}
    assert set(found) == {"penalty-buys-swiss-roll", "penalty-buys-authors-swiss-roll"}
    for judged in found.values():
        assert (judged.verdict, judged.effect.value) == (verdict, pytest.approx(more))
        assert "real points are covered" in judged.rule


def test_both_counts_stand_in_the_leaderboard() -> None:
    scores = made(counted({(BIGAN, "base"): FEW, ONE: NONE}), experiments=EXPERIMENTS)
    tables: dict[str, Table] = {table.key: table for table in STUDY.tables(scores)}
    frame = tables["leaderboard_ring8_sharp"].frame.set_index("remedy")
    assert frame["modes_resolved"].tolist() == [2.5, 0, 8]
    assert frame["modes_covered"].tolist() == [0, 0, 8]


def test_modes_resolved_are_drawn_during_training(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(courses.curves, "small_multiples", lambda *a, **k: drawn.append((a, k)) or (b"", (9, 9)))
    found = {name: runs(name, experiments=EXPERIMENTS) for name in (BIGAN, FORMS)}
    centres = found[BIGAN].dataset.centres
    assert centres is not None
    near = centres * 0.93  # 0.07 from the centres: near, but outside of 3σ
    found[BIGAN].snapshots[:] = np.resize(near, found[BIGAN].snapshots.shape[-2:])
    scores = made(counted({(BIGAN, "base"): ALL, AUTHORS: ALL}), experiments=EXPERIMENTS)
    figure = progress.figure(replace(scores, progress=during(list(found.values()))), "ring8_sharp")
    assert figure is not None
    assert figure.title == "Ring8 Sharp: modes resolved during training"
    ((((curve, *_), *_), options),) = drawn
    assert curve.mean.tolist() == [8.0] * len(curve.steps)
    assert options["y_title"] == "modes resolved"


def test_the_answer_says_what_the_penalty_buys() -> None:
    values = counted({(BIGAN, "base"): FEW, ONE: ALL, AUTHORS: [7.0] * 6})
    (sentence,) = STUDY.answer(made(values, experiments=EXPERIMENTS))
    assert sentence.startswith("Ring8 Sharp: BiGAN finds 2.5 [")
    assert "of 8 modes (at least half of each mode’s share within a tenth of the smallest distance" in sentence
    assert sentence.endswith("with the penalty it finds 8 [8, 8] and in that of the authors’ code 7 [7, 7].")
    without = counted({(BIGAN, "base"): FEW, (RECONSTRUCTION, f"{WEIGHT}1.0"): ALL})
    assert STUDY.answer(made(without, experiments=EXPERIMENTS)) == []
    assert STUDY.answer(made(values, experiments=EXPERIMENTS, floors=False)) == []
