"""The simplest GAN against NumPy: losses, gradients by the chain rule, noise, views and refused settings."""

import numpy as np
import pytest
import tiny
import torch
from scipy.special import expit, ndtri
from torch.func import functional_call, vmap

from modescope.engine.ensemble import Ensemble
from modescope.engine.training import train
from modescope.variants import Batch, find

BATCH = 16
OPTIONS = [
    {},
    {"label_real": 0.9, "label_fake": 0.1},
    {"real_weight": 0.5},
    {"parameter_noise": 0.5},
    {"parameter_noise": 1.5, "noise_draws": 4},
    {"label_real": 0.8, "label_fake": 0.05, "real_weight": 2.0, "parameter_noise": 0.7, "noise_draws": 2},
]
KEYS = {
    "latent_dim": 1,
    "latent": {"kind": "uniform", "low": -1.0, "high": 1.0},
    "networks": {"discriminator": {"hidden": [2], "activation": "tanh", "init": "pytorch"}},
    "discriminator_batch": BATCH,
    "generator_batch": BATCH,
}


def variant_of(shape=(1,), **changes):
    return find("point")(tiny.experiment(variant="point", **(KEYS | changes)), shape)


def models_of(variant, n):
    """The n initialised models in double precision."""
    models = []
    for i in range(n):
        networks = variant.networks()
        for network in networks.values():
            network.initialise(np.random.default_rng([3, i]))
            network.double()
        models.append(networks)
    return models


def batch_of(n):
    rng = np.random.default_rng(5)
    parts = rng.normal(1, 0.5, (n, BATCH, 1)), rng.uniform(-1, 1, (n, BATCH, 1)), rng.random((n, BATCH))
    return Batch(*map(torch.from_numpy, parts))


def weights_of(networks):
    """w, b of the line; v (2,), c (2,), u (2,), d of the discriminator u tanh(v x + c) + d, as arrays."""
    line, layers = networks["generator"], networks["discriminator"].layers
    found = line.weight, line.bias, layers[0].weight, layers[0].bias, layers[1].weight, layers[1].bias
    return [part.detach().numpy().reshape(-1) for part in found]


def by_hand(side, weights, batch, h):
    """(terms, gradients) of one side, by hand; gradients in the order of `weights_of`."""
    (w, b), (v, c, u, d) = (part.item() for part in weights[:2]), weights[2:]

    def slopes(x, factor):
        """The sum of factor * d logit / d (v, c, u, d), and d logit / d x."""
        h_ = np.tanh(np.outer(x, v) + c)  # (points, 2)
        s = u * (1 - h_**2)
        return [factor @ (s * x[:, None]), factor @ s, factor @ h_, factor.sum(keepdims=True)], (s * v).sum(1)

    def logit(x):
        return np.tanh(np.outer(x, v) + c) @ u + d

    z = batch.z[:, 0]
    if side == "generator":
        x = w * z + b
        p = expit(logit(x))
        _, along = slopes(x, p)
        pull = (p - 1) * along / len(z)  # d/dx of -log p
        return {"fake": -np.log(p).mean()}, [np.array([pull @ z]), np.array([pull.sum()])]
    real, r = batch.x_real[:, 0], h.get("real_weight", 1.0)
    y1, y0 = h.get("label_real", 1.0), h.get("label_fake", 0.0)
    draws = h.get("noise_draws", 8) if "parameter_noise" in h else 1
    noise = h.get("parameter_noise", 0.0) * ndtri(batch.uniform[: 2 * draws]).reshape(draws, 2)
    parts = np.split(z, draws)  # each draw has an equal share of the latent points
    fake = np.concatenate([(w + dw) * part + b + db for part, (dw, db) in zip(parts, noise, strict=True)])
    p1, p0 = expit(logit(real)), expit(logit(fake))
    terms = {
        "real": -r * (y1 * np.log(p1) + (1 - y1) * np.log(1 - p1)).mean() / 2,
        "fake": -(y0 * np.log(p0) + (1 - y0) * np.log(1 - p0)).mean() / 2,
    }
    on_real, _ = slopes(real, r * (p1 - y1) / len(real) / 2)
    on_fake, _ = slopes(fake, (p0 - y0) / len(fake) / 2)
    return terms, [a + c_ for a, c_ in zip(on_real, on_fake, strict=True)]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize("n", [1, 3])
def test_losses_and_gradients(options, side, n):
    variant = variant_of(hyperparameters=options)
    models, batch = models_of(variant, n), batch_of(n)
    loss = variant.discriminator_loss if side == "discriminator" else variant.generator_loss
    if n == 1:
        state = {name: dict(network.named_parameters()) for name, network in models[0].items()}
        terms = loss(models[0], Batch(*(part[0] for part in batch)))
    else:
        state = {
            name: {
                key: torch.stack([dict(m[name].named_parameters())[key].detach() for m in models]).requires_grad_()
                for key, _ in models[0][name].named_parameters()
            }
            for name in models[0]
        }

        def one(state, batch):
            nets = {
                name: (lambda *x, name=name: functional_call(models[0][name], state[name], x)) for name in models[0]
            }
            return loss(nets, batch)

        terms = vmap(one)(state, batch)
    gradients = torch.autograd.grad(sum(term.sum() for term in terms.values()), list(state[side].values()))
    for row in range(n):
        numbers = Batch(*(part[row].numpy() for part in batch))
        expected, slopes = by_hand(side, weights_of(models[row]), numbers, options)
        found = {name: term.reshape(n)[row].item() for name, term in terms.items()}
        assert found == pytest.approx(expected, abs=1e-9)
        for gradient, slope in zip(gradients, slopes, strict=True):
            np.testing.assert_allclose(gradient.reshape(n, -1)[row].numpy(), slope, rtol=0, atol=1e-9)


def test_noise_is_the_mean_over_its_draws_and_does_not_reach_the_generator():
    h = {"parameter_noise": 0.8, "noise_draws": 4}
    noisy, plain = variant_of(hyperparameters=h), variant_of()
    nets, batch = models_of(noisy, 1)[0], Batch(*(part[0] for part in batch_of(1)))
    with torch.no_grad():
        nets["discriminator"].layers[1].weight.fill_(3.0)  # a D that is not flat
    w, b = (part.item() for part in weights_of(nets)[:2])

    def moved(dw, db):
        return {**nets, "generator": lambda z: (w + dw) * z + b + db}

    draws = 0.8 * ndtri(batch.uniform[:8].numpy()).reshape(4, 2)
    shares = [batch._replace(z=z) for z in batch.z.chunk(4)]
    alone = [
        plain.discriminator_loss(moved(*draw), share)["fake"].item() for draw, share in zip(draws, shares, strict=True)
    ]
    assert np.std(alone) > 0.01
    assert noisy.discriminator_loss(nets, batch)["fake"].item() == pytest.approx(np.mean(alone), abs=1e-12)
    assert torch.equal(noisy.generator_loss(nets, batch)["fake"], plain.generator_loss(nets, batch)["fake"])


def test_uniform_numbers_at_the_ends_stay_finite():
    variant = variant_of(hyperparameters={"parameter_noise": 1.0})
    nets, batch = models_of(variant, 1)[0], Batch(*(part[0] for part in batch_of(1)))
    for end in (0.0, 1.0):
        extreme = batch._replace(uniform=torch.full((BATCH,), end, dtype=torch.float64))
        assert variant.discriminator_loss(nets, extreme)["fake"].isfinite()


@pytest.mark.parametrize("n", [1, 3])
def test_views_are_samples_and_the_line(n):
    variant = variant_of()
    ensemble = Ensemble(variant, [np.random.default_rng(i) for i in range(n)], torch.device("cpu"))
    batch = Batch(*(part.float() for part in batch_of(n)))
    views, weights = ensemble.views(batch), ensemble.weights()
    w, b = weights["generator.weight"], weights["generator.bias"]
    assert set(views) == {"samples", *variant.watched}
    torch.testing.assert_close(views["line"], torch.stack([w, b], 1))
    torch.testing.assert_close(views["samples"], w[:, None, None] * batch.z + b[:, None, None])
    assert ((w.abs() <= 1) & (b.abs() <= 1)).all()


def test_initial_lines_are_uniform_on_a_square():
    lines = np.array([[p.item() for p in m["generator"].parameters()] for m in models_of(variant_of(), 400)])
    assert np.abs(lines).max() <= 1
    np.testing.assert_allclose(lines.mean(0), 0, atol=4 * np.sqrt(1 / 3 / 400))
    np.testing.assert_allclose(lines.var(0), 1 / 3, atol=0.05)


def test_training_keeps_lines_and_bells_and_reaches_the_number():
    changes = {**KEYS, "hyperparameters": {"parameter_noise": 1.0}, "steps": 300}
    adam = {"learning_rate": 0.05, "betas": [0.5, 0.999]}
    changes |= {"optimizers": {"generator": adam, "discriminator": {**adam, "weight_decay": 0.01}}}
    changes |= {"snapshots": {"points": 1, "rest": 4, "field": {"low": [-1.0], "high": [3.0], "cells": 5}}}
    task = tiny.task(seeds=range(4), n_samples=7, variant="point", **changes)
    result = train(task, np.ones((20, 1), np.float32))
    assert result.snapshots["line"].shape == (4, 5, 2)
    assert result.snapshots["field"].shape == (4, 5, 5)
    assert result.views["line"].shape == (4, 2)
    np.testing.assert_allclose(result.views["line"], result.snapshots["line"][:, -1], atol=1e-6)
    np.testing.assert_allclose(np.median(result.views["line"], 0), [0, 1], atol=0.15)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shape": (2,)}, r"maps one number to one number: .* found \(2,\) and 1"),
        ({"latent_dim": 2}, r"found \(1,\) and 2"),
        (
            {"hyperparameters": {"parameter_noise": 0.5, "noise_draws": 16}},
            r"\(16\) must be .* noise_draws \(16\) and at least 32",
        ),
        (
            {"hyperparameters": {"parameter_noise": 0.5, "noise_draws": 5}},
            r"multiple of noise_draws \(5\) and at least 10",
        ),
        ({"hyperparameters": {"parameter_noise": 0.5}, "instance_noise": {"std": 0.1}}, "instance_noise"),
        ({"networks": KEYS["networks"] | {"generator": {"hidden": [2]}}}, "has the networks discriminator"),
        ({"hyperparameters": {"label_real": 1.1}}, "label_real"),
        ({"hyperparameters": {"label_fake": -0.1}}, "label_fake"),
        ({"hyperparameters": {"real_weight": 0.0}}, "real_weight"),
        ({"hyperparameters": {"parameter_noise": -1.0}}, "parameter_noise"),
        ({"hyperparameters": {"noise_draws": 0}}, "noise_draws"),
    ],
)
def test_refusals(changes, message):
    with pytest.raises(ValueError, match=message):
        variant_of(**changes)


def test_many_draws_without_noise_and_instance_noise_alone_are_fine():
    variant_of(hyperparameters={"noise_draws": 100})
    variant_of(instance_noise={"std": 0.1})


def test_the_end_of_the_unit_interval_is_a_normal_number_of_5_2_deviations():
    """Phi(-5.1993) = 1e-7. A uniform number of 0 would otherwise move the line infinitely far."""
    variant, moved = variant_of(hyperparameters={"parameter_noise": 0.5, "noise_draws": 1}), []

    def generator(z, offsets):
        moved.append(offsets)
        return z

    uniform = torch.tensor([0.0, 1.0] * (BATCH // 2), dtype=torch.float64)
    x = torch.zeros(BATCH, 1, dtype=torch.float64)
    variant.discriminator_loss({"generator": generator, "discriminator": lambda x: x[:, 0]}, Batch(x, x, uniform))
    assert moved[0][0].tolist() == pytest.approx([-0.5 * 5.1993, 0.5 * 5.1993], abs=1e-4)
