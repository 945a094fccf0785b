"""What the figures of the study `modes` say they show, also where nothing differs, one run is left or all diverged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from synthetic_modes import GAN, Values, made
from test_equal_compute import RING, scored, without_yardstick

from modescope.figures.curves import Curve
from modescope.store.runs import Scores
from modescope.studies.common import against, grids, leaderboards, rankings
from modescope.studies.common.entries import entries
from modescope.studies.common.ranks import Measured, Setting
from modescope.studies.modes import compute, latent_planes, leaderboard, progress

WGAN = "modes_ring8_heavy_wgan"
FOUR, EIGHT, ONE = [4.0, 4.0, 5.0] * 2, [8.0, 8.0, 7.0] * 2, [1.0, 2.0, 1.0] * 2


def counted(**by_name: list[float]) -> Scores:
    values: Values = {(f"modes_ring8_heavy_{name}", "base", "modes_covered"): found for name, found in by_name.items()}
    return made(values)


@pytest.mark.parametrize(
    ("by_name", "finding"),
    [
        (
            {"gan": FOUR, "wgan": EIGHT, "gan_saturating": FOUR, "bigan": ONE},
            "Ring8 Heavy: one of three remedies keeps significantly more modes than the plain GAN, one fewer",
        ),
        (
            {"gan": FOUR, "wgan": EIGHT, "gan_saturating": EIGHT},
            "Ring8 Heavy: both remedies keep significantly more modes than the plain GAN",
        ),
        (
            {"gan": FOUR, "wgan": FOUR, "bigan": ONE},
            "Ring8 Heavy: none of two remedies keeps significantly more modes than the plain GAN, one fewer",
        ),
        (
            {"gan": FOUR, "wgan": FOUR},
            "Ring8 Heavy: the one remedy compared does not keep significantly more modes than the plain GAN",
        ),
        ({"wgan": EIGHT, "bigan": ONE}, "Ring8 Heavy: Wgan keeps the most modes on average, 7.67 of 8"),
        ({"wgan": ONE, "bigan": ONE}, ""),  # nobody keeps the most
        ({"gan": [4.0], "wgan": [8.0]}, "Ring8 Heavy: Wgan keeps the most modes on average, 8 of 8"),  # not compared
    ],
)
def test_the_ranking(by_name: dict[str, list[float]], finding: str) -> None:
    scores = counted(**by_name)
    assert leaderboard._finding(scores, RING, leaderboard._measured(scores, RING)) == finding


def test_the_ranking_where_all_runs_of_the_remedies_diverged() -> None:
    gone = {(WGAN, "base", seed): 9 for seed in range(3)}
    scores = made({(GAN, "base", "modes_covered"): FOUR}, diverged=gone)
    assert leaderboard._finding(scores, RING, leaderboard._measured(scores, RING)) == ""


def test_two_runs_are_compared_and_one_is_not() -> None:
    scores = counted(gan=[1.0, 2.0], wgan=[7.0, 8.0], bigan=[8.0])
    assert list(against.compared(scores, RING, "modes_covered")) == ["wgan"]
    assert against.compared(counted(gan=[1.0], wgan=[7.0, 8.0]), RING, "modes_covered") == {}


def test_remedies_are_told_by_direction_and_the_rest_is_counted() -> None:
    scores = counted(gan=FOUR, wgan=EIGHT, gan_saturating=FOUR, bigan=ONE)
    found = against.compared(scores, RING, "modes_covered")
    titles = {e.label: e.title for e in leaderboards.ordered(scores, entries(scores, RING), "modes_covered")}
    assert list(titles) == ["wgan", "gan", "gan_saturating", "bigan"]  # equal means keep their order
    assert against.told(found, titles) == [
        "Significantly more: Wgan.",
        "Significantly fewer: Bigan.",
        "Gan (saturating) does not differ significantly.",
        "p-values are adjusted for 3 comparisons (Holm).",
    ]
    same = dict.fromkeys(("wgan", "bigan"), found["gan_saturating"])
    titled = titles | {"wgan": "GAN, averaged weights"}
    assert against.told({"wgan": found["wgan"], "gan_saturating": found["wgan"]}, titled)[0] == (
        "Significantly more: GAN, averaged weights; Gan (saturating)."
    )
    assert against.told(same, titles)[0] == "None of the two compared differs significantly."
    assert against.told({}, titles) == []


@pytest.mark.parametrize(
    ("counts", "finding"),
    [
        (
            {"wgan": 8.0, "gan": 4.0, "bigan": 1.0},
            "the run of Wgan keeps 8 of 8 modes, that of the plain GAN 4 and that of Bigan 1",
        ),
        ({"gan": 4.0, "bigan": 1.0}, "the run of the plain GAN keeps 4 of 8 modes, that of Bigan 1"),
        ({"wgan": 8.0, "bigan": 8.0}, "every run drawn keeps 8 of 8 modes"),
        ({"wgan": 8.0}, ""),
    ],
)  # fmt: skip
def test_the_samples(counts: dict[str, float], finding: str) -> None:
    scores = counted(**{name: [count] for name, count in counts.items()})
    drawn = [(e, 0) for e in entries(scores, RING)]
    assert grids._finding(scores, RING, drawn) == (f"Ring8 Heavy: {finding}" if finding else "")
    assert grids._finding(scores, RING, [(e, 7) for e, _ in drawn]) == ""  # the runs drawn diverged


def curve(name: str, *mean: float) -> Curve:
    values = np.array(mean)
    return Curve(name, 100 * np.arange(len(mean)), values, values, values)


@pytest.mark.parametrize(
    ("charts", "finding"),
    [
        (
            {"gan": curve("Gan", 0, 6, 4), "wgan": curve("Wgan", 0, 5, 7)},
            "during training the plain GAN keeps up to 6 of 8 modes on average; Wgan ends with 7",
        ),
        (
            {"gan": curve("Gan", 0, 6, 4), "wgan": curve("Wgan", 0, 7, 6)},
            "during training the plain GAN keeps up to 6 of 8 modes on average; no remedy ends with more",
        ),
        (
            {"wgan": curve("Wgan", 0, 7, 6), "bigan": curve("Bigan", 0, 1, 2)},
            "Wgan ends with the most modes on average, 6 of 8",
        ),
        ({"wgan": curve("Wgan", 0, 2), "bigan": curve("Bigan", 0, 2)}, ""),
        ({"gan": curve("Gan", 0, 6, 4), "wgan": curve("Wgan", 0, 5)}, ""),  # the remedy's runs had all diverged
    ],
)
def test_the_training(charts: dict[str, Curve], finding: str) -> None:
    assert progress._finding(counted(gan=FOUR), RING, charts) == (f"Ring8 Heavy: {finding}" if finding else "")


def test_the_longer_training() -> None:
    def told(scores: Scores) -> str:
        found = compute.comparisons(scores, RING)
        base, yardstick = compute.plain(scores, RING), compute.longer(scores, RING)
        return "" if base is None or yardstick is None else compute._finding(scores, RING, found, base, yardstick)

    takes = "Ring8 Heavy: eight times the steps take the plain GAN from 2.5 to 7.5 of 8 modes;"
    assert told(scored()) == f"{takes} one of two remedies keeps significantly more at equal compute"
    full = scored({1_000 * k: 7.5 for k in range(9)})
    assert told(full) == f"{takes} none of two remedies keeps significantly more at equal compute"
    assert told(without_yardstick()) == ""


def test_the_inverses() -> None:
    told: Any = latent_planes._inverted
    unit = "standard deviations of the data"
    assert told("Line", [("A", 0.5), ("B", 0.1)]) == (
        f"Line: reconstructions G(E(x)) miss x by 0.1 {unit} at best (B), at worst by 0.5 (A)"
    )
    assert told("Line", [("A", 0.5), ("B", np.nan)]) == f"Line: reconstructions G(E(x)) miss x by 0.5 {unit} (A)"
    assert told("Line", [("A", np.nan)]) == ""


def test_the_places() -> None:
    settings = [Setting(32, 32, 0.001), Setting(64, 32, 0.001)]

    def finding(*means: float) -> str:
        values = np.array([[[mean] * 2] * 2 for mean in means])
        found = Measured(["gan", "r1", "wgan"], settings, values)
        return rankings.figure(found, "", [], {"r1": "R1"}).finding

    assert finding(1, 3, 2) == (
        "Over two other settings R1 ranks first on average, with a mean place of 1 of 3, and gan last"
    )
    assert finding(1, 1, 2) == ""  # the last place is shared
