"""Stacked replicas train exactly like separate models and do not affect each other."""

import io

import numpy as np
import pytest
import tiny
import torch

from modescope.engine.ensemble import SIDES, Ensemble
from modescope.networks.dense import MLP, Network
from modescope.variants import Batch, Variant
from modescope.variants.gan import GAN

DIM = 2
CPU = torch.device("cpu")
CLOSE = {"rtol": 1e-5, "atol": 1e-6}


@pytest.fixture
def double():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def variant_of(build=GAN, **changes):
    return build(tiny.experiment(**changes), (DIM,))


def ensemble_of(seeds, build=GAN, **changes):
    return Ensemble(variant_of(build, **changes), [np.random.default_rng(seed) for seed in seeds], CPU)


def batches(n_steps, seeds):
    """(R, batch, ...) for each step; the batches of a seed depend on the seed alone."""
    for step in range(n_steps):
        rngs = [np.random.default_rng([step, seed]) for seed in seeds]
        real = np.stack([rng.normal(2, 1, (8, DIM)) for rng in rngs])
        z = np.stack([rng.normal(size=(6, 2)) for rng in rngs])
        uniform = np.stack([rng.random(8) for rng in rngs])
        yield Batch(*(torch.from_numpy(x).to(torch.get_default_dtype()) for x in (real, z, uniform)))


def step(ensemble, batch):
    """One update of each side; the terms by `side_term`, each (R,)."""
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


def finite(ensemble):
    return {name: replicas.tolist() for name, replicas in ensemble.finite().items()}


def test_a_replica_that_turns_nan_does_not_touch_the_others():
    seeds = (0, 1, 2)
    clean, poisoned = ensemble_of(seeds), ensemble_of(seeds)
    for n, batch in enumerate(batches(8, seeds)):
        terms = step(clean, batch)
        bad = batch.x_real.clone()
        bad[1, 0] = torch.nan if n >= 3 else bad[1, 0]
        terms_poisoned = step(poisoned, batch._replace(x_real=bad))
    assert finite(clean) == {side: [True, True, True] for side in SIDES}
    assert finite(poisoned) == {side: [True, False, True] for side in SIDES}
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
    assert finite(ensemble) == dict.fromkeys(SIDES, [True] * len(seeds))
    with torch.no_grad():
        bias = ensemble.state[network]["layers.1.bias"]
        bias.view(len(seeds), -1)[-1, -1] = bad
    (other,) = set(SIDES) - {network}
    assert finite(ensemble) == {other: [True] * len(seeds), network: [True] * (len(seeds) - 1) + [False]}


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


# Optimisers and averages


def plain(variant, seed):
    """The initial networks of a replica with this seed."""
    nets, rng = variant.networks(), np.random.default_rng(seed)
    for net in nets.values():
        net.initialise(rng)
    return nets


def plain_steps(variant, nets, optimizers, n_steps, seed, sides=SIDES):
    """The updates of the ensemble, for one model in a plain loop."""
    losses = {"discriminator": variant.discriminator_loss, "generator": variant.generator_loss}
    for batch in batches(n_steps, [seed]):
        for side in sides:
            optimizers[side].zero_grad()
            sum(losses[side](nets, Batch(*(part[0] for part in batch))).values()).backward()
            optimizers[side].step()


@pytest.mark.parametrize("seeds", [(5,), (5, 6, 7)])
def test_rmsprop_is_that_of_torch(seeds, double):
    changes = {
        "optimizers__generator": {"kind": "rmsprop", "learning_rate": 0.01, "alpha": 0.7, "eps": 1e-3},
        "optimizers__discriminator": {"kind": "rmsprop", "learning_rate": 0.03},
    }
    ensemble = ensemble_of(seeds, **changes)
    run(ensemble, 6, seeds)
    for row, seed in enumerate(seeds):
        variant = variant_of(**changes)
        nets = plain(variant, seed)
        options = {
            "generator": {"lr": 0.01, "alpha": 0.7, "eps": 1e-3},
            "discriminator": {"lr": 0.03, "alpha": 0.99, "eps": 1e-8},
        }
        optimizers = {side: torch.optim.RMSprop(nets[side].parameters(), **options[side]) for side in SIDES}
        plain_steps(variant, nets, optimizers, 6, seed)
        for name, net in nets.items():
            for key, value in net.named_parameters():
                found = ensemble.weights()[f"{name}.{key}"][row]
                np.testing.assert_allclose(found, value.detach(), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("seeds", [(5,), (5, 6)])
def test_weight_decay_is_added_to_the_gradient_of_its_side(seeds, double):
    changes = {"optimizers__discriminator": {"learning_rate": 0.03, "weight_decay": 0.2}}
    ensemble, variant = ensemble_of(seeds, **changes), variant_of(**changes)
    run(ensemble, 6, seeds)
    for row, seed in enumerate(seeds):
        nets = plain(variant, seed)
        decay = {"generator": 0.0, "discriminator": 0.2}
        specs = {side: getattr(variant.settings.optimizers, side) for side in SIDES}
        optimizers = {
            side: torch.optim.Adam(
                nets[side].parameters(), lr=s.learning_rate, betas=s.betas, eps=s.eps, weight_decay=decay[side]
            )
            for side, s in specs.items()
        }
        plain_steps(variant, nets, optimizers, 6, seed)
        for name, net in nets.items():
            for key, value in net.named_parameters():
                found = ensemble.weights()[f"{name}.{key}"][row]
                np.testing.assert_allclose(found, value.detach(), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("seeds", [(4,), (4, 5, 6)])
def test_the_average_is_exponential_and_over_the_generators_updates(seeds, double):
    ensemble = ensemble_of(seeds, ema={"decay": 0.8})
    expected = ensemble.vectors["generator"].clone()
    for batch in batches(5, seeds):
        ensemble.update("discriminator", batch)
        torch.testing.assert_close(ensemble.average, expected, rtol=1e-12, atol=1e-14)
        ensemble.update("generator", batch)
        expected = 0.8 * expected + 0.2 * ensemble.vectors["generator"]
        torch.testing.assert_close(ensemble.average, expected, rtol=1e-12, atol=1e-14)
    assert not torch.allclose(expected, ensemble.vectors["generator"], atol=1e-3)


@pytest.mark.parametrize("seeds", [(4,), (4, 5, 6)])
def test_averaged_views_are_of_the_average_and_leave_the_weights(seeds):
    ensemble, untouched = ensemble_of(seeds, ema={"decay": 0.8}), ensemble_of(seeds, ema={"decay": 0.8})
    for each in (ensemble, untouched):
        run(each, 3, seeds)
    before, z = ensemble.weights(), torch.ones(len(seeds), 4, 2)
    averaged = ensemble.views(Batch(z, z, z[..., 0]), averaged=True)["samples"]
    assert all(torch.equal(before[key], value) for key, value in ensemble.weights().items())
    assert not torch.equal(averaged, sample(ensemble, z))
    run(ensemble, 1, seeds)
    run(untouched, 1, seeds)
    assert all(torch.equal(untouched.weights()[key], value) for key, value in ensemble.weights().items())
    other = ensemble_of(seeds, ema={"decay": 0.8})
    run(other, 3, seeds)
    with torch.no_grad():
        other.vectors["generator"].copy_(other.average)
    assert torch.equal(averaged, sample(other, z))


# What a variant may define


class WithLogged(GAN):
    """GAN with a logged term that would change all weights if it were minimised."""

    logged = ("watched",)

    def discriminator_loss(self, nets, batch):
        return super().discriminator_loss(nets, batch) | {"watched": 100 * nets["discriminator"](batch.x_real).mean()}

    def generator_loss(self, nets, batch):
        return super().generator_loss(nets, batch) | {"watched": 100 * nets["generator"](batch.z).mean()}


@pytest.mark.parametrize("seeds", [(4,), (4, 5)])
def test_logged_terms_are_returned_and_not_minimised(seeds):
    with_them, without = ensemble_of(seeds, WithLogged), ensemble_of(seeds)
    terms = run(with_them, 4, seeds)[-1]
    assert terms["discriminator_watched"].shape == terms["generator_watched"].shape == (len(seeds),)
    run(without, 4, seeds)
    for key, value in without.weights().items():
        np.testing.assert_allclose(with_them.weights()[key], value, **CLOSE)


class Alone(Variant):
    """No discriminator: G minimises the distance of its mean to that of the real points."""

    needs = ("generator",)

    def networks(self):
        return {"generator": MLP((self.settings.latent_dim,), self.shape("generator"), self.data_shape)}

    def generator_loss(self, nets, batch):
        return {"distance": (nets["generator"](batch.z).mean(0) - batch.x_real.mean(0)).square().sum()}


ALONE = {
    "networks": {"generator": {"hidden": [5]}},
    "optimizers": {"generator": {"learning_rate": 0.03}},
}


@pytest.mark.parametrize("seeds", [(4,), (4, 5)])
def test_without_a_discriminator_there_is_one_side(seeds):
    ensemble = ensemble_of(seeds, Alone, **ALONE)
    assert list(ensemble.sides) == ["generator"]
    assert set(ensemble.optimizers) == set(ensemble.vectors) == {"generator"}
    losses = [ensemble.update("generator", batch)["distance"] for batch in batches(100, seeds)]
    assert (torch.stack(losses[-20:]).mean(0) < 0.3 * torch.stack(losses[:3]).mean(0)).all()
    assert finite(ensemble) == {"generator": [True] * len(seeds)}


class WithEncoder(GAN):
    """GAN whose generator's side also learns codes of the real points."""

    needs = ("generator", "encoder", "discriminator")

    def networks(self):
        return super().networks() | {"encoder": MLP(self.data_shape, self.shape("encoder"), (2,))}

    def generator_loss(self, nets, batch):
        return super().generator_loss(nets, batch) | {"codes": nets["encoder"](batch.x_real).square().mean()}


@pytest.mark.parametrize("seeds", [(4,), (4, 5)])
def test_an_encoder_is_on_the_generators_side(seeds):
    ensemble, batch = ensemble_of(seeds, WithEncoder, networks__encoder={"hidden": [3]}), next(batches(1, seeds))
    for side, moving in (("discriminator", {"discriminator"}), ("generator", {"generator", "encoder"})):
        before = ensemble.weights()
        ensemble.update(side, batch)
        moved = {key.split(".")[0] for key, value in ensemble.weights().items() if not torch.equal(value, before[key])}
        assert moved == moving


@pytest.mark.parametrize("seeds", [(4,), (4, 5, 6)])
@pytest.mark.parametrize("side", SIDES)
def test_noise_is_added_to_what_the_generator_makes(seeds, side):
    batch = next(batches(1, seeds))
    noise = torch.from_numpy(np.random.default_rng(3).normal(size=(len(seeds), 6, DIM))).float()
    terms = []
    for added in (None, noise):
        ensemble = ensemble_of(seeds)

        def loss(nets, batch):
            made, weight = nets["generator"](batch.z), torch.arange(12.0).reshape(6, DIM)
            return {"made": (weight * made).sum() + 0 * nets["discriminator"](batch.x_real).sum()}

        ensemble.variant.discriminator_loss = ensemble.variant.generator_loss = loss
        terms.append(ensemble.update(side, batch, added)["made"])
    expected = (torch.arange(12.0).reshape(6, DIM) * noise).sum((1, 2))
    torch.testing.assert_close(terms[1] - terms[0], expected, rtol=1e-4, atol=1e-4)


# Buffers


class Scaled(Network):
    """A network times a buffer."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.register_buffer("scale", torch.ones(()))

    def forward(self, *inputs):
        return self.inner(*inputs) * self.scale

    def initialise(self, rng):
        self.inner.initialise(rng)
        self.scale.fill_(rng.uniform(1, 2))


class WithBuffer(GAN):
    """GAN whose discriminator shrinks by a tenth after each of its updates."""

    logged = ("d",)

    def networks(self):
        nets = super().networks()
        return nets | {"discriminator": Scaled(nets["discriminator"])}

    def discriminator_loss(self, nets, batch):
        return super().discriminator_loss(nets, batch) | {"d": nets["discriminator"](batch.x_real).mean()}

    def after_update(self, side, parameters):
        if side == "discriminator":
            parameters["discriminator"]["scale"].mul_(0.9)


@pytest.mark.parametrize("seeds", [(5,), (5, 6, 7)])
def test_buffers_are_used_changed_and_each_replicas_own(seeds, double):
    ensemble = ensemble_of(seeds, WithBuffer)
    first = ensemble.weights()["discriminator.scale"]
    variant = variant_of(WithBuffer)
    starts = [plain(variant, seed)["discriminator"].scale.item() for seed in seeds]
    assert first.tolist() == starts
    terms = run(ensemble, 4, seeds)
    np.testing.assert_allclose(ensemble.weights()["discriminator.scale"], 0.9**4 * first, rtol=1e-12)
    for row, seed in enumerate(seeds):
        alone = ensemble_of([seed], WithBuffer)
        for a, b in zip(terms, run(alone, 4, [seed]), strict=True):
            assert a["discriminator_d"][row].item() == pytest.approx(b["discriminator_d"][0].item(), rel=1e-9)
    # D is proportional to the buffer
    points = torch.ones(3, DIM)
    before = ensemble.field(points)
    with torch.no_grad():
        ensemble.buffers["discriminator"]["scale"].mul_(2)
    torch.testing.assert_close(ensemble.field(points), 2 * before)


@pytest.mark.parametrize("seeds", [(4,), (4, 5, 6)])
def test_averages_buffers_and_rmsprop_are_saved_and_restored(seeds):
    changes = {
        "ema": {"decay": 0.8},
        "optimizers__generator": {"kind": "rmsprop", "learning_rate": 0.01},
    }
    whole, file = ensemble_of(seeds, WithBuffer, **changes), io.BytesIO()
    run(whole, 3, seeds)
    torch.save(whole.state_dict(), file)
    file.seek(0)
    restored = ensemble_of([seed + 100 for seed in seeds], WithBuffer, **changes)
    restored.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(restored.average, whole.average)
    for ensemble in (whole, restored):
        run(ensemble, 3, seeds)
    assert torch.equal(restored.average, whole.average)
    for key, value in whole.weights().items():
        assert torch.equal(restored.weights()[key], value)


# Unrolled updates


class Imagining(GAN):
    """GAN whose views are the parameters and the optimiser's state of its discriminator."""

    imagines_updates = True

    def views(self, nets, batch):
        bound = nets["discriminator"]
        parts = {"p": bound.parameters, "m": bound.exp_avg, "v": bound.exp_avg_sq}
        shown = {f"{part}.{key}": value.detach() for part, values in parts.items() for key, value in values.items()}
        return shown | {"step": bound.step.reshape(1), "d": bound(batch.x_real)}


@pytest.mark.parametrize("n_updates", [0, 3])
@pytest.mark.parametrize("seeds", [(5,), (5, 6, 7)])
def test_imagined_updates_begin_where_torchs_adam_is(seeds, n_updates, double):
    ensemble = ensemble_of(seeds, Imagining)
    for batch in batches(n_updates, seeds):
        ensemble.update("discriminator", batch)
    points = torch.ones(len(seeds), 4, DIM)
    seen = ensemble.views(Batch(points, points, points[..., 0]))
    for row, seed in enumerate(seeds):
        variant = variant_of()
        nets = plain(variant, seed)
        adam = torch.optim.Adam(nets["discriminator"].parameters(), lr=0.02, betas=(0.5, 0.9), foreach=False)
        plain_steps(variant, nets, {"discriminator": adam}, n_updates, seed, sides=["discriminator"])
        assert seen["step"][row].tolist() == [n_updates]
        for key, value in nets["discriminator"].named_parameters():
            state = adam.state.get(value, {"exp_avg": torch.zeros_like(value), "exp_avg_sq": torch.zeros_like(value)})
            for part, expected in (("p", value), ("m", state["exp_avg"]), ("v", state["exp_avg_sq"])):
                found = seen[f"{part}.{key}"][row]
                np.testing.assert_allclose(found, expected.detach(), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(seen["d"][row], nets["discriminator"](points[row]).detach(), rtol=1e-9)


@pytest.mark.parametrize("seeds", [(5,), (5, 6)])
def test_being_able_to_imagine_changes_no_update(seeds, double):
    imagining, usual = ensemble_of(seeds, Imagining), ensemble_of(seeds)
    for ensemble in (imagining, usual):
        run(ensemble, 4, seeds)
    for key, value in usual.weights().items():
        np.testing.assert_allclose(imagining.weights()[key], value, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("build", [GAN, Imagining])
def test_batch_norm_and_maxout_step_like_separate_models(build, double):
    changes = {
        "networks__generator": {"hidden": [5], "batch_norm": True},
        "networks__discriminator": {"hidden": [4], "activation": "maxout", "pieces": 3},
    }
    seeds = (5, 6)
    together = ensemble_of(seeds, build, **changes)
    run(together, 5, seeds)
    for row, seed in enumerate(seeds):
        alone = ensemble_of([seed], build, **changes)
        run(alone, 5, [seed])
        for key, value in alone.weights().items():
            np.testing.assert_allclose(together.weights()[key][row], value[0], rtol=1e-7, atol=1e-7)
