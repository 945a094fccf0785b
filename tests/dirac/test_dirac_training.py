"""Every variant's own losses, trained on a point and a line, move along the exact path: no derivation is shared."""

import math

import numpy as np
import pytest
import tiny

from modescope import variants
from modescope.dirac import remedies, steps
from modescope.dirac.remedies import DEFAULTS, remedy
from modescope.engine.training import train
from modescope.params import registry

DIRAC = {
    "latent_dim": 1,
    "discriminator_batch": 2,
    "generator_batch": 2,
    "networks": {"generator": {"kind": "point"}, "discriminator": {"kind": "linear"}},
    "optimizers": {side: {"kind": "sgd", "learning_rate": 0.2} for side in ("generator", "discriminator")},
    "snapshots": {"points": 1, "rest": 60, "field": {"low": [-1.0], "high": [1.0], "cells": 3}},
    "steps": 60,
}
QUICK_D = {"generator": {"kind": "sgd", "learning_rate": 0.1}, "discriminator": {"kind": "sgd", "learning_rate": 0.5}}
REMEDIES = {
    "gan": {},
    "gan saturating": {"hyperparameters": {"saturating": True}},
    "gan averaged": {"ema": {"decay": 0.9}},
    "gan two rates": {"optimizers": QUICK_D},
    "gan_sn without normalisation": {"hyperparameters": {"normalised": False}},
    "lsgan": {},
    "hinge_sn without normalisation": {"hyperparameters": {"normalised": False}},
    "wgan": {"hyperparameters": {"clip": 1e3, "n_critic": 1}},
    "wgan clipped": {"hyperparameters": {"clip": 0.3, "n_critic": 4}},
    "wgan_gp": {"hyperparameters": {"gp_weight": 0.35, "n_critic": 1}},
    "wgan_gp critic": {"hyperparameters": {"n_critic": 5}},
    "r1": {"hyperparameters": {"r1_gamma": 0.4}},
    "r1r2": {"hyperparameters": {"gamma": 0.3}},
    "ragan": {},
    "r3gan": {"hyperparameters": {"gamma": 0.3}},
    "r3gan unpenalised": {"hyperparameters": {"gamma": 0.0}},
    "unrolled": {"hyperparameters": {"steps": 1}},
    "unrolled far": {"hyperparameters": {"steps": 7}, "optimizers": QUICK_D},
}
# Spectral norm leaves the sign of psi; packs and batch statistics need networks of their own, as all points are alike;
# the others have no discriminator of points, or a generator of their own.
NO_MEANING = {"bigan", "bigan_pgp", "bigan_reconstruction", "encoder", "flow_matching", "gmn", "minibatch_stddev"}
NO_MEANING |= {"pacgan", "point", "topk", "veegan"}
ORIGIN = np.zeros((20, 1), np.float32)


def settings(name, **changes):
    return tiny.experiment(variant=name.split()[0], **(DIRAC | REMEDIES.get(name, {}) | changes))


def paths(name, seeds=8, **changes):
    """(trained, exact) paths (seeds, snapshots, 2) of a remedy, and the remedy."""
    chosen = settings(name, **changes)
    result = train(tiny.tasks.Task(name, "base", chosen, list(range(seeds)), chosen.steps, 4), ORIGIN)
    averaged = chosen.ema is not None
    seen = result.averaged[1] if averaged else result.snapshots
    psi = (seen["field"][..., -1].astype(float) - seen["field"][..., 0]) / 2
    trained = np.stack([seen["samples"][:, :, 0, 0].astype(float), psi], -1)
    known = remedy(chosen, averaged=averaged)
    at = chosen.snapshots.schedule(chosen.steps)
    return trained, steps.path(steps.alternating(known), trained[:, 0], at, averaged=averaged), known


@pytest.mark.parametrize("name", REMEDIES)
def test_the_trained_path_is_the_exact_one(name):
    trained, exact, _ = paths(name)
    scale = np.hypot(exact[..., 0], exact[..., 1]).max(1)[:, None, None]
    assert np.abs((trained - exact) / scale).max() < 1e-5
    assert np.abs(exact[:, -1] - exact[:, 0]).max() > 0.1


def test_the_mean_path_with_noise_is_the_exact_one():
    """Starts are alike where seeds are, so the mean over many runs from each start would need as many seeds."""
    change = {"instance_noise": {"std": 0.7, "until": None}, "discriminator_batch": 2_000, "generator_batch": 2_000}
    trained, exact, known = paths("gan", seeds=40, steps=30, **change)
    off = trained[:, -1] - exact[:, -1]
    spread = off.std(0) / math.sqrt(len(off))
    assert (np.abs(off.mean(0)) < 4 * spread).all()
    assert (spread < 0.002).all()
    assert known.noise_variance == pytest.approx(0.7**2 / 4_000)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("r1", {"hyperparameters": {"r1_gamma": 0.8}}),  # as if the penalty had no 1/2
        ("r1r2", {"hyperparameters": {"gamma": 0.15}}),  # as if only one penalty counted
        ("gan", {"hyperparameters": {"saturating": True}}),
        ("unrolled", {"hyperparameters": {"steps": 2}}),
        ("wgan_gp", {"hyperparameters": {"gp_weight": 0.7, "n_critic": 1}}),
    ],
)
def test_a_wrong_loss_would_be_seen(name, wrong):
    trained, _, _ = paths(name)
    other = remedy(settings(name, **wrong))
    exact = steps.path(steps.alternating(other), trained[:, 0], range(61))
    assert np.abs(trained - exact).max() > 0.01


def test_what_is_solved_is_trained_here_and_all_else_has_no_meaning():
    """A new variant may be left out until its field is written."""
    solved = {name.split()[0] for name in REMEDIES}
    assert solved == set(DEFAULTS)
    assert not solved & NO_MEANING
    assert solved | NO_MEANING <= set(registry.names("variants"))


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults_are_those_of_the_variants(name):
    found = variants.find(name).Hyperparameters().model_dump()
    assert {key: found[key] for key in DEFAULTS[name]} == DEFAULTS[name]
    assert set(found) - set(DEFAULTS[name]) <= {"scale", "normalised"}


@pytest.mark.parametrize(
    "changes",
    [
        {"variant": "pacgan", "hyperparameters": {"packing": 2}},
        {"variant": "hinge_sn"},
        {"variant": "lsgan", "instance_noise": {"std": 0.5, "until": None}},
        {"instance_noise": {"std": 0.5}},
        {"optimizers": {side: {"learning_rate": 0.1} for side in ("generator", "discriminator")}},
        {"networks": {"generator": {"kind": "point"}, "discriminator": {"hidden": [3]}}},
    ],
)
def test_what_is_not_solved_has_no_remedy(changes):
    assert remedies.remedy(tiny.experiment(**(DIRAC | changes))) is None
