"""Rankings at several settings: places, Kendall's tau against SciPy, its interval, and the claims of the study."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau, rankdata

from modescope import studies
from modescope.statistics import Verdict
from modescope.store.runs import Scores
from modescope.studies.common import rankings, ranks
from modescope.studies.common.ranks import FACTORS, Measured, Setting
from modescope.studies.modes import robustness as beside

STUDY = studies.build("robustness")
REMEDIES = ["gan", "gan_instance_noise", "r1", "wgan_gp", "lsgan"]
SETTINGS = [Setting(*levels) for levels in itertools.product((32, 64), (32, 64), (1e-3, 3e-3))]
SEEDS = 6


def frame(values: Mapping[tuple[str, Setting], list[float]]) -> pd.DataFrame:
    """Rows as `evaluate` writes them; other metrics are among them."""
    rows = [
        ("robustness", f"robustness_{s.width}_{s.batch}_{remedy}", f"{ranks.RATE}={s.rate}", seed, metric, value)
        for (remedy, s), found in values.items()
        for seed, one in enumerate(found)
        for metric, value in (("modes_covered", one), ("modes_hit", -one))
    ]
    return pd.DataFrame(rows, columns=["study", "experiment", "arm", "seed", "metric", "value"])


def made(order: Mapping[Setting, list[int]], noise: float = 0.0) -> Measured:
    """Remedies whose mean is 3 times a number of their own at each setting."""
    rng = np.random.default_rng(0)
    values = np.array([[3.0 * order[s][i] + noise * rng.normal(size=SEEDS) for s in SETTINGS] for i in range(5)])
    return Measured(REMEDIES, SETTINGS, values)


SAME = {s: [1, 2, 5, 4, 3] for s in SETTINGS}
BY_RATE = {s: [1, 2, 5, 4, 3] if s.rate == 1e-3 else [5, 4, 1, 2, 3] for s in SETTINGS}


def test_values_are_found_by_the_names_of_experiments_and_arms() -> None:
    values = {
        (r, s): [float(i + j + k) for k in range(3)] for i, r in enumerate(REMEDIES) for j, s in enumerate(SETTINGS)
    }
    found = ranks.measured(frame(values))
    assert found is not None
    assert (found.remedies, found.settings) == (REMEDIES, SETTINGS)
    for (remedy, setting), expected in values.items():
        assert found.values[REMEDIES.index(remedy), SETTINGS.index(setting)].tolist() == expected


def test_a_run_that_diverged_covers_no_mode() -> None:
    values = {(r, s): [4.0, 5.0, 6.0] for r in REMEDIES for s in SETTINGS}
    rows = frame(values)
    lost = (rows["experiment"] == "robustness_64_32_r1") & (rows["arm"].str.endswith("=0.003")) & (rows["seed"] == 1)
    found = ranks.measured(rows[~lost])
    assert found is not None
    assert found.values[REMEDIES.index("r1"), SETTINGS.index(Setting(64, 32, 3e-3))].tolist() == [4, 0, 6]
    assert found.values.sum() == 15 * len(values) - 5


def test_two_remedies_at_two_settings_are_the_fewest() -> None:
    pairs = [(r, s) for r in REMEDIES[:2] for s in SETTINGS[:2]]
    found = ranks.measured(frame({pair: [1.0, 2.0] for pair in pairs}))
    assert found is not None
    assert found.values.shape == (2, 2, 2)
    for fewer in (pairs[:2], pairs[::2]):
        assert ranks.measured(frame({pair: [1.0, 2.0] for pair in fewer})) is None


def test_experiments_of_another_kind_are_no_rankings() -> None:
    rows = frame({("gan", SETTINGS[0]): [1.0]})
    assert ranks.measured(rows) is None
    assert ranks.measured(rows.assign(experiment="modes_grid25_gan")) is None


def test_places_are_those_of_scipy() -> None:
    means = np.random.default_rng(1).integers(0, 4, (3, 5, 8)).astype(float)  # with ties
    np.testing.assert_array_equal(ranks.placed(means), rankdata(-means, axis=1))


def test_tau_is_that_of_scipy() -> None:
    means = np.random.default_rng(2).integers(0, 6, (2, 5, 8)).astype(float)
    chosen = ranks.pairs(SETTINGS)
    assert len(chosen) == 8 * 7 / 2
    expected = [np.mean([kendalltau(m[:, i], m[:, j]).statistic for i, j in chosen]) for m in means]
    np.testing.assert_allclose(ranks.tau(means, means, chosen), expected)


def test_a_setting_at_which_all_are_equal_agrees_with_none() -> None:
    assert ranks.tau(np.ones((3, 2)), np.ones((3, 2)), [(0, 1)]) == 0


@pytest.mark.parametrize("factor", FACTORS)
def test_pairs_of_a_factor_differ_in_nothing_else(factor: str) -> None:
    chosen = ranks.pairs(SETTINGS, factor)
    assert len(chosen) == 4
    for i, j in chosen:
        assert [f for f in FACTORS if getattr(SETTINGS[i], f) != getattr(SETTINGS[j], f)] == [factor]


def test_the_same_order_agrees_and_noise_alone_widens_the_interval() -> None:
    assert ranks.agreement(made(SAME))[:3] == (1, 1, 1)
    noisy = ranks.agreement(made(SAME, 3.0))
    assert 0.4 < noisy.value < 1
    assert 0.05 < noisy.high - noisy.low < 0.4


def test_the_interval_covers_what_six_seeds_measure_on_average() -> None:
    """Of 40 studies with the same true means, nearly all have an interval around the mean of their taus."""
    rng, found = np.random.default_rng(3), []
    for _ in range(40):
        values = made(SAME).values + 3 * rng.normal(size=(5, len(SETTINGS), SEEDS))
        found.append(ranks.agreement(Measured(REMEDIES, SETTINGS, values)))
    mean = np.mean([e.value for e in found])
    assert sum(e.low <= mean <= e.high for e in found) >= 35


def test_halves_of_the_seeds_agree_less_than_perfectly_also_at_one_setting() -> None:
    assert ranks.halves(made(SAME)) == (1, 1)
    same, different = ranks.halves(made(SAME, 3.0))
    assert same < 1
    assert abs(same - different) < 0.1
    same, different = ranks.halves(made(BY_RATE, 0.5))
    assert same > 0.9
    assert different < 0.2


def test_a_remedy_falls_with_the_factor_that_turns_the_order() -> None:
    found = made(BY_RATE, 1.0)
    for factor in FACTORS:
        for row, places in enumerate([-4, -2, 4, 2, 0] if factor == "rate" else [0] * 5):
            shift = ranks.shift(found, row, factor)
            assert shift.value == pytest.approx(places, abs=0.5)
            assert shift.low <= places <= shift.high
    words = rankings.dependent(found, {"r1": "R1"})
    assert "R1 falls by 4 places with rate of D from 0.001 to 0.003" in words
    assert "lsgan" not in words
    assert rankings.dependent(made(SAME), {}).startswith("No remedy’s place depends")


def scores(found: Measured) -> Scores:
    values = {
        (remedy, s): found.values[i, j].tolist()
        for i, remedy in enumerate(found.remedies)
        for j, s in enumerate(found.settings)
    }
    rows = frame(values)
    return Scores(rows, pd.DataFrame(), {}, dict.fromkeys(rows["experiment"], "grid25"))


@pytest.mark.parametrize(
    ("found", "verdicts"),
    [
        (made(SAME, 1.0), ["supported"] * 4),
        (made(BY_RATE, 0.5), ["contradicted", "supported", "supported", "contradicted"]),
        (made(SAME, 7.0), ["inconclusive"] * 4),
    ],
)
def test_claims(found: Measured, verdicts: list[Verdict]) -> None:
    claims = STUDY.claims(scores(found))
    assert [c.key for c in claims] == ["same-ranking", *(f"same-ranking-{factor}" for factor in FACTORS)]
    assert [c.verdict for c in claims] == verdicts


def test_the_page_shows_every_remedy_best_first() -> None:
    found = scores(made(SAME))
    (table,) = STUDY.tables(found)
    assert table.frame["remedy"].tolist() == ["r1", "wgan_gp", "lsgan", "gan_instance_noise", "gan"]
    assert table.frame["mean place"].tolist() == [1, 2, 3, 4, 5]
    (part,) = STUDY.figures({}, found)
    (figure,) = part
    assert "r1 1 (from 1 to 1), wgan_gp 2" in figure.alt
    assert figure.experiments == sorted(found.datasets)
    assert STUDY.answer(found)[0].startswith("Over all pairs of settings, rankings agree with a mean Kendall’s τ of 1 ")


def test_without_such_experiments_the_page_is_empty() -> None:
    nothing = Scores(frame({}), pd.DataFrame(), {}, {})
    assert (STUDY.answer(nothing), STUDY.tables(nothing), STUDY.claims(nothing)) == ([], [], [])
    assert [list(part) for part in STUDY.figures({}, nothing)] == [[]]


def planned(*experiments: str) -> Scores:
    """Nothing but a plan."""
    datasets = {name: name.split("_")[1] for name in experiments}
    return Scores(frame({}), pd.DataFrame(), {}, datasets, {name: {"variant": "gan"} for name in experiments})


def test_the_page_of_the_remedies_shows_the_committed_places() -> None:
    assert beside.figure(planned("modes_ring8_heavy_gan", "long_grid25_gan")) is None
    figure = beside.figure(planned("modes_grid25_gan"))
    assert figure is not None
    committed = ranks.measured(pd.read_csv(beside.SCORES))
    assert committed is not None
    assert figure.alt == rankings.figure(committed, "", [], {}).alt
    assert rankings.agreeing(committed) in figure.caption
    assert figure.caption.startswith("One row per remedy")
