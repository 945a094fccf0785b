"""The study `latent` on synthetic scores with known truth: every claim can get every verdict."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from stated import says_its_range

from modescope import datasets, studies
from modescope.params.config import Experiment
from modescope.statistics import Verdict
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim
from modescope.studies.common import answers

STUDY = studies.build("latent")
FLOORS = {
    "coverage": (0.96, 0.97, 0.98),
    "invalid_fraction": (0.010, 0.011, 0.012),
    "modes_covered": (8.0, 8.0, 8.0),
    "mean_error": (0.01, 0.015, 0.02),
    "kl_qp": (-0.01, 0.0, 0.01),
}
Values = Mapping[tuple[str, int, str], list[float]]  # (dataset, latent dimensions, metric) -> by seed


def made(values: Values, floors: bool = True, diverged: dict[tuple[str, str, int], int] | None = None) -> Scores:
    rows = [
        ("latent", f"latent_{data}", f"latent_dim={dim}", seed, metric, value)
        for (data, dim, metric), by_seed in values.items()
        for seed, value in enumerate(by_seed)
    ]
    floor = [
        ("latent", data, repeat, metric, value)
        for data in dict.fromkeys(data for data, _, _ in values)
        for metric, repeats in FLOORS.items()
        for repeat, value in enumerate(repeats)
        if floors
    ]
    return Scores(
        pd.DataFrame(rows, columns=["study", "experiment", "arm", "seed", "metric", "value"]),
        pd.DataFrame(floor, columns=["study", "dataset", "repeat", "metric", "value"]),
        diverged or {},
        {f"latent_{data}": data for data in dict.fromkeys(data for data, _, _ in values)},
    )


def claims(values: Values, **options: bool) -> dict[str, Claim]:
    return {claim.key: claim for claim in STUDY.claims(made(values, **options))}


def coverage(*by_seed: float) -> Values:
    return {("spiral", 1, "coverage"): list(by_seed)}


def two(below: list[float], enough: list[float]) -> Values:
    return {("gaussian", 1, "coverage"): below, ("gaussian", 2, "coverage"): enough}


def invalid(one: list[float], another: list[float], most: list[float]) -> Values:
    return {("eight_gaussians", d, "invalid_fraction"): v for d, v in ((1, one), (2, another), (100, most))}


def covered(dim: int) -> Callable[..., Values]:
    return lambda *by_seed: {("eight_gaussians", dim, "modes_covered"): list(by_seed)}


def hundred(metric: str) -> Callable[..., Values]:
    return lambda *by_seed: {("gaussian", 100, metric): list(by_seed)}


LOW, MIDDLE, HIGH = [0.01, 0.02, 0.03], [0.09, 0.1, 0.12], [0.2, 0.3, 0.4]
MIXED = [0.01, 0.3, 0.05]
CASES: list[tuple[str, Verdict, Values]] = [
    ("not-covered-spiral", "supported", coverage(0.2, 0.25, 0.3)),
    ("not-covered-spiral", "contradicted", coverage(0.68, 0.7, 0.72)),
    ("not-covered-spiral", "inconclusive", coverage(0.2, 0.5, 0.8)),
    ("dimension-gaussian", "supported", two([0.2, 0.3, 0.2], [0.9, 0.95, 0.9])),
    ("dimension-gaussian", "contradicted", two([0.9, 0.95, 0.9], [0.9, 0.95, 0.91])),
    ("dimension-gaussian", "inconclusive", two([0.2, 0.9, 0.5], [0.9, 0.2, 0.6])),
    ("between-eight-gaussians-1-2", "supported", invalid(LOW, MIDDLE, HIGH)),
    ("between-eight-gaussians-1-2", "contradicted", invalid(HIGH, MIDDLE, LOW)),
    ("between-eight-gaussians-1-2", "contradicted", invalid(LOW, [0.03, 0.04, 0.05], HIGH)),  # more, but not materially
    ("between-eight-gaussians-1-2", "inconclusive", invalid(MIDDLE, MIXED, HIGH)),
    ("between-eight-gaussians-1-100", "supported", invalid(LOW, MIDDLE, HIGH)),
    ("between-eight-gaussians-1-100", "contradicted", invalid(HIGH, MIDDLE, LOW)),
    ("between-eight-gaussians-1-100", "inconclusive", invalid(MIDDLE, HIGH, MIXED)),
    ("between-eight-gaussians-trend", "supported", invalid(LOW * 2, MIDDLE * 2, HIGH * 2)),
    ("between-eight-gaussians-trend", "contradicted", invalid(HIGH * 2, MIDDLE * 2, LOW * 2)),
    ("between-eight-gaussians-trend", "contradicted", invalid(LOW * 2, LOW * 2, LOW * 2)),
    ("between-eight-gaussians-trend", "inconclusive", invalid([0.1, 0.3, 0.2], [0.2, 0.2, 0.3], [0.3, 0.1, 0.1])),
    ("lost-2", "supported", covered(2)(*[8] * 6)),
    ("lost-2", "contradicted", covered(2)(7, 6, 7, 7, 6, 7)),
    ("lost-2", "inconclusive", covered(2)(8, 7, 6)),
    ("lost-3", "supported", covered(3)(*[7] * 6)),
    ("lost-3", "contradicted", covered(3)(*[8] * 6)),
    ("lost-3", "inconclusive", covered(3)(8, 8, 8)),
    ("lost-3", "inconclusive", covered(3)(8, 7, 5)),
    ("lost-10", "supported", covered(10)(*[7] * 6)),
    ("lost-10", "contradicted", covered(10)(4, 5, 4)),
    ("lost-10", "inconclusive", covered(10)(8, 8, 7)),
    ("lost-100", "supported", covered(100)(*[6] * 6)),
    ("lost-100", "contradicted", covered(100)(*[8] * 6)),
    ("lost-100", "inconclusive", covered(100)(8, 6, 4)),
    ("gaussian-variance", "supported", hundred("std_ratio")(0.97, 1.0, 1.02)),
    ("gaussian-variance", "contradicted", hundred("std_ratio")(0.6, 0.7, 0.65)),
    ("gaussian-variance", "inconclusive", hundred("std_ratio")(0.8, 1.0, 1.1)),
    ("gaussian-mean", "supported", hundred("mean_error")(0.2, 0.21, 0.19)),
    ("gaussian-mean", "contradicted", hundred("mean_error")(0.01, 0.012, 0.01)),
    ("gaussian-mean", "inconclusive", hundred("mean_error")(0.01, 0.2, 0.15)),
]


@pytest.mark.parametrize(("key", "verdict", "values"), CASES)
def test_the_verdict_follows_from_the_scores(key: str, verdict: Verdict, values: Values) -> None:
    claim = claims(values)[key]
    assert claim.verdict == verdict
    assert says_its_range(claim)
    assert claim.remedies == ("gan",)
    assert [claim.where.lower().replace(" ", "_")] == [*{dataset for dataset, *_ in values}]
    assert claim.effect.n == len(next(iter(values.values())))
    assert claim == claims(values)[key]  # the bootstrap is seeded by the claim alone


@pytest.mark.parametrize(("key", "values"), [(key, values) for key, verdict, values in CASES if verdict == "supported"])
def test_one_seed_decides_nothing(key: str, values: Values) -> None:
    assert claims({k: v[:1] for k, v in values.items()})[key].verdict == "inconclusive"


def test_the_answer_names_the_best_and_the_intervals_that_overlap() -> None:
    values = {
        ("spiral", 1, "coverage"): [0.1, 0.12, 0.11],
        ("spiral", 2, "coverage"): [0.6, 0.7, 0.65],
        ("spiral", 3, "coverage"): [0.66, 0.68, 0.7],
        ("gaussian", 1, "coverage"): [0.05, 0.05, 0.05],
        ("gaussian", 2, "coverage"): [0.6, 0.7, 0.65],
        ("gaussian", 100, "coverage"): [0.8, 0.81, 0.82],
    }
    needed, more, spiral, gaussian = STUDY.answer(made(values))
    assert needed == (
        "A GAN needs as many latent dimensions as the data have: with one it covers 5 to 11 % of the real points, with "
        "two 65 %."
    )
    assert more == (
        "Beyond two, more dimensions help on Gaussian (100 dimensions cover 81 %); on Spiral no number covers "
        "significantly more."
    )
    assert spiral.startswith("Spiral: one latent dimension covers 0.11 [0.1, 0.12] of the real points")
    assert spiral.endswith("0.68 [0.66, 0.7], with three latent dimensions; its interval overlaps that of 2.")
    assert gaussian.endswith("0.81 [0.8, 0.82], with 100 latent dimensions; its interval overlaps no other.")


def test_the_answer_claims_no_more_than_was_decided() -> None:
    undecided = made({("spiral", 1, "coverage"): [0.1, 0.9], ("spiral", 2, "coverage"): [0.2, 0.9]})
    assert STUDY.answer(undecided)[0] == (
        "With one latent dimension a GAN covers 50 % of the real points, with two 55 %."
    )
    without_two = made({("spiral", 1, "coverage"): [0.1], ("spiral", 7, "coverage"): [0.9]})
    assert STUDY.answer(without_two)[0] == (
        "With one latent dimension, a GAN covers 10 % of the real points, with more 90 %."
    )
    one = made({("spiral", 1, "coverage"): [0.1, 0.2]})
    assert STUDY.answer(one) == []
    assert answers.coverage(one, "latent_spiral", "latent_dim", "latent dimension") == ""
    assert answers.covered(one, "latent_dim", "latent dimension", 2) == ""
    assert answers.best(one, "latent_spiral", "latent_dim", "latent dimension", "coverage", "Most") == ""
    assert STUDY.answer(made({})) == []


def test_headings_of_charts_are_findings() -> None:
    values: Values = {
        ("eight_gaussians", 1, "modes_covered"): [6, 7],
        ("eight_gaussians", 2, "modes_covered"): [8, 8],
        ("eight_gaussians", 3, "modes_covered"): [8, 8],
        ("eight_gaussians", 100, "modes_covered"): [5, 5],
        ("eight_gaussians", 1, "kl_qp_smoothed"): [2.0, 3.0],
        ("eight_gaussians", 2, "kl_qp_smoothed"): [0.5, np.inf],
        ("eight_gaussians", 1, "invalid_fraction"): [0.2, 0.2],
        ("eight_gaussians", 2, "invalid_fraction"): [0.05, 0.05],
    }
    found = {f.name: f.finding for f in itertools.chain.from_iterable(STUDY.figures({}, made(values)))}
    assert found == {
        "kl": "With one latent dimension, generated points lie 2.5 nats from the data, with more ∞ (noise-smoothed).",
        "modes": "Most modes are covered with two and three latent dimensions, 8 on average; 6.5 with one, 5 with 100.",
        "invalid": "The fewest points lie between the modes with two latent dimensions, 5 % on average; 20 % with one.",
    }
    alike = {(data, dim, metric): [6.0, 6.0] for (data, dim, metric) in values}
    assert [f.finding for f in itertools.chain.from_iterable(STUDY.figures({}, made(alike)))][1:] == ["", ""]


def test_claims_on_several_data_share_their_statement() -> None:
    found = STUDY.claims(made({(data, dim, "coverage"): [0.1, 0.2] for data in ("spiral", "bell") for dim in (1, 2)}))
    assert [(claim.where, claim.statement) for claim in found[:4]] == [
        ("Spiral", "One latent dimension does not cover the data."),
        ("Bell", "One latent dimension does not cover the data."),
        ("Spiral", "At least two latent dimensions are needed, as many as the data have."),
        ("Bell", "At least two latent dimensions are needed, as many as the data have."),
    ]
    assert {claim.remedies for claim in found} == {("gan",)}


def test_effects_are_what_the_rules_say() -> None:
    assert claims(two([0.2, 0.3, 0.25], [0.8, 0.8, 0.95]))["dimension-gaussian"].effect.value == pytest.approx(0.6)
    assert claims(covered(100)(6, 7, 5))["lost-100"].effect.value == pytest.approx(2)
    assert claims(invalid(LOW, MIDDLE, HIGH))["between-eight-gaussians-trend"].effect.value == pytest.approx(1)


def test_differences_are_paired_by_seed_without_diverged_runs() -> None:
    scores = made(two([0.1, 0.2, 0.3], [0.9, 0.9, 0.9]))
    kept = scores.runs[~((scores.runs["arm"] == "latent_dim=2") & (scores.runs["seed"] == 0))]
    (claim,) = [c for c in STUDY.claims(replace(scores, runs=kept)) if c.key == "dimension-gaussian"]
    assert claim.effect.n == 2
    assert claim.effect.value == pytest.approx(0.65)


def test_claims_without_their_data_are_left_out() -> None:
    assert set(claims(coverage(0.2, 0.3, 0.25))) == {"not-covered-spiral"}
    assert claims(coverage(0.2, 0.3), floors=False) == {}
    assert claims({}) == {}
    others = claims({("spiral", 7, "coverage"): [0.9], ("spiral", 9, "coverage"): [0.9]})
    assert {claim.verdict for claim in others.values()} <= {"inconclusive"}


def test_a_claim_whose_runs_all_diverged_is_inconclusive() -> None:
    gone = {(EIGHT, "latent_dim=100", seed): 7 for seed in range(3)}
    values: Values = {("eight_gaussians", 2, "modes_covered"): [8, 8, 8]}
    (claim,) = [c for c in STUDY.claims(made(values, diverged=gone)) if c.key == "lost-100"]
    assert (claim.effect.n, claim.verdict) == (0, "inconclusive")


def test_tables_have_intervals_floors_success_and_diverged_runs() -> None:
    values: dict[tuple[str, int, str], list[float]] = {
        ("eight_gaussians", 2, "modes_covered"): [8, 8],
        ("eight_gaussians", 2, "all_modes_covered"): [1, 1],
        ("eight_gaussians", 2, "kl_qp"): [0.1, np.inf],
        ("eight_gaussians", 2, "w2"): [0.1, 0.3],
    }
    tables = {t.key: t.frame for t in STUDY.tables(made(values, diverged={(EIGHT, "latent_dim=2", 2): 5}))}
    kl, kl_floor = tables["kl"].to_dict("records")
    assert kl["kl_qp"] == np.inf
    assert kl_floor["latent_dim"] == "real against real"
    repeats = FLOORS["kl_qp"]
    assert kl_floor["kl_qp"] == pytest.approx(np.mean(repeats))
    assert (kl_floor["kl_qp_low"], kl_floor["kl_qp_high"]) == pytest.approx(np.quantile(repeats, [0.05, 0.95]))
    assert (kl["seeds"], kl["diverged"]) == (2, 1)
    mode, floor = tables["modes"].to_dict("records")
    assert mode["success"] == pytest.approx(2 / 3)
    assert mode["success_low"] < 2 / 3 < mode["success_high"]
    assert (floor["latent_dim"], floor["modes_covered"]) == ("real against real", 8)
    assert tables["metrics"]["w2"].tolist()[0] == pytest.approx(0.2)


EIGHT = "latent_eight_gaussians"


def runs(dims: list[int], seeds: int, steps: int, diverged: bool = False) -> Runs:
    rng = np.random.default_rng(0)
    network, adam = {"hidden": [8]}, {"learning_rate": 1e-3}
    settings = Experiment.model_validate(
        {
            "study": "latent",
            "dataset": "eight_gaussians",
            "variant": "gan",
            "steps": 100,
            "seeds": seeds,
            "discriminator_batch": 8,
            "generator_batch": 8,
            "networks": {"generator": network, "discriminator": network},
            "optimizers": {"generator": adam, "discriminator": adam},
            "snapshots": {"points": 30, "dense_until": 50, "dense_every": 10, "rest": 8},
            "sweep": {"latent_dim": dims},
        }
    )
    schedule = np.array(settings.snapshots.schedule(steps))
    n = len(dims) * seeds
    fill = np.nan if diverged else 1.0
    return Runs(
        experiment=EIGHT,
        settings=settings,
        dataset=datasets.build({"kind": "ring"}),
        real=rng.normal(size=(300, 2)).astype(np.float32),
        arm=[f"latent_dim={d}" for d in dims for _ in range(seeds)],
        seed=[s for _ in dims for s in range(seeds)],
        samples=(fill * rng.normal(size=(n, 100, 2))).astype(np.float32),
        snapshot_steps=schedule,
        snapshots=(fill * rng.normal(size=(n, len(schedule), 30, 2))).astype(np.float32),
        diverged_at=[3 if diverged else -1] * n,
        data_sha256="0",
        samples_sha256="0",
    )


@pytest.mark.parametrize(
    ("dims", "seeds", "steps", "diverged", "names"),
    [
        ([1, 100], 2, 80, False, ["first", "training", "side_by_side"]),
        ([2], 1, 1, False, ["training"]),
        ([1, 2, 3], 1, 5, True, ["training", "side_by_side"]),
    ],
)
def test_figures_depend_on_the_runs(dims: list[int], seeds: int, steps: int, diverged: bool, names: list[str]) -> None:
    scores = made({("eight_gaussians", d, "coverage"): [] if diverged else [0.5] * seeds for d in dims})
    figures = list(itertools.chain.from_iterable(STUDY.figures({EIGHT: runs(dims, seeds, steps, diverged)}, scores)))
    expected = [f"eight_gaussians_{name}" for name in names] + (["coverage"] if len(dims) > 1 and not diverged else [])
    assert [f.name for f in figures] == expected
    for figure in figures:
        assert figure.alt
        assert figure.caption
        assert figure.experiments == [EIGHT]
        assert figure.still.png.startswith(b"\x89PNG")
        assert (figure.animation or b"GIF89a").startswith(b"GIF89a")
    if dims == [1, 100]:
        assert [f.finding for f in figures[1:3]] == [
            "One latent dimension covers 50 % of the real points on average.",
            "",
        ]
        assert all(f.animation for f in figures[:3])
        assert "curve" in figures[0].caption


def test_the_caption_says_that_the_true_value_is_infinite() -> None:
    values = {("gaussian", d, "kl_qp"): [np.inf if d == 1 else 0.1, 0.2] for d in (1, 2)}
    (figure,) = itertools.chain.from_iterable(STUDY.figures({}, made(values)))
    assert "true KL(generated ‖ real) is infinite" in figure.caption
    assert "∞" in figure.caption
