"""The first table of the study of remedies: what each remedy buys on each dataset, and what it costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import synthetic_modes as made_up

from modescope import studies
from modescope.studies import Table
from modescope.studies.modes import leaderboard

WGAN, SATURATING = "modes_ring8_heavy_wgan", "modes_ring8_heavy_gan_saturating"
COVERED, QUALITY = "modes_covered", "high_quality_fraction"
PLAIN = [2.0, 3.0, 2.0, 3.0, 2.0, 3.0]


def headline(values: made_up.Values, **rest: object) -> pd.DataFrame:
    table = leaderboard.headline(made_up.made(values, **rest), ["ring8_heavy", "swiss_roll", "line5"])  # type: ignore[arg-type]
    assert isinstance(table, Table)
    return table.frame.set_index("remedy")


def of(experiment: str, covered: list[float], quality: float = 0.5) -> made_up.Values:
    return {
        (experiment, "base", COVERED): covered,
        (experiment, "base", QUALITY): [quality] * len(covered),
    }


def test_one_row_per_remedy_and_the_floor_last() -> None:
    values = {**of(made_up.GAN, PLAIN), **of(WGAN, [v + 3 for v in PLAIN], 0.75), **of(SATURATING, PLAIN[::-1])}
    frame = headline(values, costs={"gan": 1.0, "wgan": 2.5}, diverged={(WGAN, "base", 6): 40, (WGAN, "base", 7): 9})
    assert list(frame.index) == ["wgan", "gan", "gan_saturating", "real against real"]
    assert frame.loc["gan", "modes_covered_ring8_heavy"] == pytest.approx(2.5)
    assert frame.loc["wgan", "modes_covered_ring8_heavy"] == pytest.approx(5.5)
    assert frame.loc["wgan", "high_quality_fraction_ring8_heavy"] == pytest.approx(0.75)
    assert frame.loc["real against real", "modes_covered_ring8_heavy"] == 8
    assert frame.loc["real against real", "high_quality_fraction_ring8_heavy"] == pytest.approx(0.988)
    assert list(frame["cost"][:3]) == [2.5, 1.0, 1.0]
    assert list(frame["diverged"][:3]) == [2, 0, 0]
    assert pd.isna(frame.loc["real against real", "diverged"])


def test_intervals_contain_the_mean() -> None:
    frame = headline({**of(made_up.GAN, PLAIN), **of(WGAN, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])})
    for remedy in ("gan", "wgan", "real against real"):
        row = frame.loc[remedy]
        name = "modes_covered_ring8_heavy"
        assert row[f"{name}_low"] <= row[name] <= row[f"{name}_high"]


@pytest.mark.parametrize(
    ("covered", "verdict"),
    [
        ([v + 3 for v in PLAIN], "significantly more"),
        ([v - 2 for v in PLAIN], "significantly fewer"),
        (PLAIN[::-1], "no significant difference"),
    ],
)
def test_remedies_are_compared_with_the_plain_gan(covered: list[float], verdict: str) -> None:
    frame = headline({**of(made_up.GAN, PLAIN), **of(WGAN, covered)})
    assert frame.loc["wgan", "against_gan_ring8_heavy"] == verdict
    assert frame.loc["gan", "against_gan_ring8_heavy"] == "–"


def test_a_remedy_whose_runs_all_diverged_is_not_compared() -> None:
    gone = {(WGAN, "base", seed): 5 for seed in range(6)}
    frame = headline({**of(made_up.GAN, PLAIN), **of(SATURATING, PLAIN)}, diverged=gone)
    assert np.isnan(frame.loc["wgan", "modes_covered_ring8_heavy"])
    assert frame.loc["wgan", "against_gan_ring8_heavy"] == "–"
    assert frame.loc["wgan", "diverged"] == 6


def test_without_a_plain_gan_there_is_no_headline() -> None:
    assert leaderboard.headline(made_up.made(of(WGAN, PLAIN)), ["ring8_heavy"]) is None
    assert leaderboard.headline(made_up.made(of(made_up.GAN, PLAIN)), ["ring8_heavy"]) is None


def test_only_datasets_with_modes_and_a_plain_gan_have_columns() -> None:
    table = next(table for table in studies.build("modes").tables(made_up.everything()) if table.key == "headline")
    datasets = {name for name in made_up.KINDS if any(str(c).endswith(name) for c in table.frame)}
    assert datasets == {"ring8_heavy"}
