"""Stacked replicas step exactly like separate models, and none touches another."""

import io

import numpy as np
import pytest
import tiny
import torch

from modescope import variants
from modescope.ensemble import SIDES, Ensemble
from modescope.variants import Batch

DIM = 2
CPU = torch.device("cpu")
CLOSE = {"rtol": 1e-5, "atol": 1e-6}


@pytest.fixture
def double():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def variant_of(**changes):
    return variants.find("gan")(tiny.experiment(**changes), (DIM,))


def ensemble_of(seeds, **changes):
    return Ensemble(variant_of(**changes), [np.random.default_rng(seed) for seed in seeds], CPU)


def batches(n_steps, seeds):
    """(R, batch, ...) for each step; what a seed gets depends on the seed alone."""
    for step in range(n_steps):
        rngs = [np.random.default_rng([step, seed]) for seed in seeds]
        real = np.stack([rng.normal(2, 1, (8, DIM)) for rng in rngs])
        z = np.stack([rng.normal(size=(6, 2)) for rng in rngs])
        uniform = np.stack([rng.random(8) for rng in rngs])
        yield Batch(*(torch.from_numpy(x).to(torch.get_default_dtype()) for x in (real, z, uniform)))


def step(ensemble, batch):
    """Both sides once; the terms by `side_term`, each (R,)."""
    return {f"{side}_{name}": term for side in SIDES for name, term in ensemble.update(side, batch).items()}


def sample(ensemble, z):
    return ensemble.views(Batch(z, z, z[..., 0]))["samples"]


def run(ensemble, n_steps, seeds):
    return [step(ensemble, batch) for batch in batches(n_steps, seeds)]


def test_replicas_step_like_separate_models():
    seeds = (5, 6, 7)
    together = ensemble_of(seeds)
    terms = run(together, 12, seeds)
    for row, seed in enumerate(seeds):
        alone = ensemble_of([seed])
        terms_alone = run(alone, 12, [seed])
        for key, value in alone.weights().items():
            np.testing.assert_allclose(together.weights()[key][row], value[0], **CLOSE)
        for a, b in zip(terms, terms_alone, strict=True):
            assert {k: v[row].item() for k, v in a.items()} == pytest.approx(
                {k: v[0].item() for k, v in b.items()}, 1e-4
            )


@pytest.mark.parametrize("seeds", [(5,), (5, 6, 7)])
def test_updates_are_those_of_a_plain_loop_with_torch_adam(seeds, double):
    changes = {
        "optimizers__generator": {"learning_rate": 0.01, "betas": [0.5, 0.9], "eps": 1e-3},
        "optimizers__discriminator": {"learning_rate": 0.03, "betas": [0.7, 0.99]},
    }
    ensemble = ensemble_of(seeds, **changes)
    run(ensemble, 10, seeds)
    for row, seed in enumerate(seeds):
        variant, rng = variant_of(**changes), np.random.default_rng(seed)
        nets = variant.networks()
        for net in nets.values():
            net.initialise(rng)
        options = {
            "generator": {"lr": 0.01, "betas": (0.5, 0.9), "eps": 1e-3},
            "discriminator": {"lr": 0.03, "betas": (0.7, 0.99), "eps": 1e-8},
        }
        adam = {side: torch.optim.Adam(nets[side].parameters(), **options[side], foreach=False) for side in SIDES}
        for real, z, uniform in batches(10, [seed]):
            for side, loss in zip(SIDES, (variant.discriminator_loss, variant.generator_loss), strict=True):
                adam[side].zero_grad()
                sum(loss(nets, Batch(real[0], z[0], uniform[0])).values()).backward()
                adam[side].step()
        for name, net in nets.items():
            for key, value in net.named_parameters():
                found = ensemble.weights()[f"{name}.{key}"][row]
                np.testing.assert_allclose(found, value.detach(), rtol=1e-9, atol=1e-11)


def test_a_replica_that_turns_nan_does_not_touch_the_others():
    seeds = (0, 1, 2)
    clean, poisoned = ensemble_of(seeds), ensemble_of(seeds)
    for n, batch in enumerate(batches(8, seeds)):
        terms = step(clean, batch)
        bad = batch.x_real.clone()
        bad[1, 0] = torch.nan if n >= 3 else bad[1, 0]
        terms_poisoned = step(poisoned, batch._replace(x_real=bad))
    assert clean.finite().tolist() == [True, True, True]
    assert poisoned.finite().tolist() == [True, False, True]
    for key, value in clean.weights().items():
        assert torch.equal(poisoned.weights()[key][[0, 2]], value[[0, 2]])
    for key, value in terms.items():
        assert torch.equal(terms_poisoned[key][[0, 2]], value[[0, 2]])
    z = torch.ones(3, 4, 2)
    assert torch.equal(sample(poisoned, z)[[0, 2]], sample(clean, z)[[0, 2]])
    assert sample(poisoned, z)[1].isnan().all()


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
@pytest.mark.parametrize("network", SIDES)
def test_finite_finds_a_single_bad_parameter(seeds, bad, network):
    ensemble = ensemble_of(seeds)
    assert ensemble.finite().tolist() == [True] * len(seeds)
    with torch.no_grad():
        bias = ensemble.state[network]["layers.1.bias"]
        bias.view(len(seeds), -1)[-1, -1] = bad
    assert ensemble.finite().tolist() == [True] * (len(seeds) - 1) + [False]


@pytest.mark.parametrize("seeds", [(4,), (4, 5)])
@pytest.mark.parametrize("side", SIDES)
def test_only_the_side_that_is_updated_asks_for_gradients(seeds, side):
    ensemble, asked = ensemble_of(seeds), {}

    def loss(nets, batch):
        asked.update({n: {p.requires_grad for p in parameters.values()} for n, parameters in ensemble.state.items()})
        return {"x": sum(net(batch.z).sum() for net in nets.values())}

    ensemble.variant.discriminator_loss = ensemble.variant.generator_loss = loss
    for _ in range(2):
        ensemble.update(side, next(batches(1, seeds)))
        assert asked == {name: {name == side} for name in SIDES}


@pytest.mark.parametrize("seeds", [(4,), (4, 5)])
def test_weights_are_named_shaped_and_copied(seeds):
    ensemble, r = ensemble_of(seeds), len(seeds)
    before = ensemble.weights()
    # generator 2 -> 5 -> 2, discriminator 2 -> 4 -> 1; the smaller side of a weight is stored first
    assert {key: tuple(value.shape) for key, value in before.items()} == {
        "generator.layers.0.weight": (r, 2, 5),
        "generator.layers.0.bias": (r, 5),
        "generator.layers.1.weight": (r, 2, 5),
        "generator.layers.1.bias": (r, 2),
        "discriminator.layers.0.weight": (r, 2, 4),
        "discriminator.layers.0.bias": (r, 4),
        "discriminator.layers.1.weight": (r, 1, 4),
        "discriminator.layers.1.bias": (r, 1),
    }
    kept = {key: value.clone() for key, value in before.items()}
    run(ensemble, 1, seeds)
    for key, value in before.items():
        assert torch.equal(value, kept[key])
        assert not value.requires_grad
        assert not torch.equal(value, ensemble.weights()[key])


@pytest.mark.parametrize("seeds", [(4,), (4, 5, 6)])
def test_samples_are_those_of_the_weights(seeds):
    ensemble = ensemble_of(seeds)
    z = torch.from_numpy(np.random.default_rng(0).normal(size=(len(seeds), 9, 2))).float()
    x, w = sample(ensemble, z), {key: value.numpy() for key, value in ensemble.weights().items()}
    assert x.shape == (len(seeds), 9, DIM)
    assert not x.requires_grad
    for row in range(len(seeds)):
        h = z[row].numpy() @ w["generator.layers.0.weight"][row] + w["generator.layers.0.bias"][row]
        by_hand = np.maximum(h, 0) @ w["generator.layers.1.weight"][row].T + w["generator.layers.1.bias"][row]
        np.testing.assert_allclose(x[row], by_hand, **CLOSE)


@pytest.mark.parametrize("seeds", [(4,), (4, 5, 6)])
def test_a_saved_state_continues_with_the_same_bits(seeds):
    whole = ensemble_of(seeds)
    run(whole, 5, seeds)
    file = io.BytesIO()
    torch.save(whole.state_dict(), file)
    restored = ensemble_of([seed + 100 for seed in seeds])
    file.seek(0)
    restored.load_state_dict(torch.load(file, weights_only=True))
    for a, b in zip(run(whole, 5, seeds), run(restored, 5, seeds), strict=True):
        assert all(torch.equal(a[key], b[key]) for key in a)
    for key, value in whole.weights().items():
        assert torch.equal(restored.weights()[key], value)
