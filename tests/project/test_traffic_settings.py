"""The study `traffic` trains every variant with the settings that did best in the sweep of extra/traffic_tuning."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from modescope.params.config import Experiment, Params
from modescope.params.reading import read
from modescope.plan.check import check

ROOT = Path(__file__).resolve().parents[2]
TUNING, DATASET, WORST = ROOT / "extra" / "traffic_tuning", "grey_800", 1.0
ALIKE = {"dataset", "steps", "latent_dim", "latent", "discriminator_batch", "generator_batch", "networks"}
APART = {"dataset", "seeds", "snapshots", "ema"}
Kind = tuple[str, str]  # variant, and form of the penalty or nothing


@cache
def params(folder: Path) -> Params:
    return check(read(folder / "params.yaml"))


@cache
def scores() -> dict[tuple[str, str, int], float]:
    """pattern_tv by (experiment, arm, seed); diverged runs are not there."""
    frame = pd.read_csv(TUNING / "scores" / "traffic.csv")
    return frame[frame["metric"] == "pattern_tv"].set_index(["experiment", "arm", "seed"])["value"].to_dict()


def kind(settings: Experiment) -> Kind:
    return settings.variant, str(settings.hyperparameters.get("form", ""))


@cache
def tuned() -> dict[Kind, list[tuple[float, Experiment]]]:
    """The mean of pattern_tv over seeds and the settings of every arm, best first; a diverged run has the worst."""
    found: dict[Kind, list[tuple[float, Experiment]]] = {}
    for name, experiment in params(TUNING).experiments.items():
        for arm, settings in experiment.arms():
            values = [scores().get((name, arm, seed), WORST) for seed in range(experiment.seeds)]
            found.setdefault(kind(settings), []).append((sum(values) / len(values), settings))
    return {which: sorted(arms, key=lambda arm: arm[0]) for which, arms in found.items()}


def used(network: str) -> dict[Kind, Experiment]:
    """The arms of the study on the dataset, with this kind of network."""
    mine = [e for e in params(ROOT).experiments.values() if (e.study, e.dataset) == ("traffic", DATASET)]
    arms = [arm for e in mine for _, arm in e.arms()]
    return {kind(arm): arm for arm in arms if arm.networks.generator and arm.networks.generator.kind == network}


def test_the_scores_are_those_of_the_sweep() -> None:
    swept = params(TUNING).experiments
    planned = {(name, arm, seed) for name, e in swept.items() for arm, _ in e.arms() for seed in range(e.seeds)}
    assert set(scores()) <= planned
    assert {name for name, *_ in scores()} == set(swept)
    assert all(0 <= value <= WORST for value in scores().values())


def test_every_variant_of_the_study_was_in_the_sweep() -> None:
    assert set(used("mlp")) == set(tuned())
    assert set(used("conv")) <= set(tuned())


@pytest.mark.parametrize("network", ["mlp", "conv"])
def test_what_is_used_did_best(network: str) -> None:
    for which, mine in used(network).items():
        _, best = tuned()[which][0]  # of equal ones the first
        assert (mine.optimizers, mine.hyperparameters) == (best.optimizers, best.hyperparameters)


def test_everything_else_is_as_in_the_sweep() -> None:
    for which, mine in used("mlp").items():
        assert mine.model_dump(include=ALIKE) == tuned()[which][0][1].model_dump(include=ALIKE)
    assert params(ROOT).datasets[DATASET] == params(TUNING).datasets[DATASET]


def test_the_parts_of_the_sweep_over_empty_shares_are_trained_alike() -> None:
    parts = {name: e for name, e in params(ROOT).experiments.items() if e.study == "traffic" and e.dataset != DATASET}
    assert parts
    for name, part in parts.items():
        whole = params(ROOT).experiments[name.replace(part.dataset, DATASET)]
        arms = [arm.model_dump(exclude=APART) for _, arm in whole.arms()]
        assert all(arm.model_dump(exclude=APART) in arms for _, arm in part.arms())


def test_the_long_run_in_colour_has_the_batch_of_the_convolutional_gan_and_scores_of_every_seed() -> None:
    folder = ROOT / "extra" / "traffic_long"
    ((name, long),) = params(folder).experiments.items()
    grey = params(ROOT).experiments[f"traffic_{DATASET}_conv_gan"]
    assert (long.study, long.variant, long.discriminator_batch) == (grey.study, grey.variant, grey.discriminator_batch)
    assert long.steps > grey.steps
    found = pd.read_csv(folder / "scores" / "traffic.csv")
    assert set(found["experiment"]) == {name}
    assert set(found["seed"]) == set(range(long.seeds))
