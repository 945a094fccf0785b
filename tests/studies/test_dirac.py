"""The study `dirac` on real trainings of a few starts: agreement, tables and sentences."""

from __future__ import annotations

import pandas as pd
import pytest
import trained_dirac
from trained_dirac import ENTRIES, PARAMS, SEEDS, changed, run_of, scored

from modescope import studies
from modescope.dirac.remedies import DEFAULTS
from modescope.params.config import Experiment
from modescope.store.runs import Scores
from modescope.studies.dirac import pair, remedies
from modescope.studies.dirac.formulas import FORMULAS
from modescope.studies.dirac.remedies import arms, disagreements, find

STUDY = studies.build("dirac")


@pytest.fixture(scope="module")
def scores() -> Scores:
    return trained_dirac.scores()


@pytest.fixture(scope="module")
def short() -> Scores:
    """Of trainings as long as the first look of the README."""
    return scored({name: run_of(name, settings, effort=0.03) for name, settings in ENTRIES.items()})


def test_theory_and_training_agree_for_every_setting(scores: Scores) -> None:
    found = arms(scores)
    assert [arm.label for arm in found] == [
        "gan", "gan ema=0.99", "gan_saturating", "lsgan", "wgan_gp n=1", "wgan_gp n=5",
        "r1 γ=0.3", "r1 γ=1", "r1 γ=10.2", "r3gan γ=0", "r3gan γ=0.3",
    ]  # fmt: skip
    assert {arm.label: disagreements(scores, arm) for arm in found} == {arm.label: [] for arm in found}
    assert {arm.predicted.fate for arm in found} == {"converges", "circles", "stops elsewhere", "leaves"}


@pytest.mark.parametrize(
    ("name", "metric", "value", "part"),
    [
        ("gan", "converged", 1.0, "verdict"),
        ("gan", "deviation", 1e-3, "path"),
        ("gan_saturating", "contraction", 0.99, "factor"),
        ("gan_saturating", "turning", 0.2, "turn"),
        ("lsgan", "at_rest", 0.0, "verdict"),
    ],
)
def test_a_disagreement_is_named(scores: Scores, name: str, metric: str, value: float, part: str) -> None:
    other = changed(scores, f"dirac_origin_{name}", metric, value)
    arm = next(arm for arm in arms(other) if arm.label == name)
    assert disagreements(other, arm) == [part]
    row = STUDY.tables(other)[0].frame.set_index("remedy").loc[arm.title]
    assert row["agrees"] == f"no: {part}"
    assert f"They differ: {arm.title}" in " ".join(STUDY.answer(other))
    assert not STUDY.answer(other)[0].startswith("The eigenvalues of a training step decide it")


def test_noise_is_compared_at_rest(scores: Scores) -> None:
    name = "dirac_origin_gan_instance_noise"
    settings = Experiment.model_validate(PARAMS["experiments"][name] | {"seeds": SEEDS, "steps": 250})
    noisy = scored({name: run_of(name, settings)})
    (arm,) = arms(noisy)
    theory, found = remedies.resting(noisy, arm)
    assert found == pytest.approx(theory, rel=0.2)
    assert theory == pytest.approx(0.0282, abs=1e-4)
    assert "distance at rest" in disagreements(changed(noisy, name, "final_distance", 0.05), arm)
    cut = changed(changed(noisy, name, "final_distance", 0.05), name, "path_steps", 249)
    assert disagreements(cut, arm) == []
    assert STUDY.tables(cut)[0].frame["agrees"].tolist() == ["not judged"]
    assert "GAN + instance noise stays at a distance of 0.0" in " ".join(STUDY.answer(noisy))
    assert "stays at a distance" not in " ".join(STUDY.answer(cut))


def test_noise_at_a_rate_that_leaves_has_no_distance_at_rest() -> None:
    name = "dirac_origin_gan_instance_noise"
    fast = {side: {"kind": "sgd", "learning_rate": 30.0} for side in ("generator", "discriminator")}
    entry = PARAMS["experiments"][name] | {"seeds": SEEDS, "steps": 40, "optimizers": fast}
    leaving = scored({name: run_of(name, Experiment.model_validate(entry))})
    (arm,) = arms(leaving)
    assert arm.predicted.fate == "leaves"
    assert "distance at rest" not in disagreements(leaving, arm)
    assert "stays at a distance" not in " ".join(STUDY.answer(leaving))


def test_short_trainings_have_no_verdict(short: Scores) -> None:
    assert {arm.label: disagreements(short, arm) for arm in arms(short)} == {arm.label: [] for arm in arms(short)}
    first, who, _ = STUDY.answer(short)  # nothing on averages and pairs
    assert first == "Theory and training agree for 11 of 11 settings, as far as these are judged."
    assert who == "Not judged, as not all steps were made: all settings."
    assert set(STUDY.tables(short)[0].frame["agrees"]) == {"yes (the path; verdict not judged)"}


def test_one_short_training_is_named(scores: Scores) -> None:
    other = changed(scores, "dirac_origin_lsgan", "path_steps", 499)
    assert "Not judged, as not all steps were made: LSGAN." in STUDY.answer(other)[1]
    rows = STUDY.tables(other)[0].frame.set_index("remedy")["agrees"]
    assert rows[rows != "yes"].to_dict() == {"LSGAN": "yes (the path; verdict not judged)"}


def test_the_table_has_a_row_for_every_setting(scores: Scores) -> None:
    table, _ = STUDY.tables(scores)
    rows = table.frame.set_index("remedy")
    assert rows.loc["R1 (γ = 0.3)", "eigenvalues"] == "−0.15 ± 0.477i"
    assert rows.loc["GAN", "eigenvalues"] == "±0.5i"
    assert rows.loc["R1 (γ = 0.3)", "factor_measured"] == pytest.approx(
        rows.loc["R1 (γ = 0.3)", "factor_predicted"], abs=1e-3
    )
    assert rows.loc["GAN", ["at_once", "in_turn"]].tolist() == ["leaves", "circles"]
    assert pd.isna(rows.loc["WGAN-GP (n = 1)", "factor_predicted"])
    assert pd.isna(rows.loc["GAN with averaged weights", "factor_measured"])
    assert set(rows["seeds"]) == {SEEDS}


def test_every_field_has_its_formula_and_the_remedies_that_move_in_it(scores: Scores) -> None:
    _, table = STUDY.tables(scores)
    rows = table.frame.set_index("remedies")
    assert rows.index.tolist() == [
        "R1 (γ = 1); R1 (γ = 0.3); R1 (γ = 10.2)", "R3GAN (γ = 0.3); R3GAN (γ = 0)", "GAN; GAN with averaged weights",
        "GAN, saturating loss", "LSGAN", "WGAN-GP (n = 1); WGAN-GP (n = 5)",
    ]  # fmt: skip
    assert rows.loc["GAN, saturating loss", "theta"] == "ψ s(ψθ)"
    assert set(FORMULAS) - {"saturating", "instance_noise"} == set(DEFAULTS) - {"gan_sn"}


def test_the_answer_says_who_converges_and_what_averages_do(scores: Scores) -> None:
    first, who, path, more = STUDY.answer(scores)
    assert first == "The eigenvalues of a training step decide it: theory and training agree for 11 of 11 settings."
    assert "R1 (γ = 0.3)" in who
    assert path.startswith("Without noise, no trained path strays from the exact one by more than ")
    assert "Averaged weights circle too" in more
    assert "R3GAN (γ = 0) ends at a distance of" in more


def test_a_few_starts_decide_nothing(scores: Scores) -> None:
    words = STUDY.answer(scores)[1]
    assert words.startswith("Not decided from so few starts, or only some reach it: R1 (γ = 1) (1); ")
    assert "GAN, saturating loss (0)" in words


def test_averages_of_a_path_that_does_not_circle_are_not_mentioned() -> None:
    name = "dirac_origin_r1"
    settings = Experiment.model_validate(PARAMS["experiments"][name] | {"seeds": 3, "ema": {"decay": 0.9}})
    found = scored({name: run_of(name, settings)})
    assert sum(arm.entry.averaged for arm in arms(found)) == 3
    assert "Averaged weights" not in " ".join(STUDY.answer(found))


def test_without_scores_there_is_nothing_to_say() -> None:
    empty = Scores(
        pd.DataFrame(columns=["study", "experiment", "arm", "seed", "metric", "value"]),
        pd.DataFrame(columns=["study", "dataset", "repeat", "metric", "value"]),
        {},
        {},
    )
    assert STUDY.answer(empty) == []
    assert STUDY.tables(empty) == []
    assert STUDY.claims(empty) == []
    assert [figure for part in STUDY.figures({}, empty) for figure in part] == []


def test_an_arm_is_found_by_its_hyperparameters(scores: Scores) -> None:
    found = arms(scores)
    arm = find(found, "r1", r1_gamma=1.0)
    assert arm is not None
    assert (arm.label, arm.title) == ("r1 γ=1", "R1 (γ = 1)")
    assert find(found, "r1", r1_gamma=2.0) is None
    plain = find(found, "gan")
    assert plain is not None
    assert not plain.entry.averaged


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.5j, -0.5j], "±0.5i"),
        ([1j, -1j], "±i"),
        ([-0.15 + 0.4j, -0.15 - 0.4j], "−0.15 ± 0.4i"),
        ([0, 1e-12], "0 twice"),
        ([-0.5, -2.0], "−0.5 and −2"),
        ([1e-6, 7e5], "jump at ψ = 0"),
    ],
)
def test_a_pair_of_eigenvalues_in_words(values: list[complex], words: str) -> None:
    assert pair(values) == words
