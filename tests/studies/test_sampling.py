"""The study `sampling` on synthetic scores and runs with known truth: claims, tables, answer and figures."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from stated import says_its_range

from modescope import datasets, samplers, studies
from modescope.datasets import Distribution
from modescope.metrics.common import optimal
from modescope.params.config import BASE_ARM, Experiment, Sampling
from modescope.seeding import stream
from modescope.statistics import Verdict
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure
from modescope.studies.sampling import optimal_planes, sampler_figures
from modescope.studies.sampling.densities import axis, bars

STUDY = studies.build("sampling")
SPECS: dict[str, dict[str, Any]] = {
    "normal": {"kind": "gaussian", "dim": 1},
    "peaks": {"kind": "line", "n_modes": 2, "low": -2.0, "high": 2.0, "std": 0.4},
    "ring8": {"kind": "ring", "n_modes": 8, "radius": 1.0, "std": 0.05},
}
INVERSE, REJECTION, CHAIN = "sampling_inverse", "sampling_rejection", "sampling_metropolis"
GAN, GMN, RING = "sampling_normal_gan", "sampling_normal_gmn", "sampling_ring8_gan"
SEEDS, STEPS, POINTS, CELLS = 3, 80, 300, 16


def drawn_by(dataset: str, sampler: str, **settings: Any) -> Sampling:
    return Sampling(study="sampling", dataset=dataset, sampler=sampler, seeds=SEEDS, settings=settings)


def trained(dataset: str, variant: str) -> Experiment:
    net, adam = {"hidden": [4]}, {"learning_rate": 1e-3}
    lattice = (
        {"field": {"low": [-4.0], "high": [4.0], "cells": CELLS}} if (dataset, variant) == ("normal", "gan") else {}
    )
    return Experiment.model_validate(
        {
            "study": "sampling",
            "dataset": dataset,
            "variant": variant,
            "steps": STEPS,
            "seeds": SEEDS,
            "discriminator_batch": 8,
            "generator_batch": 8,
            "networks": {"generator": net, "discriminator": net},
            "optimizers": {"generator": adam, "discriminator": adam},
            "snapshots": {"points": POINTS, "rest": 4} | lattice,
        }
    )


ENTRIES: dict[str, Experiment | Sampling] = {
    INVERSE: drawn_by("normal", "inverse_transform"),
    "sampling_inverse_peaks": drawn_by("peaks", "inverse_transform"),
    REJECTION: drawn_by("peaks", "rejection", proposal={"kind": "normal", "std": 2.0}, constant=2.9),
    CHAIN: drawn_by("peaks", "metropolis_hastings", step=2.0, burn_in=20, start=4.0),
    GAN: trained("normal", "gan"),
    GMN: trained("normal", "gmn"),
    RING: trained("ring8", "gan"),
}
FLOORS = {
    ("normal", "ks"): (0.008, 0.009, 0.010),
    ("peaks", "ks"): (0.008, 0.009, 0.010),
    ("ring8", "mode_tv"): (0.01, 0.01, 0.01),
}
Values = Mapping[tuple[str, str], list[float]]  # (experiment, metric) -> by seed


def made(values: Values, floors: bool = True) -> Scores:
    rows = [
        ("sampling", experiment, BASE_ARM, seed, metric, value)
        for (experiment, metric), by_seed in values.items()
        for seed, value in enumerate(by_seed)
    ]
    repeats = [
        ("sampling", dataset, repeat, metric, value)
        for (dataset, metric), found in FLOORS.items()
        for repeat, value in enumerate(found)
        if floors
    ]
    return Scores(
        pd.DataFrame(rows, columns=["study", "experiment", "arm", "seed", "metric", "value"]),
        pd.DataFrame(repeats, columns=["study", "dataset", "repeat", "metric", "value"]),
        {},
        {name: entry.dataset for name, entry in ENTRIES.items()},
        {name: entry.model_dump() for name, entry in ENTRIES.items()},
    )


def claims(values: Values, **options: bool) -> dict[str, Claim]:
    return {claim.key: claim for claim in STUDY.claims(made(values, **options))}


# Claims


@pytest.mark.parametrize(
    ("key", "verdict", "values"),
    [
        ("exact-normal", "supported", {(INVERSE, "ks"): [0.0080, 0.0081, 0.0082]}),
        ("exact-normal", "contradicted", {(INVERSE, "ks"): [0.030, 0.031, 0.029]}),
        ("exact-normal", "inconclusive", {(INVERSE, "ks"): [0.008, 0.02, 0.009]}),
        ("reached-sampling-normal-gan", "supported", {(GAN, "ks"): [0.04, 0.041, 0.042]}),
        ("reached-sampling-normal-gan", "contradicted", {(GAN, "ks"): [0.08, 0.081, 0.082]}),
        ("reached-sampling-normal-gmn", "inconclusive", {(GMN, "ks"): [0.04, 0.09, 0.02]}),
        ("reached-sampling-ring8-gan", "supported", {(RING, "mode_tv"): [0.03, 0.04, 0.035]}),
        ("reached-sampling-ring8-gan", "contradicted", {(RING, "mode_tv"): [0.3, 0.31, 0.29]}),
        ("half-sampling-normal-gan", "supported", {(GAN, "discriminator_offset"): [0.02, 0.021, 0.022]}),
        ("half-sampling-normal-gan", "supported", {(GAN, "discriminator_offset"): [0.0, 0.001, 0.004]}),
        ("half-sampling-normal-gan", "contradicted", {(GAN, "discriminator_offset"): [0.2, 0.21, 0.22]}),
        (
            "error-sampling-normal-gan",
            "supported",
            {(GAN, "discriminator_offset"): [0.0], (GAN, "discriminator_error"): [0.49, 0.5, 0.51]},
        ),
        (
            "error-sampling-normal-gan",
            "contradicted",
            {(GAN, "discriminator_offset"): [0.0], (GAN, "discriminator_error"): [0.3, 0.31, 0.32]},
        ),
    ],
)
def test_the_verdict_follows_from_the_scores(key: str, verdict: Verdict, values: Values) -> None:
    claim = claims(values)[key]
    assert claim.verdict == verdict
    assert says_its_range(claim)
    assert claim.remedies == (() if key == "exact-normal" else (key.split("-")[-1],))  # of no variant


def test_targets_follow_from_the_floor() -> None:
    found = claims({(GAN, "ks"): [0.04, 0.041, 0.042], (INVERSE, "ks"): [0.008, 0.009, 0.0085]})
    assert "at most 0.059: 0.05 more than real points score" in found["reached-sampling-normal-gan"].rule
    assert "at most 0.0099, the 95th percentile" in found["exact-normal"].rule
    assert found["reached-sampling-normal-gmn"].verdict == "inconclusive"  # nothing measured
    assert claims({}, floors=False) == {}


# Made-up runs


def runs_of(name: str, seeds: int = 2) -> Runs:
    entry = ENTRIES[name]
    dataset = datasets.build(SPECS[entry.dataset])
    rng = np.random.default_rng(0)
    views: dict[str, np.ndarray[Any, Any]] = {}
    watched: dict[str, np.ndarray[Any, Any]] = {}
    steps, snapshots = np.empty(0, np.int64), np.empty((seeds, 0, 0, *dataset.shape))
    if isinstance(entry, Sampling):
        sampler = samplers.build(entry.sampler, entry.settings)
        drawn = [sampler.draw(dataset, POINTS, stream(name, seed)) for seed in range(seeds)]
        views = {view: np.stack([d[view] for d in drawn]).astype(np.float32) for view in drawn[0]}
        samples = views.pop("samples")
    else:
        samples = np.stack([dataset.sample(POINTS, rng) for _ in range(seeds)])
        steps = np.array(entry.snapshots.schedule(STEPS))
        snapshots = np.stack([samples * k / (len(steps) - 1) for k in range(len(steps))], axis=1)
        if entry.snapshots.field is not None:
            watched["field"] = rng.normal(size=(seeds, len(steps), CELLS)).astype(np.float32)
    return Runs(
        experiment=name,
        settings=entry,
        dataset=dataset,
        real=dataset.sample(200, rng).astype(np.float32),
        arm=[BASE_ARM] * seeds,
        seed=list(range(seeds)),
        samples=samples.astype(np.float32),
        snapshot_steps=steps,
        snapshots=snapshots.astype(np.float32),
        diverged_at=[-1] * seeds,
        data_sha256="0",
        samples_sha256="0",
        views=views,
        watched=watched,
    )


@pytest.fixture(scope="module")
def runs() -> dict[str, Runs]:
    return {name: runs_of(name) for name in ENTRIES}


SCORES: Values = {
    (INVERSE, "ks"): [0.008, 0.009],
    (REJECTION, "ks"): [0.008, 0.009],
    (REJECTION, "acceptance_rate"): [0.34, 0.35],
    (CHAIN, "ks"): [0.02, 0.03],
    (CHAIN, "acceptance_rate"): [0.4, 0.42],
    (CHAIN, "autocorrelation_time"): [9.0, 11.0],
    (GAN, "ks"): [0.05, 0.06],
    (GAN, "discriminator_error"): [0.47, 0.49],
    (GAN, "bayes_error"): [0.41, 0.42],
    (GAN, "discriminator_offset"): [0.05, 0.06],
    (GMN, "ks"): [0.03, 0.05],
    (RING, "mode_tv"): [0.1, 0.2],
    (RING, "coverage"): [0.7, 0.8],
}


@pytest.fixture(scope="module")
def drawn_figures(runs: dict[str, Runs]) -> list[Figure]:
    return list(itertools.chain.from_iterable(STUDY.figures(runs, made(SCORES))))


def test_every_figure_is_drawn_and_states_its_result(drawn_figures: list[Figure]) -> None:
    figures = {figure.name: figure for figure in drawn_figures}
    assert list(figures) == [
        "transformation",
        "peaks_samplers",
        "peaks_rejection",
        "peaks_chains",
        "matching",
        "ring8_samples",
        "discriminator",
        "discriminator_error",
    ]
    assert all(f.still.png.startswith(b"\x89PNG") and f.caption and f.alt.endswith(".") for f in figures.values())
    moving = [name for name, f in figures.items() if f.animation is not None]
    assert moving == ["transformation", "ring8_samples", "discriminator"]
    assert "is 0.0085, that of real points 0.009." in figures["transformation"].alt
    assert "0.345 of the proposals are accepted; 1/c is 0.345." in figures["peaks_rejection"].alt
    assert "(step 2): 0.41 accepted, autocorrelation time 10 steps" in figures["peaks_chains"].alt
    assert "Normal: GAN 0.055 and Normal: Moment matching (MMD) 0.04" in figures["matching"].alt
    errors = "Normal: 0.48, where the least possible error is 0.415 and the mean distance of D from ½ is 0.055"
    assert errors in figures["discriminator"].alt
    assert figures["discriminator"].experiments == [GAN]


def test_the_same_figures_again(runs: dict[str, Runs]) -> None:
    one, again = (sampler_figures.envelope(runs[REJECTION], made(SCORES)) for _ in range(2))
    assert one == again


def test_without_runs_there_is_nothing() -> None:
    empty = Scores(made({}).runs, made({}).floors, {}, {}, {})
    assert list(itertools.chain.from_iterable(STUDY.figures({}, empty))) == []
    assert (STUDY.tables(empty), STUDY.claims(empty), STUDY.answer(empty)) == ([], [], [])


def test_tables_have_the_measured_metrics_and_the_floor() -> None:
    tables = {table.key: table.frame for table in STUDY.tables(made(SCORES))}
    table = tables["samplers"].set_index(["dataset", "sampler"])
    assert table.loc[("peaks", "Metropolis–Hastings (step 2)"), "autocorrelation_time"] == pytest.approx(10)
    assert np.isnan(table.loc[("peaks", "Rejection sampling"), "autocorrelation_time"])
    assert table.loc[("peaks", "real against real"), "ks"] == pytest.approx(0.009)
    assert list(tables["matching"]["variant"]) == [
        "gan",
        "gmn",
        "real against real",
        "gan",
        "real against real",
    ]
    assert len(tables["discriminators"]) == 1
    assert tables["discriminators"]["seeds"].tolist() == [2]


def test_the_answer_compares_with_real_points() -> None:
    short, first, *rest = STUDY.answer(made(SCORES))
    assert short == (
        "Known transformations end at a KS distance of 0.0085; trained networks end 0.04 to 0.055 from the exact "
        "distribution."
    )  # two seeds cannot decide that they are exact
    assert first.startswith("Normal: transformed uniform variables are at a KS distance of 0.0085")
    assert first.endswith("real points at 0.009.")
    assert [sentence.split(",")[0] for sentence in rest] == ["Normal", "Ring8"]
    assert "GAN 0.055" in rest[0]
    assert "Moment matching (MMD) 0.04" in rest[0]


def test_the_answer_says_exact_where_the_claim_holds_and_leaves_out_what_is_missing() -> None:
    exact = {(INVERSE, "ks"): [0.0080, 0.0081, 0.0082], ("sampling_inverse_peaks", "ks"): [0.008, 0.0081, 0.0082]}
    assert STUDY.answer(made(exact))[0] == (
        "Known transformations give exact samples at a KS distance of 0.0081, like real points."
    )
    assert STUDY.answer(made({(GAN, "ks"): [0.2, 0.2]}))[0] == (
        "Trained networks end 0.2 from the exact distribution (KS)."
    )
    assert STUDY.answer(made({})) == []


def test_headings_of_figures_are_findings(runs: dict[str, Runs], drawn_figures: list[Figure]) -> None:
    assert {figure.name: figure.finding for figure in drawn_figures} == {
        "transformation": "Transformed uniform variables: KS distance 0.0085, real points 0.009.",
        "peaks_samplers": "Rejection sampling comes closest to the distribution, with a mean KS distance of 0.0085; "
        "Metropolis–Hastings (step 2) stays farthest away, at 0.025.",
        "peaks_rejection": "Rejection sampling accepts 34 % of its proposals; the envelope predicts 34 %.",
        "peaks_chains": "Metropolis–Hastings (step 2) needs 10 steps for a point as good as an independent one.",
        "matching": "KS distance from the exact distribution after training: GAN 0.055 and Moment matching (MMD) 0.04.",
        "ring8_samples": "Share of the points in the wrong place after training: GAN 15 %.",
        "discriminator": "The discriminator ends 0.055 away from ½ on average.",
        "discriminator_error": "The discriminator ends up guessing: it errs on 48 % of the points, where 42 % is the "
        "least possible.",
    }
    without = list(itertools.chain.from_iterable(STUDY.figures(runs, made({}))))
    assert {figure.finding for figure in without} == {""}


def test_claims_stand_beside_each_other_by_data() -> None:
    found = claims(SCORES)
    assert {found[f"reached-{e.replace('_', '-')}"].where for e in (GAN, GMN, RING)} == {"Normal", "Ring8"}
    assert found["reached-sampling-normal-gan"].statement == found["reached-sampling-ring8-gan"].statement
    assert found["reached-sampling-normal-gmn"].remedies == ("gmn",)
    assert found["exact-normal"].remedies == ()


# The inverse transform, animated


@given(st.integers(1, 50), st.integers(0, 1_000))
def test_uniform_variables_end_as_their_samples(n: int, seed: int) -> None:
    normal: Distribution = datasets.build(SPECS["normal"])
    uniform = np.random.default_rng(seed).uniform(size=n)
    samples = normal.quantile(uniform)
    moving = sampler_figures.on_the_way(uniform, samples, -9.0)
    np.testing.assert_array_equal(moving[-1, :, 0], samples)
    np.testing.assert_array_equal(moving[:, :, 1], np.broadcast_to(uniform, moving.shape[:2]))
    seen = np.isfinite(moving[..., 0])
    assert np.all(np.diff(seen.astype(int), axis=0) >= 0)  # what has started stays visible
    x = np.where(seen, moving[..., 0], -9.0)
    assert np.all(np.diff(x, axis=0) >= 0)  # and moves to the right
    assert np.all(x[0] == -9)


def test_the_last_frame_is_normal(runs: dict[str, Runs]) -> None:
    mine = runs[INVERSE]
    uniform, samples = mine.views["uniform"][0, :, 0], mine.samples[0, :, 0]
    last = sampler_figures.on_the_way(uniform, samples, -4.0)[-1, :, 0]
    np.testing.assert_array_equal(last, samples)
    assert stats.kstest(last, stats.norm.cdf).pvalue > 0.01
    assert stats.kstest(uniform, stats.uniform.cdf).pvalue > 0.01


# Densities and the optimal discriminator


@given(st.integers(0, 100), st.sampled_from(["normal", "peaks"]))
def test_bars_sum_to_the_share_of_the_points(seed: int, name: str) -> None:
    dataset = datasets.build(SPECS[name])
    points = dataset.sample(500, np.random.default_rng(seed))[:, 0]
    low, high = axis(dataset)
    edges, heights = bars(points, (low, high))
    assert np.sum(heights * np.diff(edges)) == pytest.approx(np.mean((points >= low) & (points <= high)))
    assert np.sum(bars(points[:100], (low, high), 500)[1] * np.diff(edges)) <= 0.2 + 1e-12
    assert 0.9995 < float(np.diff(dataset.cdf(np.array([low, high])))[0]) < 1


def test_the_bound_holds_for_every_run_and_snapshot(runs: dict[str, Runs]) -> None:
    mine = runs[GAN]
    assert optimal_planes.watched(runs, made(SCORES)) == [GAN]
    for row in range(2):
        for snapshot in range(len(mine.snapshot_steps)):
            cells = optimal_planes.cells(mine, row, snapshot)
            assert optimal.bayes_error(cells) <= optimal.error(cells)
            assert cells.q.sum() == pytest.approx(1)
    # generated points that all lie at 0 at the first step are real points at the last
    assert optimal.bayes_error(optimal_planes.cells(mine, 0, 0)) < 0.2
    assert optimal.bayes_error(optimal_planes.cells(mine, 0, -1)) > 0.4
