"""Remedies at equal compute: which snapshot of the longer GAN is read, and what the table, sentence and figure say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from synthetic_modes import GAN, experiment, made

from modescope import studies
from modescope.store.runs import Scores
from modescope.studies.common.entries import entries, find, longer, plain
from modescope.studies.modes import compute

STUDY, RING, LONG = studies.build("modes"), "ring8_heavy", "modes_ring8_heavy_gan_long"
WGAN, R1, VEEGAN = (f"modes_ring8_heavy_{name}" for name in ("wgan_gp", "r1", "veegan"))
SAME: dict[str, Any] = {"seeds": 6}
EXPERIMENTS = {
    GAN: experiment(RING, "gan", **SAME, ema={"decay": 0.999}),
    WGAN: experiment(RING, "wgan_gp", **SAME),
    R1: experiment(RING, "r1", **SAME),
    VEEGAN: experiment(RING, "veegan", **SAME),
    LONG: experiment(RING, "gan", seeds=8, steps=8_000, snapshots={"points": 2_000, "rest": 8}),
}
COSTS = {"gan": 1.0, "wgan_gp": 5.8, "r1": 1.5, "veegan": 9.0}
STEPS = 1_000  # of every training but the longer one
COVERED = {GAN: [3.0, 2, 3, 2, 3, 2], WGAN: [7.0, 8, 6, 7, 8, 6], R1: [6.0, 5, 6, 5, 6, 5], VEEGAN: [4.0] * 6}


def course(name: str, counts: dict[int, float], seeds: int) -> list[dict[str, object]]:
    """Rows of scores during training; odd seeds cover half a mode more than even ones."""
    keys = {"experiment": name, "arm": "base"}
    return [
        {**keys, "seed": seed, "step": step, "modes_covered": count + seed % 2 / 2}
        for seed in range(seeds)
        for step, count in counts.items()
    ]


def scored(long: dict[int, float] | None = None) -> Scores:
    """By default the longer GAN covers one mode more after every 1,000 steps, 5 after those of R1 and 8 in the end."""
    counts = {1_000 * k: 0.75 + k for k in range(9)} if long is None else long
    rows = course(LONG, counts, 8)
    for name in COVERED:
        rows += course(name, {0: 0.0, 500: 2.0, STEPS: 3.0}, 6)
    values = {(name, "base", "modes_covered"): values for name, values in COVERED.items()}
    values |= {(GAN, "ema=0.999", "modes_covered"): COVERED[GAN], (LONG, "base", "modes_covered"): [8.0, 7.0] * 4}
    return replace(made(values, costs=COSTS, experiments=EXPERIMENTS), progress=pd.DataFrame(rows))


def without_yardstick() -> Scores:
    values = {(name, "base", "modes_covered"): values for name, values in COVERED.items()}
    return made(values, costs=COSTS, experiments=EXPERIMENTS)


def test_the_plain_gan_trained_longer_is_no_remedy() -> None:
    scores = scored()
    labels = ["gan", "gan ema=0.999", "wgan_gp", "r1", "veegan"]
    assert [entry.label for entry in entries(scores, RING)] == labels
    found, base, first = longer(scores, RING), plain(scores, RING), find(scores, RING, "gan")
    assert found is not None and base is not None and first is not None  # noqa: PT018
    assert (found.experiment, base.experiment, first.experiment) == (LONG, GAN, GAN)
    leaderboard = next(table for table in STUDY.tables(scores) if table.key == f"leaderboard_{RING}")
    assert leaderboard.frame["remedy"].tolist()[:-1] == ["wgan_gp", "r1", "veegan", "gan", "gan ema=0.999"]
    assert longer(without_yardstick(), RING) is None


@pytest.mark.parametrize(
    "changes", [{"steps": 1_000}, {"steps": 500}, {"latent_dim": 3}, {"hyperparameters": {"saturating": True}}]
)
def test_other_settings_make_it_a_remedy(changes: dict[str, Any]) -> None:
    settings = {"seeds": 8, "steps": 8_000, **changes}
    other = EXPERIMENTS | {LONG: experiment(RING, "gan", **settings)}
    scores = made({(name, "base", "modes_covered"): [4.0, 5.0] for name in (GAN, LONG)}, experiments=other)
    assert longer(scores, RING) is None
    assert "gan_long" in {entry.label for entry in entries(scores, RING)}


def test_the_longer_gan_is_read_at_the_first_snapshot_with_as_much_compute() -> None:
    found = {one.entry.label: one for one in compute.comparisons(scored(), RING)}
    assert {label: one.steps for label, one in found.items()} == {"gan ema=0.999": 1_000, "wgan_gp": 6_000, "r1": 2_000}
    mean = {1_000: 2.0, 2_000: 3.0, 6_000: 7.0}  # 0.75 + k, and a quarter for the odd seeds
    for label, name in (("wgan_gp", WGAN), ("r1", R1)):
        expected = np.mean(COVERED[name]) - mean[found[label].steps]
        assert found[label].found.difference.value == pytest.approx(expected)
    # a step of veegan costs nine of the GAN's, which was trained eight times as long


def test_a_remedy_can_help_at_equal_steps_alone() -> None:
    scores = scored()
    directions = {one.entry.label: one.found.direction for one in compute.comparisons(scores, RING)}
    assert directions == {"gan ema=0.999": "same", "wgan_gp": "same", "r1": "more"}
    table = next(table for table in STUDY.tables(scores) if table.key == f"equal_compute_{RING}")
    rows = table.frame.set_index("remedy")
    assert rows["equal_steps"].to_dict() == {
        "gan ema=0.999": "no significant difference", "wgan_gp": "significantly more", "r1": "significantly more",
    }  # fmt: skip
    assert rows["equal_compute"].to_dict() == {
        "gan ema=0.999": "no significant difference",
        "wgan_gp": "no significant difference",
        "r1": "significantly more",
    }  # fmt: skip
    assert rows["plain_gan_steps"].to_dict() == {"wgan_gp": 6_000, "r1": 2_000, "gan ema=0.999": 1_000}
    assert rows.loc["wgan_gp", "difference_at_equal_steps"] == pytest.approx(np.mean(COVERED[WGAN]) - 2.5)
    assert rows.loc["wgan_gp", "difference_at_equal_compute"] == pytest.approx(np.mean(COVERED[WGAN]) - 7)
    assert "counted on 2,000 points" in table.caption
    assert "differ by 1.5 modes" in table.caption  # 8.75 and 9.25 at the last snapshot, 8 and 7 in the end


def test_the_answer_says_where_only_one_holds() -> None:
    assert compute.answer(scored(), RING) == (
        "Ring8 Heavy, equal compute: after 8 times the steps the plain GAN covers 7.5 [7.05, 7.95] modes. "
        "Significantly more modes at equal steps and at equal compute: R1. At equal steps only: Wgan Gp."
    )
    strong = compute.answer(scored({1_000 * k: 7.5 for k in range(9)}), RING)
    assert "modes. No remedy covers significantly more modes both at equal steps and at equal compute" in strong
    assert strong.endswith(". At equal steps only: Wgan Gp and R1.")
    assert compute.answer(scored(), RING) in STUDY.answer(scored())


def test_the_headline_has_a_column_for_equal_compute() -> None:
    headline = next(table for table in STUDY.tables(scored()) if table.key == "headline")
    rows = headline.frame.set_index("remedy")
    column = f"equal_compute_{RING}"
    assert list(rows.columns).index(column) == list(rows.columns).index(f"against_gan_{RING}") + 1
    assert rows.loc[["gan", "wgan_gp", "r1", "veegan"], column].tolist() == [
        "–", "no significant difference", "significantly more", "–",
    ]  # fmt: skip
    assert "At equal compute:" in headline.caption


def test_without_a_longer_gan_nothing_is_said() -> None:
    scores = without_yardstick()
    assert compute.comparisons(scores, RING) == []
    assert compute.table(scores, RING) is None
    assert compute.figure(scores, RING) is None
    assert compute.answer(scores, RING) == ""
    headline = next(table for table in STUDY.tables(scores) if table.key == "headline")
    assert "compute" not in headline.caption
    assert not [column for column in headline.frame if "compute" in str(column)]
    assert "compute" not in " ".join(STUDY.answer(scores))


def test_curves_against_compute(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(compute.curves, "small_multiples", lambda *a, **k: drawn.append((a, k)) or (b"", (9, 9)))
    figure = compute.figure(scored(), RING)
    assert figure is not None
    (((charts, _), options),) = drawn
    assert [chart.name for chart in charts] == ["Wgan Gp", "R1"]  # the average was not scored during training
    np.testing.assert_allclose(charts[0].steps, [2.9, 5.8])
    np.testing.assert_allclose(charts[1].steps, [0.75, 1.5])
    np.testing.assert_allclose(charts[0].mean, [2.25, 3.25])
    np.testing.assert_allclose(options["reference"].steps, range(1, 9))
    assert options["x_log"]
    assert options["maximum"] == ("all modes", 8.0)
    assert LONG in figure.experiments
    assert "on 60 points, the plain GAN on 2,000" in figure.caption
