"""The study `modes` trains every remedy with the settings that did best in the sweep of extra/modes_tuning."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from modescope.params.config import Experiment, Params
from modescope.params.reading import read
from modescope.plan.check import check

ROOT = Path(__file__).resolve().parents[2]
TUNING, DATASETS, WORST = ROOT / "extra" / "modes_tuning", ("ring8_heavy", "grid25"), 1.0
TUNED = read(TUNING / "params.yaml")["experiments"]
VARIANTS = list(dict.fromkeys(entry["variant"] for entry in TUNED.values()))


@cache
def tuned() -> Params:
    return check(read(TUNING / "params.yaml"))


@cache
def used() -> Params:
    return check(read(ROOT / "params.yaml"))


@cache
def scores() -> dict[tuple[str, str, int], float]:
    """mode_tv by (experiment, arm, seed); diverged runs are not there."""
    frame = pd.read_csv(TUNING / "scores" / "modes.csv")
    return frame[frame["metric"] == "mode_tv"].set_index(["experiment", "arm", "seed"])["value"].to_dict()


def means(variant: str) -> dict[str, float]:
    """The mean of mode_tv over both datasets and all seeds by arm; a diverged run has the worst there is."""
    found: dict[str, list[float]] = {}
    for dataset in DATASETS:
        name = f"tuning_{dataset}_{variant}"
        experiment = tuned().experiments[name]
        for arm, _ in experiment.arms():
            values = [scores().get((name, arm, seed), WORST) for seed in range(experiment.seeds)]
            found.setdefault(arm, []).extend(values)
    n = sum(tuned().experiments[f"tuning_{dataset}_{variant}"].seeds for dataset in DATASETS)
    assert {len(values) for values in found.values()} == {n}, "the datasets sweep different arms"
    return {arm: sum(values) / n for arm, values in found.items()}


def rate(experiment: Experiment, side: str) -> float:
    return float(getattr(experiment.optimizers, side).learning_rate)


def best(dataset: str, variant: str) -> Experiment:
    mean = means(variant)
    return dict(tuned().experiments[f"tuning_{dataset}_{variant}"].arms())[min(mean, key=mean.__getitem__)]


def test_the_scores_are_those_of_the_sweep() -> None:
    arms = {(name, arm) for name, e in tuned().experiments.items() for arm, _ in e.arms()}
    seeds = {name: e.seeds for name, e in tuned().experiments.items()}
    assert {(name, arm) for name, arm, _ in scores()} <= arms
    assert len({name for name, *_ in scores()}) == len(seeds)
    assert all(seed < seeds[name] and 0 <= value <= WORST for (name, _, seed), value in scores().items())


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_two_settings_are_equally_good(variant: str) -> None:
    first, second, *_ = sorted(means(variant).values())
    assert first < second


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("dataset", DATASETS)
def test_what_is_used_did_best(dataset: str, variant: str) -> None:
    chosen, mine = best(dataset, variant), used().experiments[f"modes_{dataset}_{variant}"]
    assert mine.variant == chosen.variant == variant
    assert mine.optimizers == chosen.optimizers
    assert mine.hyperparameters == chosen.hyperparameters


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("dataset", DATASETS)
def test_everything_else_is_as_in_the_sweep(dataset: str, variant: str) -> None:
    sweep, mine = tuned().experiments[f"tuning_{dataset}_{variant}"], used().experiments[f"modes_{dataset}_{variant}"]
    alike = ("dataset", "latent_dim", "latent", "discriminator_batch", "generator_batch", "networks")
    assert {k: getattr(mine, k) for k in alike} == {k: getattr(sweep, k) for k in alike}
    assert mine.steps == 2 * sweep.steps
    assert used().datasets[dataset] == tuned().datasets[dataset]


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_two_time_scale_rule_is_the_plain_gan_with_a_faster_discriminator(dataset: str) -> None:
    """It is the best arm of the GAN's sweep among those whose D learns faster than G, in everything but the average."""
    mean, arms = means("gan"), dict(tuned().experiments[f"tuning_{dataset}_gan"].arms())
    faster = {arm for arm, e in arms.items() if rate(e, "discriminator") > rate(e, "generator")}
    assert 0 < len(faster) < len(arms)
    chosen = arms[min(faster, key=mean.__getitem__)]
    mine, plain = (used().experiments[f"modes_{dataset}_{name}"] for name in ("gan_ttur", "gan"))
    assert mine.model_copy(update={"optimizers": plain.optimizers, "ema": plain.ema, "title": plain.title}) == plain
    assert mine.optimizers == chosen.optimizers != plain.optimizers


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_remedy_of_the_study_was_in_the_sweep(dataset: str) -> None:
    mine = {e.variant for e in used().experiments.values() if (e.study, e.dataset) == ("modes", dataset)}
    assert mine == set(VARIANTS)


def test_all_remedies_have_the_same_batches_steps_and_hidden_layers() -> None:
    studied = {n: e for n, e in used().experiments.items() if e.study == "modes" and e.dataset in DATASETS}
    mine = [e for name, e in studied.items() if not name.endswith("_gan_long")]
    assert len(studied) == len(mine) + len(DATASETS)
    assert len({(e.dataset, e.steps) for e in mine}) == len(DATASETS)
    assert len({(e.discriminator_batch, e.generator_batch, e.latent_dim) for e in mine}) == 1
    assert len({getattr(e.networks, name).model_dump_json() for e in mine for name in e.networks.given}) == 1


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_yardstick_at_equal_compute_is_the_plain_gan_for_longer(dataset: str) -> None:
    plain, longer = (used().experiments[f"modes_{dataset}_{name}"] for name in ("gan", "gan_long"))
    of_length = {"steps", "article_steps", "seeds", "snapshots", "ema", "title"}
    assert longer.model_dump(exclude=of_length) == plain.model_dump(exclude=of_length)
    assert longer.steps == 9 * plain.steps  # a step of the dearest remedy costs 8.2 times the multiply-adds
    assert longer.snapshots.schedule(longer.steps)[10] == plain.steps
    assert longer.snapshots.points >= 2_000
