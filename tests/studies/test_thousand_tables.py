"""The tables of the study `thousand`: leaderboards, differences to the plain GAN, and what papers printed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind
from synthetic_thousand import HEAVY_GAN, R1, R3GAN, made, shown

from modescope import studies
from modescope.params.reading import read
from modescope.store.runs import Scores
from modescope.studies import Table
from modescope.studies.thousand import published

ROOT = Path(__file__).resolve().parents[2]
STUDY = studies.build("thousand")


def tables(scores: Scores) -> dict[str, Table]:
    return {table.key: table for table in STUDY.tables(scores)}


def test_the_leaderboard_has_every_entry_and_the_floor() -> None:
    scores = made(shown(700, 702) | shown(950, 951, name=R3GAN), diverged=[(R1, 0), (R1, 1)])
    frame = tables(scores)["leaderboard_digits"].frame
    assert frame["remedy"].tolist() == ["r3gan", "gan", "r1", "real against real"]
    assert frame["modes_recognised"].tolist()[1] == 701
    assert frame["modes_recognised"].tolist()[3] == 1_000
    assert math.isnan(frame["modes_recognised"].tolist()[2])
    assert frame["diverged"].tolist()[:3] == [0, 0, 2]
    assert frame["cost"].tolist()[:3] == [2, 1, 2]
    assert not frame["remedy"].str.contains("published|DCGAN").any()  # other data are never pooled with ours


def test_differences_are_those_of_welch() -> None:
    plain_gan, r3gan = [700.0, 720.0, 690.0], [800.0, 790.0, 850.0]
    frame = tables(made(shown(*plain_gan) | shown(*r3gan, name=R3GAN)))["significance_digits"].frame
    assert frame["remedy"].tolist() == ["r3gan"]
    row = frame.iloc[0]
    assert row["modes_recognised_difference"] == pytest.approx(np.mean(r3gan) - np.mean(plain_gan))
    assert row["modes_recognised_adjusted_p"] == pytest.approx(ttest_ind(r3gan, plain_gan, equal_var=False).pvalue)
    assert row["modes_recognised_verdict"] == "significantly more"
    assert row["recognised_kl_verdict"] == "significantly lower"
    assert row["confident_fraction_verdict"] == "no significant difference"


def test_published_numbers_are_marked_as_other_data() -> None:
    table = tables(made(shown(700, 702)))["published_stacked_mnist"]
    assert table.title == "Published, other data: Stacked MNIST in the papers"
    assert table.caption.startswith("Other data and another protocol, so nothing here is comparable")
    frame = pd.read_csv(Path(published.__file__).with_name("published.csv")).set_index("method")
    assert frame.loc["VEEGAN", ["modes", "kl"]].tolist() == [150, 2.95]
    assert frame.loc["R3GAN", ["modes", "kl"]].tolist() == [1_000, 0.029]
    assert frame.loc["perfect sampler", "kl"] == pytest.approx(999 / 52_000, abs=5e-5)
    assert frame["source"].notna().all()
    assert frame["modes"].between(0, 1_000).all()


def test_a_dataset_that_follows_the_published_protocol_is_of_the_same_kind_of_data() -> None:
    extras = [read(file) for file in sorted((ROOT / "extra").glob("*/params.yaml"))]
    followed = [
        params["datasets"][dataset]["kind"]
        for params in extras
        for dataset, protocol in params["studies"].get("thousand", {}).get("published", {}).items()
        if protocol == published.PROTOCOL
    ]
    assert followed == ["stacked_mnist"]


def test_published_numbers_may_be_held_against_runs_that_follow_the_protocol() -> None:
    plain_gan = made(shown(700, 702))
    followed = Scores(**{**plain_gan.__dict__, "published": {"digits": "stacked_mnist"}})
    table = tables(followed)["published_stacked_mnist"]
    assert table.title == "Published: Stacked MNIST in the papers"
    assert table.caption.startswith("Printed numbers, for runs on Digits alone, which follow this protocol")
    assert not tables(followed)["leaderboard_digits"].frame["remedy"].str.contains("DCGAN").any()


def test_unequal_weights_have_a_word_of_warning() -> None:
    values = shown(700, 702, name=HEAVY_GAN)
    assert "Showing more is no merit" in tables(made(values))["leaderboard_digits_heavy"].caption
    assert "no merit" not in tables(made(shown(700, 702)))["leaderboard_digits"].caption
