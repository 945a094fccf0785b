"""The maps of the study `thousand`: which combinations are missing, how often the others come, and what chance does."""

from __future__ import annotations

import math

import numpy as np
import pytest
import synthetic_thousand as made_up
from synthetic_thousand import GAN, HEAVY_GAN, R1, R3GAN

from modescope.figures import squares
from modescope.store.runs import Runs
from modescope.studies.thousand import maps

NAMES = (GAN, R1, R3GAN, HEAVY_GAN)


@pytest.fixture(scope="module")
def runs() -> dict[str, Runs]:
    return {name: made_up.runs(name) for name in NAMES}


def test_the_map_counts_every_combination_run_by_run(runs: dict[str, Runs]) -> None:
    of, weights = runs[GAN], np.full(1_000, 0.001)
    seen = maps.shown(list(of.samples), made_up.classifier())
    assert seen.sum(axis=1).tolist() == [made_up.STACKS] * 2
    assert seen.reshape(2, 10, 10, 10)[:, :5].sum() == 0
    assert maps.missing(seen, weights).tolist() == [500, 500]
    share = maps.share(seen, weights)
    np.testing.assert_allclose(share.ravel(), seen.sum(axis=0) / (2 * made_up.STACKS * 0.001))
    assert share[0].max() == 0
    assert share[5:].mean() == pytest.approx(2)


def test_what_never_comes_in_half_of_the_runs_is_absent() -> None:
    weights, seen = np.full(1_000, 0.001), np.full((4, 1_000), 10)
    seen[:2, 123], seen[2:, 123] = 0, 20
    seen[0, 456] = 0
    assert np.flatnonzero(maps.absent(seen, weights)).tolist() == [123]
    assert maps.missing(seen, weights).tolist() == [2, 1, 0, 0]
    share = maps.share(seen, weights)
    assert share[1, 2, 3] == 0  # though it comes as often as it should in all runs together
    assert share[4, 5, 6] == pytest.approx(30 / 40, rel=1e-3)


def test_the_map_does_not_speak_of_combinations_that_are_too_rare() -> None:
    weights = np.append(np.full(999, 0.9995 / 999), 0.0005)
    seen = np.full((3, 1_000), 8)
    assert maps.known(seen, weights).tolist() == [True] * 999 + [False]  # 4 stacks are expected of the last
    share = maps.share(seen, weights)
    assert math.isnan(share[9, 9, 9])
    assert share[0, 0, 0] == pytest.approx(8 / (8_000 * 0.9995 / 999))
    assert not maps.known(np.zeros((0, 1_000), np.int64), weights).any()


def test_what_chance_alone_leaves_out() -> None:
    seen = np.full((2, 1_000), 6)
    assert maps.by_chance(seen, np.full(1_000, 0.001)) == pytest.approx(1_000 * 0.999**6_000)
    weights = np.append(np.full(999, 0.9995 / 999), 0.0005)  # the last one is too rare to be spoken of
    assert maps.by_chance(seen, weights) == pytest.approx(999 * (1 - 0.9995 / 999) ** 6_000)


def test_the_map_leaves_diverged_runs_out(monkeypatch: pytest.MonkeyPatch, runs: dict[str, Runs]) -> None:
    rows: list[squares.Squares] = []
    monkeypatch.setattr(maps.squares, "rows", lambda found, _: rows.extend(found) or (b"PNG", (9, 9)))
    half = runs | {GAN: made_up.runs(GAN, diverged=[0])}
    assert maps.figure(half, made_up.scored(half), "digits") is not None
    assert [row.title for row in rows] == [
        "real test stacks: 0 of 1,000 combinations never come in 10,000 stacks",
        "the plain GAN: 500 of 1,000 combinations never come in 10,000 stacks",
        "R3Gan: 0 of 1,000 combinations never come in half of its 2 runs or more",
    ]


def test_the_map_leaves_out_who_has_too_few_stacks_to_miss_any(runs: dict[str, Runs]) -> None:
    few = {GAN: made_up.runs(GAN, n=400), R3GAN: runs[R3GAN]}
    figure = maps.figure(few, made_up.scored(few), "digits")
    assert figure is not None
    assert figure.finding == "Digits: combinations that a run leaves out on average, 0 of 1,000 with R3Gan"
    few[R3GAN] = made_up.runs(R3GAN, n=400)
    assert maps.figure(few, made_up.scored(few), "digits") is None
