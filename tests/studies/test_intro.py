"""The study `intro` on synthetic scores and walks with known truth: claims, tables and figures."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from stated import says_its_range

from modescope import datasets, studies
from modescope.params.config import Experiment
from modescope.statistics import Verdict
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure
from modescope.studies.intro import walks
from modescope.studies.intro.claims import usual_arms

STUDY = studies.build("intro")
MEANS = [[-1.0, 1.0], [1.2, 1.0], [-0.4, -0.9], [0.9, -0.5]]
KINDS: dict[str, dict[str, Any]] = {
    "parabola": {"kind": "parabola"},
    "four_gaussians": {"kind": "mixture", "means": MEANS, "std": 0.15},
}
DIMS = [1, 2, 8]
PARABOLA, FOUR = "intro_parabola", "intro_four_gaussians"
SEEDS, STEPS, POINTS, LINES, ALONG = 2, 40, 50, 6, 21
FLOORS = {"coverage": (0.96, 0.97, 0.98), "sliced_w2": (0.03, 0.04, 0.05), "modes_covered": (4.0, 4.0, 4.0)}
Values = Mapping[tuple[str, str, str], list[float]]  # (experiment, arm, metric) -> by seed


def settings(dataset: str, **changes: Any) -> Experiment:
    net, adam = {"hidden": [8]}, {"learning_rate": 1e-3}
    field = {"low": [-2.0, -2.0], "high": [2.0, 2.0], "cells": 6}
    return Experiment.model_validate(
        {
            "study": "intro",
            "dataset": dataset,
            "variant": "gan",
            "steps": 1_000,
            "seeds": SEEDS,
            "discriminator_batch": 8,
            "generator_batch": 8,
            "networks": {"generator": net, "discriminator": net},
            "optimizers": {"generator": adam, "discriminator": adam},
            "snapshots": {"points": POINTS, "rest": 4, "field": field, "walk": {"lines": LINES, "points": ALONG}},
        }
        | changes
    )


EXPERIMENTS = {PARABOLA: settings("parabola"), FOUR: settings("four_gaussians", sweep={"latent_dim": DIMS})}


def made(values: Values, diverged: dict[tuple[str, str, int], int] | None = None) -> Scores:
    named = [e for e in EXPERIMENTS if e in {e for e, *_ in [*values, *(diverged or {})]}]
    rows = [
        ("intro", e, arm, seed, metric, value)
        for (e, arm, metric), by_seed in values.items()
        for seed, value in enumerate(by_seed)
    ]
    floor = [
        ("intro", EXPERIMENTS[e].dataset, repeat, metric, value)
        for e in named
        for metric, repeats in FLOORS.items()
        for repeat, value in enumerate(repeats)
    ]
    return Scores(
        pd.DataFrame(rows, columns=["study", "experiment", "arm", "seed", "metric", "value"]),
        pd.DataFrame(floor, columns=["study", "dataset", "repeat", "metric", "value"]),
        diverged or {},
        {e: EXPERIMENTS[e].dataset for e in named},
        {e: EXPERIMENTS[e].model_dump() for e in named},
    )


def claims(values: Values, **options: Any) -> dict[str, Claim]:
    return {claim.key: claim for claim in STUDY.claims(made(values, **options))}


def along(metric: str, *by_seed: float) -> Values:
    return {(PARABOLA, "base", metric): list(by_seed)}


def two(below: list[float], enough: list[float]) -> Values:
    return {(FOUR, f"latent_dim={d}", "coverage"): v for d, v in ((1, below), (2, enough))}


# Claims

CASES: list[tuple[str, Verdict, Values]] = [
    ("walk-length-parabola", "supported", along("walk_length", 0.01, 0.02, 0.015)),
    ("walk-length-parabola", "contradicted", along("walk_length", 0.4, 0.5, 0.45)),
    ("walk-length-parabola", "inconclusive", along("walk_length", 0.01, 0.3, 0.1)),
    ("walk-jump-parabola", "supported", along("walk_jump", 0.1, 0.2, 0.15)),
    ("walk-jump-parabola", "contradicted", along("walk_jump", 0.9, 0.95, 0.92)),
    ("walk-jump-parabola", "inconclusive", along("walk_jump", 0.1, 0.9, 0.5)),
    ("too-small-four-gaussians", "supported", two([0.1, 0.2, 0.1], [0.6, 0.7, 0.65])),
    ("too-small-four-gaussians", "contradicted", two([0.6, 0.65, 0.7], [0.6, 0.64, 0.7])),
    ("too-small-four-gaussians", "inconclusive", two([0.1, 0.7, 0.4], [0.6, 0.2, 0.5])),
]


@pytest.mark.parametrize(("key", "verdict", "values"), CASES)
def test_the_verdict_follows_from_the_scores(key: str, verdict: Verdict, values: Values) -> None:
    claim = claims(values)[key]
    assert claim.verdict == verdict
    assert says_its_range(claim)
    assert claim.remedies == ("gan",)
    assert [f"intro_{claim.where.lower().replace(' ', '_')}"] == [*{experiment for experiment, *_ in values}]
    assert claim.effect.n == 3
    assert claim == claims(values)[key]  # the bootstrap is seeded by the claim alone


@pytest.mark.parametrize(("key", "values"), [(key, values) for key, verdict, values in CASES if verdict == "supported"])
def test_one_seed_decides_nothing(key: str, values: Values) -> None:
    assert claims({k: v[:1] for k, v in values.items()})[key].verdict == "inconclusive"


def test_effects_are_what_the_rules_say() -> None:
    assert claims(along("walk_length", 0.01, 0.02, 0.03))["walk-length-parabola"].effect.value == pytest.approx(0.02)
    small = claims(two([0.2, 0.3, 0.25], [0.8, 0.8, 0.95]))["too-small-four-gaussians"]
    assert small.effect.value == pytest.approx(0.6)
    assert "paired by seed, is at least 0.05 on average" in small.rule


def test_a_swept_experiment_is_judged_at_the_dimension_of_its_data() -> None:
    values = {
        (FOUR, f"latent_dim={d}", metric): [x, 1.1 * x, 0.9 * x]
        for d, x in ((1, 0.9), (2, 0.02), (8, 0.8))
        for metric in ("walk_length", "walk_jump")
    }
    assert usual_arms(made(values)) == {FOUR: "latent_dim=2"}
    assert {key: claim.verdict for key, claim in claims(values).items() if "walk" in key} == {
        "walk-length-four-gaussians": "supported",
        "walk-jump-four-gaussians": "supported",
    }
    without = {key: v for key, v in values.items() if key[1] != "latent_dim=2"}
    assert usual_arms(made(without)) == {FOUR: "latent_dim=1"}


def test_claims_without_their_data_are_left_out() -> None:
    assert claims({}) == {}
    assert set(claims(along("walk_jump", 0.1, 0.1, 0.2))) == {"walk-jump-parabola"}
    assert claims(along("coverage", 0.1, 0.1)) == {}
    assert claims({(FOUR, "latent_dim=2", "coverage"): [0.5, 0.6]}) == {}


def test_pairs_are_made_by_seed() -> None:
    scores = made(two([0.1, 0.2, 0.3], [0.9, 0.9, 0.9]))
    kept = scores.runs[~((scores.runs["arm"] == "latent_dim=2") & (scores.runs["seed"] == 0))]
    (claim,) = STUDY.claims(replace(scores, runs=kept))
    assert (claim.effect.n, claim.effect.value) == (2, pytest.approx(0.65))


# Words and tables


def everything() -> Scores:
    metrics = {"coverage": 0.5, "sliced_w2": 0.1, "walk_length": 0.02, "walk_jump": 0.08, "midpoint_offset": 0.5}
    metrics |= {"midpoint_distance": 1.25, "sum_distance": 2.5}
    arms = [(e, arm) for e, settings in EXPERIMENTS.items() for arm in settings.all_arms()]
    values = {
        (e, arm, metric): [value * (1 + place), value * (1 + place)]
        for place, (e, arm) in enumerate(arms)
        for metric, value in metrics.items()
    }
    return made(values | {(FOUR, arm, "modes_covered"): [4.0, 3.0] for e, arm in arms if e == FOUR})


def test_the_answer_is_about_lines_and_latent_dimensions() -> None:
    smooth, covered, parabola, four, coverage = STUDY.answer(everything())
    assert smooth == (
        "Along a straight latent line, the largest jump is 8 to 24 % of that among samples in random order."
    )  # two seeds cannot decide that it is smooth
    assert covered == "With one latent dimension, a GAN covers 100 % of the real points, with more 150 to 200 %."
    assert parabola == (
        "Parabola: along a straight latent line, the largest jump is 0.08 [0.08, 0.08] times as large as among samples "
        "in random order, and the path is 0.02 [0.02, 0.02] times as long."
    )
    assert "the largest jump is 0.24" in four  # two latent dimensions, the third of all arms
    assert coverage.startswith("Four Gaussians: one latent dimension covers 1 [1, 1]")
    assert STUDY.answer(made({})) == []


def test_the_answer_says_that_the_map_is_smooth_where_all_claims_hold() -> None:
    both = {**along("walk_jump", 0.08, 0.1, 0.09), **along("walk_length", 0.01, 0.02, 0.015)}
    end = "along a straight latent line, the largest jump is 9 % of that among samples in random order."
    assert STUDY.answer(made(both))[0] == f"It learns a smooth map: {end}"
    assert STUDY.answer(made(both | along("walk_length", 0.3, 0.4, 0.5)))[0] == end.capitalize()


def test_headings_of_figures_are_findings(figures: dict[str, Figure]) -> None:
    ends, second = (
        "times as far from the data as a second real sample (sliced Wasserstein distance).",
        "The generator ends",
    )
    assert {name: figure.finding for name, figure in figures.items()} == {
        "parabola_training": f"{second} 2.5 {ends}",
        "four_gaussians_training": f"{second} 5 to 10 {ends}",
        "latent_lines": "Samples do not leap along a straight latent line: the largest jump is 8 to 24 % of that among "
        "samples in random order.",
        "latent_arithmetic": "Sums of latent points land 2.5 to 7.5 times as far from the data as samples, midpoints "
        "1.25 to 3.75 times.",
        "coverage": "With one latent dimension, a GAN covers 100 % of the real points, with more 150 to 200 %.",
    }


def test_tables_say_the_latent_dimension_of_every_row() -> None:
    tables = {table.key: table.frame for table in STUDY.tables(everything())}
    assert list(tables) == ["metrics", "modes", "walks"]
    floor = "real against real"
    assert tables["metrics"]["latent_dim"].tolist() == ["2", floor, "1", "2", "8", floor]
    assert tables["metrics"]["sliced_w2"].tolist() == pytest.approx([0.1, 0.04, 0.2, 0.3, 0.4, 0.04])
    assert "mean_error" not in tables["metrics"]  # never measured
    assert tables["walks"]["sum_distance"].tolist() == [2.5, 5, 7.5, 10]  # real points have no walk: no floor
    assert tables["modes"]["modes_covered"].tolist() == [3.5, 3.5, 3.5, 4]
    assert STUDY.tables(made({})) == []


# Figures


def runs(name: str, diverged: bool = False) -> Runs:
    """Runs whose lines go straight across with one upward jump each: line k jumps after point k + 2, by 0.1 (k + 1)."""
    e, rng = EXPERIMENTS[name], np.random.default_rng(0)
    dataset, arms, schedule = datasets.build(KINDS[e.dataset]), e.all_arms(), np.array(e.snapshots.schedule(STEPS))
    n, frames = len(arms) * SEEDS, len(schedule)
    walk = np.zeros((n, LINES, ALONG, 2))
    walk[..., 0] = np.linspace(-0.5, 0.3, ALONG)
    for line in range(LINES):
        walk[:, line, line + 3 :, 1] = 0.1 * (1 + line)
    fill = np.nan if diverged else 1.0
    return Runs(
        experiment=name,
        settings=e,
        dataset=dataset,
        real=dataset.sample(100, rng).astype(np.float32),
        arm=[arm for arm in arms for _ in range(SEEDS)],
        seed=[seed for _ in arms for seed in range(SEEDS)],
        samples=(fill * rng.normal(size=(n, 100, 2))).astype(np.float32),
        snapshot_steps=schedule,
        snapshots=(fill * rng.normal(size=(n, frames, POINTS, 2))).astype(np.float32),
        diverged_at=[3 if diverged else -1] * n,
        data_sha256="0",
        samples_sha256="0",
        views={"walk": (fill * walk).astype(np.float32), "sums": rng.normal(size=(n, LINES, 2)).astype(np.float32)},
        watched={"field": (fill * rng.normal(size=(n, frames, 6, 6))).astype(np.float32)},
    )


def drawn(diverged: bool = False) -> dict[str, Figure]:
    mine = {name: runs(name, diverged and name == PARABOLA) for name in EXPERIMENTS}
    found = list(itertools.chain.from_iterable(STUDY.figures(mine, everything())))
    assert len({figure.name for figure in found}) == len(found)
    return {figure.name: figure for figure in found}


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    return drawn()


def test_figures_have_pictures_and_captions(figures: dict[str, Figure]) -> None:
    assert list(figures) == [
        "parabola_training", "four_gaussians_training", "latent_lines", "latent_arithmetic", "coverage",
    ]  # fmt: skip
    for name, figure in figures.items():
        assert figure.still.png.startswith(b"\x89PNG\r\n\x1a\n")
        assert (figure.animation is not None) == name.endswith("training")
        assert (figure.animation or b"GIF89a").startswith(b"GIF89a")
        assert len(figure.caption) > 60
        assert set(figure.experiments) <= set(EXPERIMENTS)


def test_alt_texts_state_the_results(figures: dict[str, Figure]) -> None:
    assert "is 0.1, between real and real 0.04." in figures["parabola_training"].alt
    four = figures["four_gaussians_training"].alt
    assert (
        "0.2 with one latent dimension, 0.3 with two latent dimensions and 0.4 with eight latent dimensions, " in four
    )
    assert (
        "on average 0.08 on Parabola and 0.24 on Four Gaussians; the length of the path" in figures["latent_lines"].alt
    )
    assert (
        "Parabola: midpoints 1.25, sums 2.5; Four Gaussians: midpoints 3.75, sums 7.5."
        in figures["latent_arithmetic"].alt
    )
    assert f"Of {LINES} lines" in figures["latent_lines"].caption
    assert figures["latent_lines"].caption.startswith(f"{ALONG} evenly spaced points")


def test_a_typical_and_the_worst_line_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(walks.walks, "paths", lambda *given: calls.append(given) or (b"\x89PNG", (9, 9)))
    mine = {name: runs(name) for name in EXPERIMENTS}
    list(walks.lines(mine, everything(), usual_arms(everything())))
    ((panels, _, columns),) = calls
    assert columns == 2
    assert [panel.title for panel in panels] == [
        f"{data}, {line} line" for line in ("typical", "worst") for data in ("Parabola", "Four Gaussians")
    ]
    # jumps of 0.1 to 0.6: the median of six is the third, and line k jumps after point k + 2
    assert [panel.jump for panel in panels] == [4, 4, 7, 7]
    np.testing.assert_array_equal(panels[1].points, mine[FOUR].views["walk"][SEEDS, 2])  # of two latent dimensions


def test_a_diverged_run_has_no_lines() -> None:
    found = drawn(diverged=True)
    assert found["latent_lines"].experiments == found["latent_arithmetic"].experiments == [FOUR]
    assert "parabola_training" in found


def test_without_walks_or_runs_there_are_fewer_figures() -> None:
    bare = replace(runs(PARABOLA), views={}, watched={})
    names = [f.name for f in itertools.chain.from_iterable(STUDY.figures({PARABOLA: bare}, everything_of(PARABOLA)))]
    assert names == ["parabola_training"]


def everything_of(name: str) -> Scores:
    return made({(e, arm, "sliced_w2"): [0.1, 0.1] for e, arm in [(name, "base")]})
