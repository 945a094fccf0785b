"""The study `thousand` trains every remedy with the settings that did best in the sweep of extra/thousand_tuning."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from modescope.params.config import Experiment, Params
from modescope.params.reading import read
from modescope.plan.check import check

ROOT = Path(__file__).resolve().parents[2]
TUNING, LONG = ROOT / "extra" / "thousand_tuning", ROOT / "extra" / "thousand_long"
EVEN, HEAVY, SWEPT = "thousand_digits_", "thousand_digits_heavy_", "tuning_digits_"
MOMENTUM = "_momentum"
OTHERWISE = ("gan_ttur", "gan_momentum")  # further arms of the plain GAN's sweep
ALIKE = {"dataset", "variant", "steps", "latent_dim", "latent", "discriminator_batch", "generator_batch", "networks"}
CHOSEN = {"optimizers", "hyperparameters", "instance_noise"}
PARTS = {"dataset", "seeds", "snapshots", "ema"}  # may differ on unequal digits


class Arm(NamedTuple):
    """An arm of the sweep; the least one is the best: more recognised modes, then the lower mode KL."""

    modes: float  # minus the mean of modes_confident
    kl: float  # the mean of recognised_kl
    experiment: str
    name: str
    settings: Experiment


@cache
def params(folder: Path) -> Params:
    return check(read(folder / "params.yaml"))


@cache
def scores() -> dict[tuple[str, str, int, str], float]:
    """Values by (experiment, arm, seed, metric); diverged runs are not there."""
    frame = pd.read_csv(TUNING / "scores" / "thousand.csv")
    return frame.set_index(["experiment", "arm", "seed", "metric"])["value"].to_dict()


def of(prefix: str, folder: Path = ROOT) -> dict[str, Experiment]:
    """The entries of a part of the study, by remedy."""
    heavy = prefix.endswith("heavy_")
    return {
        name.removeprefix(prefix): e
        for name, e in params(folder).experiments.items()
        if name.startswith(prefix) and ("_heavy_" in name) == heavy
    }


@cache
def tuned() -> dict[str, list[Arm]]:
    """The arms of every remedy, best first, both with momentum and without."""
    found: dict[str, list[Arm]] = {}
    for name, e in params(TUNING).experiments.items():
        for arm, settings in e.arms():
            modes = sum(scores().get((name, arm, seed, "modes_confident"), 0.0) for seed in range(e.seeds))
            kl = sum(scores().get((name, arm, seed, "recognised_kl"), math.inf) for seed in range(e.seeds))
            remedy = name.removeprefix(SWEPT).removesuffix(MOMENTUM)
            found.setdefault(remedy, []).append(Arm(-modes / e.seeds, kl / e.seeds, name, arm, settings))
    return {remedy: sorted(arms) for remedy, arms in found.items()}


def faster(arm: Arm) -> bool:
    optimizers = arm.settings.optimizers
    assert optimizers.generator is not None
    assert optimizers.discriminator is not None
    return optimizers.discriminator.learning_rate > optimizers.generator.learning_rate


def best(remedy: str) -> Arm:
    if remedy == "gan_ttur":
        return next(arm for arm in tuned()["gan"] if faster(arm))
    if remedy == "gan_momentum":
        return next(arm for arm in tuned()["gan"] if arm.experiment.endswith(MOMENTUM))
    return tuned()[remedy][0]


def test_the_scores_are_those_of_the_sweep() -> None:
    swept = params(TUNING).experiments
    planned = {(name, arm, seed) for name, e in swept.items() for arm, _ in e.arms() for seed in range(e.seeds)}
    assert {run[:3] for run in scores()} <= planned
    assert {name for name, *_ in scores()} == set(swept)
    counts = [value for (*_, metric), value in scores().items() if metric == "modes_confident"]
    assert all(0 <= value <= 1_000 for value in counts)


def test_every_remedy_of_the_study_was_in_the_sweep() -> None:
    assert set(of(EVEN)) == {*tuned(), *OTHERWISE}


def test_momentum_was_tried_for_every_remedy_with_adam() -> None:
    swept = params(TUNING).experiments
    without = {name for name in swept if not name.endswith(MOMENTUM)}
    assert {name for name in without if f"{name}{MOMENTUM}" not in swept} == {f"{SWEPT}wgan"}
    for name in without - {f"{SWEPT}wgan"}:
        still, moving = swept[name], swept[f"{name}{MOMENTUM}"]
        assert still.sweep == moving.sweep
        assert still.model_dump(exclude={"optimizers"}) == moving.model_dump(exclude={"optimizers"})


@pytest.mark.parametrize("remedy", [*tuned(), *OTHERWISE])
def test_what_is_used_did_best(remedy: str) -> None:
    mine, chosen = of(EVEN)[remedy], best(remedy).settings
    assert mine.model_dump(include=CHOSEN) == chosen.model_dump(include=CHOSEN)


@pytest.mark.parametrize("remedy", [*tuned(), *OTHERWISE])
def test_everything_else_is_as_in_the_sweep(remedy: str) -> None:
    mine, chosen = of(EVEN)[remedy], best(remedy).settings
    assert mine.model_dump(include=ALIKE) == chosen.model_dump(include=ALIKE)
    assert params(ROOT).datasets[mine.dataset] == params(TUNING).datasets[mine.dataset]


def test_no_two_best_settings_are_equally_good() -> None:
    assert all(arms[0][:2] < arms[1][:2] for arms in tuned().values())


def test_all_remedies_have_the_same_batches_steps_and_hidden_layers() -> None:
    mine = [*of(EVEN).values(), *of(HEAVY).values()]
    assert len({(e.steps, e.discriminator_batch, e.generator_batch) for e in mine}) == 1
    assert {e.latent_dim for e in mine if e.variant != "flow_matching"} == {32}
    for network in ("generator", "encoder", "discriminator"):
        assert len({getattr(e.networks, network).model_dump_json() for e in mine if network in e.networks.given}) == 1


def test_unequal_digits_have_the_plain_gan_and_the_four_remedies_that_did_best_in_the_sweep() -> None:
    ranking = sorted(tuned(), key=lambda remedy: tuned()[remedy][0])
    assert "gan" not in ranking[:4]
    assert set(of(HEAVY)) == {"gan", *ranking[:4]}
    for remedy, part in of(HEAVY).items():
        assert part.model_dump(exclude=PARTS) == of(EVEN)[remedy].model_dump(exclude=PARTS)


def test_long_runs_are_those_of_the_default_run_at_ten_times_the_steps() -> None:
    longer = of(EVEN.replace("thousand", "long"), LONG)
    assert set(longer) == set(of(EVEN))
    for remedy, mine in longer.items():
        used = of(EVEN)[remedy]
        assert mine.steps == 10 * used.steps
        assert mine.model_dump(exclude={"steps"}) == used.model_dump(exclude={"steps"})
    assert params(LONG).datasets.items() <= params(ROOT).datasets.items()
    assert params(LONG).classifiers == params(ROOT).classifiers
