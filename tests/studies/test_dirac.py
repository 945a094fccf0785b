"""The study `dirac` on real trainings of a few starts: agreement, claims, table, sentences and figures."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from modescope import datasets, evaluation, executors, studies
from modescope.dirac import paths
from modescope.dirac.remedies import DEFAULTS
from modescope.engine import experiments, tasks
from modescope.engine.training import train
from modescope.params.config import Experiment, read
from modescope.store.runs import Runs, Scores
from modescope.studies.dirac import claims, pair, remedies
from modescope.studies.dirac.formulas import FORMULAS
from modescope.studies.dirac.remedies import arms, disagreements, find

STUDY = studies.build("dirac")
SPEC = {"kind": "constant", "value": 0.0}
PARAMS = read(Path(__file__).resolve().parents[2] / "params.yaml")
SEEDS = 12
ENTRIES = {
    name: Experiment.model_validate(entry | {"seeds": SEEDS})
    for name, entry in PARAMS["experiments"].items()
    if entry["study"] == "dirac"
    and name.split("origin_")[1] in ("gan", "gan_saturating", "lsgan", "r1", "r3gan", "wgan_gp")
}


def run_of(name: str, settings: Experiment) -> Runs:
    """The runs of an experiment, trained here."""
    data = datasets.build(SPEC)
    real = data.sample(20, np.random.default_rng(0)).astype(np.float32)
    planned = tasks.plan(name, settings, (1,), effort=1.0, n_samples=20)
    done = experiments.collect(planned, [train(task, real) for task in planned])
    gone = {(run["arm"], run["seed"]): run["step"] for run in done.diverged}
    arm, seed = done.samples["arm"].tolist(), done.samples["seed"].tolist()
    return Runs(
        experiment=name,
        settings=settings,
        dataset=data,
        real=real,
        arm=arm,
        seed=seed,
        samples=done.samples["samples"],
        snapshot_steps=done.snapshots["step"],
        snapshots=done.snapshots["samples"],
        diverged_at=[gone.get(run, -1) for run in zip(arm, seed, strict=True)],
        data_sha256="",
        samples_sha256="",
        watched={"field": done.snapshots["field"]},
    )


@pytest.fixture(scope="module")
def runs() -> dict[str, Runs]:
    return {name: run_of(name, settings) for name, settings in ENTRIES.items()}


@pytest.fixture(scope="module")
def scores(runs: dict[str, Runs]) -> Scores:
    return scored(runs)


def scored(runs: dict[str, Runs]) -> Scores:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(executors, "run", lambda function, given, **_: [function(task, lambda n: None) for task in given])
        table, floors = evaluation.evaluate(
            "dirac", list(runs.values()), {"origin": SPEC}, {"dirac": {}}, n_samples=20, floor_repeats=2
        )
    return Scores(
        runs=table,
        floors=floors,
        diverged={
            (name, run.arm[row], run.seed[row]): step
            for name, run in runs.items()
            for row, step in enumerate(run.diverged_at)
            if step >= 0
        },
        datasets=dict.fromkeys(runs, "origin"),
        settings={name: run.trained.model_dump() for name, run in runs.items()},
    )


def changed(scores: Scores, name: str, metric: str, value: float) -> Scores:
    """The scores with one metric of an experiment replaced."""
    table = scores.runs.copy()
    table.loc[(table["experiment"] == name) & (table["metric"] == metric), "value"] = value
    return replace(scores, runs=table)


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
    row = STUDY.tables(other)[0].frame.set_index("remedy").loc[name]
    assert row["agrees"] == f"no: {part}"
    assert f"They differ: {name}" in " ".join(STUDY.answer(other))


def test_noise_is_compared_at_rest(scores: Scores) -> None:
    name = "dirac_origin_gan_instance_noise"
    settings = Experiment.model_validate(PARAMS["experiments"][name] | {"seeds": SEEDS, "steps": 250})
    noisy = scored({name: run_of(name, settings)})
    (arm,) = arms(noisy)
    theory, found = remedies.resting(noisy, arm)
    assert found == pytest.approx(theory, rel=0.2)
    assert theory == pytest.approx(0.0282, abs=1e-4)
    assert "distance at rest" in disagreements(changed(noisy, name, "final_distance", 0.05), arm)


def test_the_table_has_a_row_for_every_setting(scores: Scores) -> None:
    table, _ = STUDY.tables(scores)
    rows = table.frame.set_index("remedy")
    assert rows.loc["r1 γ=0.3", "eigenvalues"] == "−0.15 ± 0.477i"
    assert rows.loc["gan", "eigenvalues"] == "±0.5i"
    assert rows.loc["r1 γ=0.3", "factor_measured"] == pytest.approx(rows.loc["r1 γ=0.3", "factor_predicted"], abs=1e-3)
    assert rows.loc["gan", ["at_once", "in_turn"]].tolist() == ["leaves", "circles"]
    assert pd.isna(rows.loc["wgan_gp n=1", "factor_predicted"])
    assert pd.isna(rows.loc["gan ema=0.99", "factor_measured"])
    assert set(rows["seeds"]) == {SEEDS}


def test_every_field_has_its_formula_and_the_remedies_that_move_in_it(scores: Scores) -> None:
    _, table = STUDY.tables(scores)
    rows = table.frame.set_index("remedies")
    assert rows.index.tolist() == [
        "gan, gan ema=0.99", "gan_saturating", "lsgan", "wgan_gp n=1, wgan_gp n=5",
        "r1 γ=0.3, r1 γ=1, r1 γ=10.2", "r3gan γ=0, r3gan γ=0.3",
    ]  # fmt: skip
    assert rows.loc["gan_saturating", "theta"] == "ψ s(ψθ)"
    assert set(FORMULAS) - {"saturating", "instance_noise"} == set(DEFAULTS) - {"gan_sn"}


def test_claims_have_the_verdicts_of_their_shares(scores: Scores) -> None:
    found = {claim.key: claim for claim in STUDY.claims(scores)}
    assert set(found) == {
        "saturating", "non-saturating", "wgan-gp", "wgan-gp-5", "r1", "r1-critical", "circle", "critical", "at-once"
    }  # fmt: skip
    assert found["circle"].verdict == "supported"
    assert found["circle"].effect.value == pytest.approx(1, abs=0.02)
    # twelve starts are too few for a share of 0.95
    assert {found[key].verdict for key in ("r1", "saturating")} == {"inconclusive"}
    assert found["r1"].effect.value == 1
    assert found["saturating"].effect.value == 0


@pytest.mark.parametrize(("n", "verdict"), [(0, "supported"), (200, "contradicted"), (10, "inconclusive")])
def test_a_share_of_converged_starts_decides(n: int, verdict: str) -> None:
    name = "dirac_origin_gan_saturating"
    values = [float(seed < n) for seed in range(200)]
    table = pd.DataFrame(
        [("dirac", name, "base", seed, "converged", value) for seed, value in enumerate(values)],
        columns=["study", "experiment", "arm", "seed", "metric", "value"],
    )
    empty = pd.DataFrame(columns=["study", "dataset", "repeat", "metric", "value"])
    only = Scores(table, empty, {}, {name: "origin"}, {name: ENTRIES[name].model_dump()})
    judged = {claim.key: claim for claim in claims.claims(only, arms(only))}
    assert judged["saturating"].verdict == verdict
    assert judged["circle"].reason == "nothing measured"


def test_the_answer_says_who_converges_and_what_averages_do(scores: Scores) -> None:
    who, agreement, more = STUDY.answer(scores)
    assert "r1 γ=0.3" in who
    assert agreement.startswith("Theory and training agree for 11 of 11 settings.")
    assert "Averaged weights circle too" in more
    assert "r3gan γ=0 ends at a distance of" in more


def test_figures_are_drawn_with_their_animation(runs: dict[str, Runs], scores: Scores) -> None:
    drawn = [figure for part in STUDY.figures(runs, scores) for figure in part]
    assert [figure.name for figure in drawn] == ["portraits", "at_once", "distances", "rates"]
    assert drawn[3].title.startswith("Trained with the variants")
    assert drawn[1].alt == (
        "gan_saturating, at once: leaves; gan, at once: leaves; r1 γ=0.3, at once: converges; gan_saturating, in turn: "
        "circles; gan, in turn: circles; r1 γ=0.3, in turn: converges."
    )
    for figure in drawn:
        assert Image.open(io.BytesIO(figure.still)).size[0] > 500
        assert figure.caption.endswith(".")
        assert figure.alt
    assert drawn[0].animation is not None
    assert Image.open(io.BytesIO(drawn[0].animation)).n_frames > 20


def test_a_figure_of_a_disagreement_says_so(runs: dict[str, Runs], scores: Scores) -> None:
    other = changed(scores, "dirac_origin_gan_saturating", "contraction", 0.97)
    (figure,) = list(STUDY.figures(runs, other)[3])
    assert figure.title == "Not every remedy moves as its eigenvalues say: gan_saturating"


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


def test_other_runs_have_no_path(runs: dict[str, Runs]) -> None:
    run = runs["dirac_origin_gan"]
    elsewhere = replace(run, dataset=datasets.build({"kind": "constant", "value": 1.0}))
    assert paths.trained(run) is not None
    assert paths.trained(elsewhere) is None
    assert paths.trained(replace(run, watched={})) is None


def test_an_arm_is_found_by_its_hyperparameters(scores: Scores) -> None:
    found = arms(scores)
    arm = find(found, "r1", r1_gamma=1.0)
    assert arm is not None
    assert arm.label == "r1 γ=1"
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
