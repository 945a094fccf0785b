"""The study `point` on synthetic lines: shares, chosen seeds, claims, losses by quadrature, and figures."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import expit
from stated import says_its_range

from modescope import studies
from modescope.datasets.constant import Constant
from modescope.metrics.point import Point
from modescope.params.config import Experiment
from modescope.statistics import Verdict
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure
from modescope.studies.point import handmade, lines
from modescope.studies.point import settings as point

STUDY = studies.build("point")
SWEEPS: dict[str, dict[str, list[float]]] = {
    "point_baseline": {},
    "point_easing": {},
    "point_weighting": {},
    "point_weight_decay": {point.DECAY: [0.1, 1e-3]},
    "point_noise": {point.NOISE: [0.5, 1.5]},
    "point_noise_and_decay": {point.DECAY: [0.1]},
}
RIGHT, OFF, FAR = (0.0, 1.0), (0.0, 1.5), (0.5, 1.0)  # (w, b) of a run that succeeds and of two that do not
STEPS = np.array([0, 20, 40])
Lines = Mapping[tuple[str, str], Iterable[tuple[float, float]]]  # (experiment, arm) -> (w, b) by seed


def experiment(name: str) -> Experiment:
    adam = {"learning_rate": 0.05}
    return Experiment.model_validate(
        {
            "study": "point",
            "dataset": "one",
            "variant": "point",
            "steps": 40,
            "seeds": 3,
            "latent_dim": 1,
            "discriminator_batch": 4,
            "generator_batch": 4,
            "networks": {"discriminator": {"hidden": [2], "activation": "tanh"}},
            "optimizers": {"generator": adam, "discriminator": adam},
            "snapshots": {"points": 1, "rest": 2, "field": {"low": [-1.0], "high": [3.0], "cells": 5}},
            "hyperparameters": {"parameter_noise": 0.0},
            "sweep": SWEEPS[name],
        }
    )


def made(lines: Lines, diverged: Mapping[tuple[str, str, int], int] | None = None) -> Scores:
    """Scores of runs that end with these lines; seeds count from 0 and skip diverged ones."""
    rows: list[tuple[Any, ...]] = []
    lost = diverged or {}
    for (name, arm), ends in lines.items():
        seeds = (seed for seed in itertools.count() if (name, arm, seed) not in lost)
        for seed, end in zip(seeds, ends, strict=False):
            found = Point().score_views(np.ones((20, 1)), {"line": np.array(end)}, Constant())
            rows += [("point", name, arm, seed, metric, value) for metric, value in found.items()]
    frame = pd.DataFrame(rows, columns=["study", "experiment", "arm", "seed", "metric", "value"])
    floors = pd.DataFrame([], columns=["study", "dataset", "repeat", "metric", "value"])
    names = dict.fromkeys([*dict.fromkeys(name for name, _ in lines), *dict.fromkeys(e for e, *_ in lost)], "one")
    return Scores(frame, floors, lost, names, {name: experiment(name).model_dump() for name in names})


def base(*ends: tuple[float, float], name: str = "baseline") -> Lines:
    return {(f"point_{name}", "base"): ends}


def share(k: int, n: int = 500) -> list[tuple[float, float]]:
    """The ends of n runs of which k succeed, spread evenly over the seeds."""
    return [RIGHT if (seed * k) % n < k else OFF for seed in range(n)]


# Settings


def test_settings_have_short_names_in_the_order_of_the_plan() -> None:
    arms = [("point_weight_decay", f"{point.DECAY}=0.1"), ("point_weight_decay", f"{point.DECAY}=0.001")]
    scores = made({**base(RIGHT), arms[0]: [OFF], arms[1]: [OFF], ("point_noise", f"{point.NOISE}=1.5"): [RIGHT]})
    labels = [s.label for s in point.settings(scores)]
    titles = [s.title for s in point.settings(scores)]
    assert titles == ["Baseline", "Weight decay at 0.1", "Weight decay at 0.001", "Noise at 1.5"]
    named = replace(scores, experiment_titles={"point_noise": "Noise on G", "point_baseline": "Single-point GAN"})
    assert [s.title for s in point.settings(named)][::3] == ["Baseline", "Noise on G at 1.5"]
    assert labels == ["baseline", "weight decay 0.1", "weight decay 0.001", "noise 1.5"]
    found = point.find(scores, "weight_decay", {point.DECAY: 1e-3})
    assert found is not None
    assert (found.experiment, found.arm) == arms[1]
    assert point.find(scores, "weight_decay", {point.DECAY: 0.01}) is None
    assert point.find(scores, "weight_decay") is None
    assert point.find(scores, "noise", {point.DECAY: 1.5}) is None


def test_diverged_runs_are_failures() -> None:
    scores = made(base(*[RIGHT] * 7), {("point_baseline", "base", 3): 20})
    setting = point.settings(scores)[0]
    assert point.successes(scores, setting).to_dict() == {s: float(s != 3) for s in range(8)}
    found = point.share(scores, setting)
    # Wilson: (k + z^2/2 +- z sqrt(k (n - k) / n + z^2/4)) / (n + z^2)
    z = 1.959964
    centre, half = (7 + z**2 / 2) / (8 + z**2), z * math.sqrt(7 / 8 + z**2 / 4) / (8 + z**2)
    assert found == pytest.approx((0.875, centre - half, centre + half, 8), abs=1e-5)
    seeds, ends = point.finals(scores, setting)
    assert seeds.tolist() == [0, 1, 2, 4, 5, 6, 7]
    np.testing.assert_array_equal(ends, [RIGHT] * 7)


@pytest.mark.parametrize(
    ("ends", "typical", "failing"),
    [
        ([(0.0, 1.3), RIGHT, (0.05, 1.0), (3.0, 1.0), (0.0, 0.8)], 4, 0),  # distances 0.3, 0, 0.05, 3, 0.2
        ([RIGHT, (0.05, 1.0)], 0, None),
        ([OFF, (0.0, 2.0), RIGHT, (0.3, 1.0)], 3, 0),  # 0.5, 1, 0, 0.3: the nearer of the middle two
    ],
)
def test_the_seed_that_is_shown(ends: list[tuple[float, float]], typical: int, failing: int | None) -> None:
    scores = made(base(*ends))
    setting = point.settings(scores)[0]
    assert point.typical(scores, setting, failing=False) == typical
    assert point.typical(scores, setting, failing=True) == failing


# Claims


def claims(lines: Lines) -> dict[str, Claim]:
    return {claim.key: claim for claim in STUDY.claims(made(lines))}


@pytest.mark.parametrize(("failures", "verdict"), [(100, "supported"), (5, "inconclusive"), (0, "contradicted")])
def test_the_baseline_sometimes_fails(failures: int, verdict: Verdict) -> None:
    found = claims(base(*share(500 - failures)))
    assert set(found) == {"baseline-fails", "looks-and-loss"}
    assert (found["baseline-fails"].verdict, found["baseline-fails"].effect.value) == (verdict, failures / 500)
    assert found["baseline-fails"].rule.endswith(" is between 0.01 and 0.99.")


ARMS = {
    "decay-0.1": ("point_weight_decay", f"{point.DECAY}=0.1"),
    "decay-0.001": ("point_weight_decay", f"{point.DECAY}=0.001"),
    "noise-0.5": ("point_noise", f"{point.NOISE}=0.5"),
    "noise-1.5": ("point_noise", f"{point.NOISE}=1.5"),
}


@pytest.mark.parametrize("key", list(ARMS))
@pytest.mark.parametrize(
    ("successes", "verdict"), [(400, "supported"), (330, "inconclusive"), (200, "contradicted"), (290, "contradicted")]
)
def test_what_helps(key: str, successes: int, verdict: Verdict) -> None:
    found = claims({**base(*share(300)), ARMS[key]: share(successes)})[key]
    assert found.verdict == verdict
    assert says_its_range(found)
    assert found.remedies == ("point",)
    assert found.effect.value == pytest.approx((successes - 300) / 500)
    assert found.effect.n == 500


def test_what_does_not_help_may_harm_or_help_a_little() -> None:
    verdicts = [
        claims({**base(*share(300)), **base(*share(k), name="weighting")})["weighting"].verdict
        for k in (200, 300, 345, 450)
    ]
    assert verdicts == ["supported", "supported", "inconclusive", "contradicted"]


def test_noise_against_more_noise_and_with_decay() -> None:
    noise = {ARMS["noise-0.5"]: share(400), ARMS["noise-1.5"]: share(480)}
    both = ("point_noise_and_decay", f"{point.DECAY}=0.1")
    found = claims({**noise, both: share(500)})
    judged = [claim for key, claim in found.items() if key != "looks-and-loss"]
    assert all(says_its_range(claim) and claim.remedies == ("point",) for claim in judged)
    verdicts = {key: claim.verdict for key, claim in found.items() if key != "looks-and-loss"}
    assert verdicts == {
        "noise-0.5-fails": "supported",
        "noise-1.5-fails": "supported",
        "more-noise": "supported",
        "both-0.1": "supported",
    }
    assert claims({both: share(499)})["both-0.1"].verdict == "inconclusive"
    assert claims({both: share(480)})["both-0.1"].verdict == "contradicted"
    assert claims({ARMS["noise-1.5"]: share(500)})["noise-1.5-fails"].verdict == "contradicted"


def test_a_rule_states_no_end_that_every_share_has() -> None:
    both = ("point_noise_and_decay", f"{point.DECAY}=0.1")
    found = claims({ARMS["noise-0.5"]: share(4, 6), both: share(4, 6)})
    for key, ends in (("noise-0.5-fails", "at least 0.01"), ("both-0.1", "at most 0.01")):
        assert found[key].rule == f"The share of seeds that fail, with its Wilson interval, is {ends}."


def test_more_stable_means_a_smaller_spread_wherever_seeds_end() -> None:
    rng = np.random.default_rng(0)
    spread = [tuple(end) for end in rng.normal((0, 1), 0.2, (100, 2))]
    narrow = [(w / 2 + 0.3, b / 2 + 2) for w, b in spread]
    assert claims({**base(*spread), **base(*narrow, name="easing")})["easing"].verdict == "supported"
    assert claims({**base(*narrow), **base(*spread, name="easing")})["easing"].verdict == "contradicted"
    alike = claims({**base(*spread), **base(*spread[::-1], name="easing")})["easing"]
    assert (alike.verdict, alike.reason) == ("contradicted", "no material effect")
    few = claims({**base(*spread[:10]), **base(*narrow[10:20], name="easing")})["easing"]
    assert (few.verdict, few.reason) == ("inconclusive", "too few seeds")


# Discriminators made by hand


@pytest.mark.parametrize("line", [(0.3, 0.3), (1.0, -1.0), (0.0, 1.0), (-0.7, 0.9)])
@pytest.mark.parametrize("name", list(handmade.DISCRIMINATORS))
def test_losses_are_integrals(name: str, line: tuple[float, float]) -> None:
    logit = handmade.DISCRIMINATORS[name]

    def probability(x: float) -> float:
        return float(expit(logit(np.array([x])))[0])

    fake = quad(lambda z: -math.log(1 - probability(line[0] * z + line[1])) / 2, -1, 1, limit=200)[0]
    expected = (-math.log(probability(1.0)) + fake) / 2
    assert handmade.loss(logit, *line) == pytest.approx(expected, abs=1e-7)


def test_known_losses_and_directions() -> None:
    made_by_hand = handmade.DISCRIMINATORS
    assert handmade.loss(made_by_hand["flat"], 0.4, -0.2) == pytest.approx(math.log(2))
    assert handmade.leads(made_by_hand["flat"]) == 0
    assert handmade.leads(made_by_hand["slope"]) == pytest.approx(0.5)  # to 1 from below, away from it above
    assert list(made_by_hand)[handmade.best_looking()] == "wide bell"


def test_looks_and_loss_is_judged_from_the_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert handmade.judged().verdict == "supported"
    narrow, flat = (handmade.DISCRIMINATORS[name] for name in ("narrow bell", "flat"))
    monkeypatch.setattr(handmade, "DISCRIMINATORS", {"flat": flat, "narrow bell": narrow})
    found = handmade.judged()
    assert "the narrow bell leads" in found.rule
    assert found.verdict == "contradicted"  # it leads from more places and also has the smaller loss
    losses = handmade.losses(handmade.LINES)
    assert found.effect.value == pytest.approx(np.mean(losses[:, 1] - losses[:, 0]))


# Tables, answer, figures


def test_table_by_hand() -> None:
    table, by_hand = STUDY.tables(made(base(RIGHT, (0.2, 1.0), (0.1, 1.3)), {("point_baseline", "base", 1): 20}))
    row = table.frame.iloc[0]
    assert (row["setting"], row["seeds"], row["diverged"]) == ("Baseline", 3, 1)
    assert row["success"] == 0.25
    assert row["final_weight"] == pytest.approx(0.1)
    assert row["final_weight_deviation"] == pytest.approx(0.1)
    assert row["final_bias_deviation"] == pytest.approx(math.sqrt(0.03))
    assert by_hand.frame["discriminator"].tolist() == list(handmade.DISCRIMINATORS)
    assert STUDY.tables(made({})) == []


def test_the_answer_lists_significant_differences_and_the_rest() -> None:
    lines = {
        **base(*share(300)),
        **base(*share(305), name="easing"),
        ARMS["decay-0.1"]: share(50),
        ARMS["noise-0.5"]: share(450),
    }
    assert STUDY.answer(made(lines)) == [
        "Noise at 0.5 finds the number in 90 % of the runs, the baseline in 60 % of 500 runs.",
        "The baseline’s share of successful runs is 0.6 [0.556, 0.642].",
        "Significantly more often: Noise at 0.5 (90 %).",
        "Significantly less often: Weight decay at 0.1 (10 %).",
        "Intervals overlap: Easing (61 %).",
    ]
    overlapping = {**base(*share(300)), **base(*share(305), name="easing")}
    assert STUDY.answer(made(overlapping))[0] == (
        "The baseline finds the number in 60 % of 500 runs, and no setting significantly more often."
    )
    assert STUDY.answer(made(base(*share(300))))[0] == "The baseline finds the number in 60 % of 500 runs."
    assert STUDY.answer(made({ARMS["noise-0.5"]: share(450)})) == [
        "Noise at 0.5 finds the number in 90 % of the runs, the most of all settings."
    ]
    assert STUDY.answer(made({})) == []


def test_rows_are_in_the_order_of_success() -> None:
    lines = {**base(*share(300)), ARMS["decay-0.1"]: share(50), ARMS["noise-0.5"]: share(450)}
    settings = STUDY.tables(made(lines))[0].frame["setting"].tolist()
    assert settings == ["Noise at 0.5", "Baseline", "Weight decay at 0.1"]


def test_claims_are_about_a_setting() -> None:
    found = claims({**base(*share(300)), ARMS["decay-0.1"]: share(50), ARMS["decay-0.001"]: share(50)})
    decays = [found[key] for key in ("decay-0.1", "decay-0.001")]
    assert {claim.statement for claim in decays} == {"Weight decay on the discriminator helps."}
    assert [claim.where for claim in decays] == ["Weight decay at 0.1", "Weight decay at 0.001"]
    assert found["decay-0.1"].rule.startswith("The success rate minus that of “Baseline”, paired by seed,")
    assert {claim.remedies for claim in found.values()} == {("point",)}


def runs_of(name: str, line: np.ndarray, arms: Iterable[str] = ("base",)) -> Runs:
    """Three seeds per arm; `line` is (runs, snapshots, 2)."""
    arm = [a for a in arms for _ in range(3)]
    n = len(arm)
    field = np.broadcast_to(np.array([-9.0, -9.0, 0.0, 2.0, -9.0], np.float32), (n, len(STEPS), 5))
    return Runs(
        name,
        experiment(name),
        Constant(),
        np.ones((20, 1), np.float32),
        arm,
        [0, 1, 2] * (n // 3),
        np.ones((n, 20, 1), np.float32),
        STEPS,
        np.ones((n, len(STEPS), 1, 1), np.float32),
        [-1] * n,
        "",
        "",
        {},
        {"line": line.astype(np.float32), "field": field},
    )


ENDS = [(0.05, 1.0), (0.5, 2.0), (0.0, 1.2)]


def moving() -> np.ndarray:
    """(3 seeds, 3 snapshots, 2): from (1, 0) straight to the ends."""
    ends = np.array(ENDS)[:, None]
    along = np.array([0, 0.5, 1])[None, :, None]
    return (1 - along) * np.array([1.0, 0.0]) + along * ends


def drawn(lines: Lines, runs: Mapping[str, Runs]) -> dict[str, Figure]:
    return {f.name: f for f in itertools.chain.from_iterable(STUDY.figures(runs, made(lines)))}


def test_all_figures_have_words() -> None:
    found = drawn(base(*ENDS), {"point_baseline": runs_of("point_baseline", moving())})
    assert list(found) == ["success", "progress_weight", "progress_bias", "typical", "failing", "handmade"]
    assert found["success"].alt.endswith("Share of successful seeds: Baseline 0.333.")
    # b at the end: 1, 2 and 1.2, mean 1.4, deviation sqrt(0.56 / 3)
    assert "at the end Baseline 1.4 ± 0.432." in found["progress_bias"].alt
    assert "Baseline at w 0, b 1.2." in found["typical"].alt  # distances 0.05, 1.12, 0.2
    assert "Baseline at w 0, b 1.2." in found["failing"].alt
    assert found["typical"].animation is not None
    assert found["typical"].animation[:6] == b"GIF89a"
    assert all(f.still.png[:4] == b"\x89PNG" for f in found.values())
    assert "flat 0.693" in found["handmade"].alt
    assert {name: figure.finding for name, figure in found.items()} == {
        "success": "The baseline finds the number in 33 % of 3 runs.",
        "progress_weight": "On average w ends at 0.183, where 0 is right.",
        "progress_bias": "On average b ends at 1.4, where 1 is right.",
        "typical": "In no setting does a typical seed find the number.",
        "failing": "Seeds fail in every setting: 67 % of them.",
        "handmade": "The wide bell leads the generator best, but the narrow bell has a smaller loss: 0.0214 against "
        "0.68 nats.",
    }


def test_lines_and_bells_of_a_run() -> None:
    runs = runs_of("point_baseline", moving())
    scores = made(base(*ENDS))
    chart = lines._chart(runs, point.settings(scores)[0], 1, [0, 2])
    real, bell, line = chart.lines
    assert chart.title == "Baseline (1)"
    assert (real.points[0, :, 0] == 1).all()
    np.testing.assert_allclose(line.points[0], [[-1, -1], [1, 1]])  # w 1, b 0
    np.testing.assert_allclose(line.points[1], [[1.5, -1], [2.5, 1]])  # w 0.5, b 2
    at = {x: bell.points[0][np.abs(bell.points[0][:, 0] - x).argmin(), 1] for x in (-1.0, 1.0, 1.5, 2.0)}
    expected = {-1.0: expit(-9), 1.0: 0.5, 1.5: expit(1.0), 2.0: expit(2.0)}  # the logit is linear between cells
    assert at == pytest.approx(expected, abs=1e-6)


def test_nothing_is_drawn_without_data(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn({}, {}) == {}
    for module, name in ((lines.curves, "ranking"), (lines.lines, "still")):
        monkeypatch.setattr(module, name, lambda *_, **__: (b"", (0, 0)))
    monkeypatch.setattr(lines.lines, "animate", lambda *_, **__: SimpleNamespace(gif=b""))
    scores, runs = made(base(RIGHT, RIGHT, RIGHT)), runs_of("point_baseline", moving())
    assert [f.name for f in lines.seeds({"point_baseline": runs}, scores)] == ["typical"]
    bare = Runs(**{**runs.__dict__, "watched": {}})
    assert list(drawn(base(*ENDS), {"point_baseline": bare})) == ["success", "handmade"]
