"""Article 003's protocol trains with the learning rates that did best in the sweep of extra/sharp_tuning."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from statistics import mean

import pandas as pd
import pytest

from modescope.params.config import Experiment, Params
from modescope.params.reading import read
from modescope.plan.check import check

ROOT = Path(__file__).resolve().parents[2]
TUNING, LONG = ROOT / "extra" / "sharp_tuning", ROOT / "extra" / "sharp_long"
FOUND = {
    "ring8_sharp": ("modes_resolved", "resolved_fraction", 8),
    "line5": ("modes_covered", "high_quality_fraction", 5),
}
PROTOCOL = ("latent_dim", "latent", "discriminator_batch", "generator_batch", "networks")


@cache
def params(folder: Path) -> Params:
    return check(read(folder / "params.yaml"))


def sharp(folder: Path) -> dict[str, Experiment]:
    """The experiments of the protocol: those with a latent of one dimension."""
    return {name: e for name, e in params(folder).experiments.items() if (e.study, e.latent_dim) == ("modes", 1)}


@cache
def scores() -> dict[tuple[str, str, int, str], float]:
    """Values by (experiment, arm, seed, metric); diverged runs are not there."""
    frame = pd.read_csv(TUNING / "scores" / "modes.csv")
    return frame.set_index(["experiment", "arm", "seed", "metric"])["value"].to_dict()


@cache
def found() -> dict[str, tuple[float, float]]:
    """By arm the mean share of modes found and the mean share of points that count, over all experiments and seeds."""
    arms: dict[str, list[tuple[float, float]]] = {}
    for name, e in params(TUNING).experiments.items():
        count, share, n_modes = FOUND[e.dataset]
        for arm, _ in e.arms():
            for seed in range(e.seeds):
                counted = scores().get((name, arm, seed, count), 0.0) / n_modes
                arms.setdefault(arm, []).append((counted, scores().get((name, arm, seed, share), 0.0)))
    assert len({len(values) for values in arms.values()}) == 1, "the experiments sweep different arms"
    return {arm: (mean(c for c, _ in values), mean(s for _, s in values)) for arm, values in arms.items()}


def best() -> Experiment:
    arm = max(found(), key=found().__getitem__)
    return dict(next(iter(params(TUNING).experiments.values())).arms())[arm]


def test_the_scores_are_those_of_the_sweep() -> None:
    experiments = params(TUNING).experiments
    planned = {(name, arm, s) for name, e in experiments.items() for arm, _ in e.arms() for s in range(e.seeds)}
    assert {(name, arm, seed) for name, arm, seed, _ in scores()} <= planned
    assert {name for name, *_ in scores()} == set(experiments)
    assert {(e.dataset, e.variant, e.hyperparameters.get("form", "")) for e in experiments.values()} == {
        (dataset, *how) for dataset in FOUND for how in (("bigan", ""), ("bigan_pgp", ""), ("bigan_pgp", "authors"))
    }


def test_no_two_settings_are_equally_good() -> None:
    assert len(set(found().values())) == len(found())


@pytest.mark.parametrize("folder", [ROOT, LONG], ids=["default", "sharp_long"])
def test_what_is_used_did_best(folder: Path) -> None:
    assert sharp(folder)
    for name, mine in sharp(folder).items():
        assert mine.optimizers == best().optimizers, name
        assert {k: getattr(mine, k) for k in PROTOCOL} == {k: getattr(best(), k) for k in PROTOCOL}, name


def test_the_default_run_trains_at_least_as_long_as_the_sweep_and_the_extra_longer() -> None:
    (swept,) = {e.steps for e in params(TUNING).experiments.values()}
    assert min(e.steps for e in sharp(ROOT).values()) == swept
    assert min(e.steps for e in sharp(LONG).values()) > max(e.steps for e in sharp(ROOT).values())


def test_datasets_are_those_of_the_default_run() -> None:
    for dataset in FOUND:
        assert params(ROOT).datasets[dataset] == params(TUNING).datasets[dataset]
