"""Typed parameters: what an experiment's arms are, when snapshots are taken."""

import itertools
import math

import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from modescope.params.config import ConfigError, Experiment, averaged_arm
from modescope.params.settings import (
    Adam,
    Ema,
    InstanceNoise,
    Latent,
    Lattice,
    Networks,
    Optimizers,
    RMSprop,
    Snapshots,
)
from modescope.params.validation import typed

# Arms

VALUES = {
    "latent_dim": st.integers(1, 50),
    "generator_batch": st.integers(1, 50),
    "optimizers.generator.learning_rate": st.floats(1e-6, 1),
    "networks.discriminator.activation": st.sampled_from(["relu", "leaky_relu", "tanh"]),
    "networks.generator.hidden": st.lists(st.integers(1, 9), min_size=1, max_size=2),
    "hyperparameters.weight": st.integers(0, 9),
    "latent.low": st.floats(-5, 0.5),
}
SWEEPS = st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=3).flatmap(
    lambda keys: st.fixed_dictionaries(
        {key: st.lists(VALUES[key], min_size=1, max_size=3, unique_by=repr) for key in keys}
    )
)


def at(settings, key):
    place = settings.model_dump()
    for part in key.split("."):
        place = place[part]
    return place


@given(SWEEPS)
def test_arms_are_the_product_of_the_sweep(sweep):
    chosen = tiny.experiment(sweep=sweep)
    arms = list(chosen.arms())
    combinations = list(itertools.product(*sweep.values()))
    assert [tuple(at(settings, key) for key in sweep) for _, settings in arms] == combinations
    assert [name for name, _ in arms] == [
        ",".join(f"{key}={value}" for key, value in zip(sweep, values, strict=True)) or "base"
        for values in combinations
    ]
    # all else is the experiment's own
    for _, settings in arms:
        rest, own = settings.model_dump(), chosen.model_dump()
        for key in sweep:
            for part in (rest, own):
                *parents, last = key.split(".")
                for parent in parents:
                    part = part[parent]
                part.pop(last, None)
        assert rest | {"sweep": sweep} == own


def test_without_a_sweep_there_is_one_arm():
    (arm,) = tiny.experiment().arms()
    assert arm == ("base", tiny.experiment())


def test_arms_come_in_the_order_of_the_file():
    names = [name for name, _ in tiny.experiment(sweep={"latent_dim": [10, 2], "generator_batch": [5, 7]}).arms()]
    assert names == [
        "latent_dim=10,generator_batch=5",
        "latent_dim=10,generator_batch=7",
        "latent_dim=2,generator_batch=5",
        "latent_dim=2,generator_batch=7",
    ]


def test_a_part_swept_beside_its_whole_does_not_change_the_sweep():
    whole = {"hidden": [4], "activation": "leaky_relu"}
    sweep = {"networks.generator": [whole], "networks.generator.activation": ["relu", "tanh"]}
    chosen = tiny.experiment(sweep=sweep)
    names = [name for name, _ in chosen.arms()]
    assert [settings.networks.generator.activation for _, settings in chosen.arms()] == ["relu", "tanh"]
    assert [name for name, _ in chosen.arms()] == names
    assert chosen.sweep["networks.generator"] == [{"hidden": [4], "activation": "leaky_relu"}]


NOT_SETTINGS = ["latent_dims", "networks.generator.depth", "networks.encoder.hidden", "", "sweep", "latent_dim.x"]
SHARED = ["study", "dataset", "variant", "seeds", "steps", "snapshots.points", "snapshots"]


@pytest.mark.parametrize("key", [*NOT_SETTINGS, *SHARED, "networks.generator.hidden.0", "hyperparameters.a.b"])
def test_what_cannot_be_swept_says_what_can(key):
    with pytest.raises(ValueError, match="cannot be swept; allowed: the dotted name of a setting") as caught:
        list(tiny.experiment(sweep={key: [1, 2]}).arms())
    assert repr(key) in str(caught.value)


@pytest.mark.parametrize(("key", "value"), [("latent_dim", 0), ("latent_dim", True), ("latent.kind", "cauchy")])
def test_swept_values_are_checked_like_others(key, value):
    with pytest.raises(ValidationError):
        list(tiny.experiment(sweep={key: [value]}).arms())


def test_settings_survive_json():
    chosen = tiny.experiment(sweep={"latent_dim": [1, 2]}, hyperparameters={"a": [1, "b"]})
    assert Experiment.model_validate(chosen.model_dump()) == chosen
    assert Experiment.model_validate_json(chosen.model_dump_json()) == chosen


def test_averages_are_arms_after_all_others():
    chosen = tiny.experiment(sweep={"latent_dim": [3, 1]}, ema={"decay": 0.999})
    assert chosen.all_arms() == ["latent_dim=3", "latent_dim=1", "latent_dim=3,ema=0.999", "latent_dim=1,ema=0.999"]
    assert tiny.experiment(sweep={"latent_dim": [3, 1]}).all_arms() == ["latent_dim=3", "latent_dim=1"]
    alone = tiny.experiment(ema={"decay": 0.9})
    assert alone.all_arms() == ["base", "ema=0.9"]
    assert averaged_arm("base", alone) == "ema=0.9"


def test_only_arms_that_keep_an_average_have_one():
    chosen = tiny.experiment(sweep={"ema": [None, {"decay": 0.5}]})
    live = [name for name, _ in chosen.arms()]
    assert chosen.all_arms() == [*live, f"{live[1]},ema=0.5"]


# Snapshots


@given(
    steps=st.integers(1, 40_000),
    dense_until=st.integers(0, 2_000),
    dense_every=st.integers(1, 50),
    rest=st.integers(1, 200),
)
def test_a_schedule_is_sorted_without_repetition_from_start_to_end(steps, dense_until, dense_every, rest):
    schedule = Snapshots(dense_until=dense_until, dense_every=dense_every, rest=rest).schedule(steps)
    assert schedule == sorted(set(schedule))
    assert schedule[0] == 0
    assert schedule[-1] == steps
    assert set(range(0, min(dense_until, steps) + 1, dense_every)) <= set(schedule)
    # and nowhere a gap wider than `rest` even parts leave
    assert max(b - a for a, b in itertools.pairwise(schedule)) <= math.ceil(steps / rest) + 1
    assert len(schedule) <= rest + 1 + min(dense_until, steps) // dense_every + 1


@pytest.mark.parametrize(
    ("keys", "steps", "schedule"),
    [
        ({"rest": 4}, 100, [0, 25, 50, 75, 100]),
        ({"rest": 4}, 1, [0, 1]),
        ({"rest": 60}, 3, [0, 1, 2, 3]),
        ({"rest": 2, "dense_until": 9, "dense_every": 4}, 100, [0, 4, 8, 50, 100]),
        ({"rest": 1, "dense_until": 600, "dense_every": 3}, 7, [0, 3, 6, 7]),
    ],
)
def test_schedules_by_hand(keys, steps, schedule):
    assert Snapshots(**keys).schedule(steps) == schedule


# Single values


@pytest.mark.parametrize("bad", [{"low": 1.0, "high": 1.0}, {"low": 2.0, "high": 1.0}])
def test_an_empty_interval_of_latents_is_refused(bad):
    with pytest.raises(ValidationError, match="must lie below high"):
        Latent(kind="uniform", **bad)


def test_parameters_cannot_be_changed():
    chosen = tiny.experiment()
    with pytest.raises(ValidationError, match="frozen"):
        chosen.steps = 3


def test_instance_noise_falls_linearly_to_nothing():
    whole, half = InstanceNoise(std=0.4), InstanceNoise(std=0.4, until=0.5)
    assert [whole.at(p) for p in (0, 0.5, 1)] == pytest.approx([0.4, 0.2, 0])
    assert [half.at(p) for p in (0, 0.25, 0.5, 0.75, 1)] == pytest.approx([0.4, 0.2, 0, 0, 0])


def test_instance_noise_without_an_end_stays():
    noise = InstanceNoise(std=0.4, until=None)
    assert [noise.at(p) for p in (0, 0.5, 1)] == [0.4] * 3


@pytest.mark.parametrize(
    ("build", "keys"),
    [
        (InstanceNoise, {"std": 0.0}),
        (InstanceNoise, {"std": 1.0, "until": 0.0}),
        (InstanceNoise, {"std": 1.0, "until": 1.1}),
        (Ema, {"decay": 0.0}),
        (Ema, {"decay": 1.0}),
        (Lattice, {"low": [0.0], "high": [1.0, 1.0]}),
        (Lattice, {"low": [0.0, 0.0], "high": [1.0, 1.0], "cells": 1}),
        (Lattice, {"low": [0.0, 1.0], "high": [1.0, 1.0]}),
        (Lattice, {"low": [2.0, 0.0], "high": [1.0, 1.0]}),
        (RMSprop, {"kind": "rmsprop", "learning_rate": 0.1, "alpha": 1.0}),
        (Networks, {"discriminator": {"hidden": [3], "batch_norm": True}}),
    ],
)
def test_values_out_of_their_range_are_refused(build, keys):
    with pytest.raises(ValidationError):
        build(**keys)


def test_a_field_lies_between_its_edges():
    with pytest.raises(ValidationError, match=r"low \[0.0, 1.0\] must lie below high \[1.0, 1.0\]"):
        Lattice(low=[0.0, 1.0], high=[1.0, 1.0])
    assert Lattice(low=[0.0, 0.0], high=[1.0, 1.0]).cells == 48


def test_an_optimiser_is_adam_unless_it_says_otherwise():
    rate = {"learning_rate": 0.1}
    chosen = Optimizers.model_validate({"generator": rate, "discriminator": rate | {"kind": "rmsprop"}})
    assert chosen.generator == Adam(learning_rate=0.1, betas=[0.9, 0.999], eps=1e-8)
    assert chosen.discriminator == RMSprop(kind="rmsprop", learning_rate=0.1, alpha=0.99, eps=1e-8)
    assert Optimizers.model_validate(chosen.model_dump()) == chosen
    assert Optimizers.model_validate({"generator": rate | {"kind": "adam"}}).generator == chosen.generator
    assert Optimizers.model_validate({"generator": rate}).discriminator is None


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"kind": "lion", "learning_rate": 0.1}, "x.generator.kind: 'lion' is unknown; allowed: adam, rmsprop, sgd"),
        ({"kind": 3, "learning_rate": 0.1}, "x.generator.kind: '3' is unknown; allowed: adam, rmsprop, sgd"),
        (
            {"kind": "sgd", "learning_rate": 0.1, "eps": 1e-8},
            "x.generator.eps: unknown key; allowed: kind, learning_rate",
        ),
        ({"kind": "rmsprop"}, "x.generator.learning_rate: missing; it must be given"),
        ({"learning_rate": 0.1, "alpha": 0.9}, "x.generator.alpha: unknown key; allowed: kind, learning_rate, betas, "),
        (
            {"kind": "rmsprop", "learning_rate": 0.1, "betas": [0.5, 0.9]},
            "x.generator.betas: unknown key; allowed: kind, learning_rate, alpha, eps",
        ),
    ],
)
def test_what_an_optimiser_does_not_have_is_named(keys, message):
    with pytest.raises(ConfigError) as caught:
        typed("x", lambda: Optimizers.model_validate({"generator": keys}))
    assert str(caught.value).startswith(message)


def test_settings_with_all_that_may_be_added_survive_json():
    chosen = tiny.experiment(
        ema={"decay": 0.9},
        instance_noise={"std": 0.5},
        optimizers__generator={"kind": "rmsprop", "learning_rate": 0.1},
        snapshots={"field": {"low": [0.0, 0.0], "high": [1.0, 1.0]}},
        networks__encoder={"hidden": [3]},
    )
    assert Experiment.model_validate(chosen.model_dump()) == chosen
    assert Experiment.model_validate_json(chosen.model_dump_json()) == chosen
    assert chosen.networks.given == ["generator", "discriminator", "encoder"]
