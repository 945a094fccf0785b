"""The tables of the study `modes`: rows, floor, success, cost, published rows, and what encoders keep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic_modes as made_up
from scipy.stats import ttest_ind
from synthetic_modes import BIGAN, ENCODER, GAN, LINE, made

from modescope import studies
from modescope.params.reading import read
from modescope.statistics import wilson
from modescope.store.runs import Scores
from modescope.studies import Table
from modescope.studies.modes import leaderboard

ROOT = Path(__file__).resolve().parents[2]
STUDY, FLOOR, WGAN = studies.build("modes"), "real against real", "modes_ring8_heavy_wgan"
PUBLISHED = ROOT / "src" / "modescope" / "studies" / "modes" / "published.csv"
METRICS = ("modes_hit", "high_quality_fraction", "mode_kl")


def tables(scores: Scores) -> dict[str, Table]:
    return {table.key: table for table in STUDY.tables(scores)}


def rows(table: Table) -> dict[str, dict[str, Any]]:
    found = {str(row["remedy"]): row for row in table.frame.to_dict("records")}
    assert len(found) == len(table.frame)
    return found


def test_every_dataset_with_generators_has_a_leaderboard() -> None:
    assert list(tables(made_up.everything())) == [
        "headline",
        "leaderboard_ring8_heavy",
        "published_ring8_heavy",
        "leaderboard_line5",
        "leaderboard_swiss_roll",
        "encoding",
    ]
    assert STUDY.tables(made({})) == []


def test_rows_are_the_entries_by_their_mean_and_then_the_floor() -> None:
    table = tables(made_up.everything())["leaderboard_ring8_heavy"]
    assert table.frame["remedy"].tolist() == [
        "gan", "gan_saturating", "wgan", "bigan_pgp", "gan ema=0.999", "bigan", "unrolled", FLOOR,
    ]  # fmt: skip
    assert [entry.label if entry else FLOOR for entry in table.entries] == table.frame["remedy"].tolist()
    columns = table.frame.columns.tolist()
    assert [c for c in columns if not c.endswith(("_low", "_high"))][:6] == [
        "remedy", "modes_covered", "modes_covered_median", "against_gan", "beats_gan", "success",
    ]  # fmt: skip
    assert columns[-2:] == ["seeds", "diverged"]
    assert table.title == "Leaderboard: Ring8 Heavy"


def test_means_intervals_and_counts() -> None:
    scores = made({(GAN, "base", "modes_covered"): [4.0, 6.0, 8.0], (GAN, "base", "kl_qp"): [0.1, np.inf, 0.2]})
    gan, floor = tables(scores)["leaderboard_ring8_heavy"].frame.to_dict("records")
    assert gan["modes_covered"] == pytest.approx(6)
    assert 4 <= gan["modes_covered_low"] < 6 < gan["modes_covered_high"] <= 8
    assert gan["kl_qp"] == np.inf
    assert np.isnan(gan["modes_hit"])
    assert (gan["seeds"], gan["diverged"]) == (3, 0)
    expected = made_up.floor_values("ring8_heavy")["high_quality_fraction"]
    assert floor["high_quality_fraction"] == pytest.approx(np.mean(expected))
    bounds = (floor["high_quality_fraction_low"], floor["high_quality_fraction_high"])
    assert bounds == pytest.approx(np.quantile(expected, [0.05, 0.95]))
    assert (floor["modes_covered"], floor["success"]) == (8, 1)
    assert pd.isna(floor["seeds"])
    assert np.isnan(floor["cost"])


def test_median_and_comparison_with_the_plain_gan() -> None:
    covered = {GAN: [1.0, 2.0, 2.0, 3.0, 3.0, 4.0], WGAN: [6.0, 7.0, 7.0, 8.0, 6.0, 8.0], BIGAN: [2.0, 2.0, 3.0]}
    scores = made({(experiment, "base", "modes_covered"): values for experiment, values in covered.items()})
    table = tables(scores)["leaderboard_ring8_heavy"]
    found = rows(table)
    gan, wgan, bigan = found["gan"], found["wgan"], found["bigan"]
    assert [gan[f"modes_covered_median{end}"] for end in ("", "_low", "_high")] == [2.5, 1, 4]
    assert [wgan["against_gan"], bigan["against_gan"], gan["against_gan"]] == [
        "significantly more", "no significant difference", "–",
    ]  # fmt: skip
    assert [wgan[f"beats_gan{end}"] for end in ("", "_low", "_high")] == [1, 1, 1]
    assert bigan["beats_gan"] == pytest.approx((2 * (1 + 1) + 1 * (3 + 1)) / 18)  # 2 beats 1, ties two; 3 beats 1, 2, 2
    assert np.isnan(gan["beats_gan"])
    p = {e: ttest_ind(covered[e], covered[GAN], equal_var=False).pvalue for e in (WGAN, BIGAN)}
    assert wgan["adjusted_p"] == pytest.approx(2 * p[WGAN])  # Holm: the smaller of two p-values is doubled
    assert bigan["adjusted_p"] == pytest.approx(p[BIGAN])
    assert pd.isna(found[FLOOR]["against_gan"])
    assert "Holm’s method" in table.caption
    alone = tables(made({(BIGAN, "base", "modes_covered"): covered[BIGAN]}))["leaderboard_ring8_heavy"]
    assert "against_gan" not in alone.frame
    assert "Holm" not in alone.caption


def test_success_counts_diverged_seeds() -> None:
    found = rows(tables(made_up.everything())["leaderboard_ring8_heavy"])
    low, high = wilson(2, 3)[1:3]
    wgan = found["wgan"]
    assert (wgan["success"], wgan["seeds"], wgan["diverged"]) == (pytest.approx(2 / 3), 2, 1)
    assert (wgan["success_low"], wgan["success_high"]) == pytest.approx((low, high))
    assert found["bigan"]["success"] == 0
    assert found["gan"]["success"] == 1
    unrolled = found["unrolled"]
    assert (unrolled["success"], unrolled["seeds"], unrolled["diverged"]) == (0, 0, 3)
    assert np.isnan(unrolled["modes_covered"])


def test_an_entry_whose_runs_all_diverged_is_no_gap_in_the_measurement() -> None:
    svg = leaderboard.figure(made_up.everything(), "ring8_heavy").still.svg.decode()  # type: ignore[union-attr]
    assert ">diverged</text>" in svg


def test_costs_are_relative_to_the_plain_gan() -> None:
    found = rows(tables(made_up.everything())["leaderboard_ring8_heavy"])
    costs = {label: found[label]["cost"] for label in ("gan", "gan ema=0.999", "gan_saturating", "wgan", "bigan")}
    assert list(costs.values()) == [1.0, 1.0, 1.0, 2.0, 1.6]
    assert np.isnan(found["bigan_pgp"]["cost"])  # not measured


def test_data_without_modes_have_other_metrics() -> None:
    table = tables(made_up.everything())["leaderboard_swiss_roll"]
    assert {"coverage", "kl_qp", "kl_qp_smoothed", "sliced_w2", "cost"} <= set(table.frame)
    assert not any(name.startswith(("mode", "success")) for name in table.frame)
    assert table.frame["remedy"].tolist() == ["bigan", FLOOR]
    assert table.frame["coverage"].tolist()[1] == pytest.approx(0.97)


def test_an_entry_that_generates_nothing_is_not_ranked() -> None:
    assert list(tables(made({(ENCODER, "base", "modes_kept"): [8.0, 8.0]}))) == ["encoding"]


def test_one_latent_dimension_is_noted() -> None:
    found = tables(made_up.everything())
    assert "latent has one dimension" in found["leaderboard_line5"].caption
    assert "latent has one dimension" not in found["leaderboard_ring8_heavy"].caption


def test_published_rows_repeat_the_paper_with_normal_intervals() -> None:
    values = {(GAN, "base", "modes_covered"): [4.0, 6.0]}
    table = tables(made(values, published={"ring8_heavy": "pacgan_ring8"}))["leaderboard_ring8_heavy"]
    methods = ("GAN", "ALI", "PacGAN2", "PacGAN3", "PacGAN4")
    names = [f"published: {m} (Lin et al. 2018, table 1)" for m in methods]
    assert table.frame["remedy"].tolist() == ["gan", FLOOR, *names]
    gan = rows(table)[names[0]]
    assert (gan["modes_hit"], gan["high_quality_fraction"], gan["mode_kl"]) == (6.3, 0.982, 0.45)
    assert (gan["modes_hit_low"], gan["modes_hit_high"]) == pytest.approx((5.320018, 7.279982))  # 6.3 -+ 1.959964 x 0.5
    assert (gan["mode_kl_low"], gan["mode_kl_high"]) == pytest.approx((0.27360324, 0.62639676))
    assert gan["seeds"] == 10
    assert np.isnan(gan["modes_covered"])
    assert pd.isna(gan["diverged"])
    assert "Rows “published” repeat" in table.caption


def test_a_printed_deviation_over_runs_becomes_an_error_of_the_mean() -> None:
    values = {(GAN, "base", "modes_covered"): [4.0, 6.0]}
    table = tables(made(values, published={"ring8_heavy": "rls_ring8"}))["leaderboard_ring8_heavy"]
    gan = rows(table)["published: GAN (Schreurs et al. 2021, table 1)"]
    half = 1.959964 * 1.1 / 10**0.5
    assert (gan["modes_hit_low"], gan["modes_hit_high"]) == pytest.approx((5 - half, 5 + half))
    assert np.isnan(rows(table)["published: IwGAN (Schreurs et al. 2021, table 1)"]["modes_hit_low"])


def test_what_follows_another_protocol_has_a_table_of_its_own() -> None:
    values = {(GAN, "base", "modes_covered"): [4.0, 6.0], (LINE, "base", "modes_covered"): [4.0, 5.0]}
    found = tables(made(values))
    assert list(found)[:3] == ["leaderboard_ring8_heavy", "published_ring8_heavy", "leaderboard_line5"]
    assert not found["leaderboard_ring8_heavy"].frame["remedy"].str.contains("published").any()
    table = found["published_ring8_heavy"]
    assert "protocol is not" in table.caption
    assert "over 10 runs" in table.caption
    assert "Schreurs et al. 2021, table 1." in table.caption
    by_method = table.frame.set_index("method")
    assert len(by_method) == 11
    gan = by_method.loc["GAN"]
    assert (gan["modes_hit_ring"], gan["modes_hit_grid"]) == (5.0, 8.3)
    assert (gan["high_quality_fraction_ring"], gan["high_quality_fraction_grid"]) == (0.92, 0.29)
    assert gan["modes_hit_grid_high"] == pytest.approx(8.3 + 1.959964 * 3.4 / 10**0.5)
    # Under its protocol the rows stand in the leaderboard, and not a second time.
    assert "published_ring8_heavy" not in tables(made(values, published={"ring8_heavy": "rls_ring8"}))


def test_a_paper_without_errors_has_no_intervals() -> None:
    values = {(GAN, "base", "modes_covered"): [4.0, 6.0]}
    table = tables(made(values, published={"ring8_heavy": "veegan_ring8"}))["leaderboard_ring8_heavy"]
    veegan = rows(table)["published: VEEGAN (Srivastava et al. 2017, table 1)"]
    assert (veegan["modes_hit"], veegan["seeds"]) == (8, 5)
    assert np.isnan([veegan["modes_hit_low"], veegan["modes_hit_high"], veegan["mode_kl"]]).all()


def test_published_rows_stay_with_their_dataset() -> None:
    values = {(GAN, "base", "modes_covered"): [4.0, 6.0], (LINE, "base", "modes_covered"): [4.0, 5.0]}
    found = tables(made(values, published={"ring8_heavy": "pacgan_ring8"}))
    assert found["leaderboard_line5"].frame["remedy"].tolist() == ["bigan", FLOOR]
    assert "published" not in found["leaderboard_line5"].caption


def test_what_encoders_keep() -> None:
    values = {
        (GAN, "base", "modes_covered"): [4.0, 6.0],
        (BIGAN, "base", "reconstruction_error"): [0.1, 0.3],
        (BIGAN, "base", "modes_kept"): [8.0, 8.0],
        (ENCODER, "base", "modes_kept"): [8.0, 6.0, 7.0],
    }
    table = tables(made(values))["encoding"]
    bigan, encoder = table.frame.to_dict("records")
    assert (bigan["dataset"], bigan["remedy"], bigan["seeds"]) == ("ring8_heavy", "bigan", 2)
    assert (encoder["dataset"], encoder["remedy"], encoder["seeds"]) == ("ring8", "encoder", 3)
    assert (bigan["reconstruction_error"], bigan["modes_kept"]) == pytest.approx((0.2, 8))
    assert np.isnan(encoder["reconstruction_error"])
    assert encoder["modes_kept"] == pytest.approx(7)
    assert encoder["modes_kept_low"] < 7 < encoder["modes_kept_high"]
    assert "would cover 0.969 of them" in table.caption
    assert "encoding" not in tables(made({(GAN, "base", "modes_covered"): [4.0]}))


# The file of published values


def published() -> pd.DataFrame:
    return pd.read_csv(PUBLISHED)


def test_published_values_have_their_columns_and_types() -> None:
    frame = published()
    errors = [f"{metric}{end}" for metric in METRICS for end in ("", "_error")]
    assert list(frame) == ["protocol", "method", *errors, "error_is", "trials", "source"]
    assert all(pd.api.types.is_float_dtype(frame[name]) for name in errors)
    assert pd.api.types.is_integer_dtype(frame["trials"])
    assert (
        frame[["protocol", "method", "trials", "source", "modes_hit", "high_quality_fraction"]].notna().all(axis=None)
    )
    assert not frame.duplicated(["protocol", "method"]).any()


def test_published_values_lie_in_their_ranges() -> None:
    frame = published()
    n_modes = frame["protocol"].str.extract(r"_(?:ring|grid)(\d+)$")[0].astype(float)
    assert frame["modes_hit"].between(0, n_modes).all()
    assert frame["high_quality_fraction"].between(0, 1).all()
    assert frame["mode_kl"].dropna().between(0, np.log(n_modes.max())).all()
    assert (frame["trials"] >= 2).all()
    for metric in METRICS:
        error = frame[f"{metric}_error"].dropna()
        assert (error > 0).all()
        assert frame.loc[error.index, metric].notna().all()
        assert frame.loc[error.index, "error_is"].isin(["standard error", "standard deviation"]).all()
    assert frame.loc[frame["error_is"].isna(), [f"{metric}_error" for metric in METRICS]].isna().all(axis=None)


def test_every_protocol_of_the_params_has_published_values() -> None:
    files = [ROOT / "params.yaml", *sorted((ROOT / "extra").glob("*/params.yaml"))]
    followed = [
        protocol for file in files for protocol in read(file)["studies"].get("modes", {}).get("published", {}).values()
    ]
    assert followed
    assert set(followed) <= set(published()["protocol"])
