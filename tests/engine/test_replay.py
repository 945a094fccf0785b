"""A replay does what the function did, in memory that is used again, for every variant and kind of network."""

import numpy as np
import pytest
import tiny
import torch

from modescope import variants
from modescope.engine.ensemble import Ensemble
from modescope.engine.replay import Replay, out_variant
from modescope.engine.tape import record
from modescope.params import registry

aten = torch.ops.aten
CPU = torch.device("cpu")
CODES = {"hidden": [4], "activation": "tanh"}


def ensemble_of(variant, n, **changes):
    needs = variants.find(variant).needs
    shape = (1,) if variant == "point" else (2,)
    networks = dict.fromkeys(needs, CODES) | {k: v for k, v in changes.pop("networks", {}).items() if k in needs}
    changes |= {"networks": networks, "latent_dim": shape[0], "discriminator_batch": 6}
    if "discriminator" not in needs:
        changes |= {"optimizers__discriminator": None}
    made = variants.find(variant)(tiny.experiment(variant=variant, **changes), shape)
    return Ensemble(made, [np.random.default_rng(seed) for seed in range(n)], CPU)


def inputs(ensemble, seed, noisy=False):
    rng, n, variant = np.random.default_rng(seed), ensemble.n_replicas, ensemble.variant
    shapes = variant.data_shape, (variant.settings.latent_dim,), variant.data_shape
    x, z, noise = (torch.from_numpy(rng.normal(size=(n, 6, *shape)).astype(np.float32)) for shape in shapes)
    return [x, z, torch.from_numpy(rng.random((n, 6), dtype=np.float32)), noise if noisy else None]


def assert_like_autograd(ensemble, noisy=False):
    """Assert that the gradients and terms of updates are those of autograd, for changing batches and parameters."""
    for seed in range(3):
        for side in ensemble.sides:
            given = inputs(ensemble, seed, noisy)
            gradients, terms = ensemble.gradient(side, *given)
            found = ensemble.traced[side](*given)
            for home, wanted in zip(ensemble.traced[side].homes, gradients, strict=True):
                torch.testing.assert_close(home, wanted, rtol=1e-4, atol=1e-6)
            for name, term in terms.items():
                torch.testing.assert_close(found[name], term, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("variant", registry.names("variants"))
def test_gradients_of_every_variant_are_those_of_autograd(variant, n):
    assert_like_autograd(ensemble_of(variant, n))


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize(
    "network",
    [
        {"hidden": [5, 3], "activation": "relu"},
        {"hidden": [5], "activation": "leaky_relu"},
        {"hidden": [4], "activation": "maxout", "pieces": 3},
        {"hidden": [5], "batch_norm": True},
    ],
)
def test_gradients_of_every_kind_of_network_are_those_of_autograd(network, n):
    networks = {"generator": network, "discriminator": network | {"batch_norm": False}}
    assert_like_autograd(ensemble_of("r3gan", n, networks=networks), noisy=True)


DIRAC = {"generator": {"kind": "point"}, "discriminator": {"kind": "linear"}}
# Their networks are others: an encoder, statistics over the batch, no discriminator, a generator of its own.
WITHOUT_DIRAC = {"bigan", "bigan_pgp", "bigan_reconstruction", "encoder", "flow_matching", "gmn"}
WITHOUT_DIRAC |= {"minibatch_stddev", "pacgan", "point", "veegan"}


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("variant", sorted({*registry.names("variants")} - WITHOUT_DIRAC))
def test_gradients_of_a_point_and_a_line_are_those_of_autograd(variant, n):
    changes = {"hyperparameters": {"normalised": False}} if variant.endswith("_sn") else {}
    settings = tiny.experiment(
        variant=variant, networks=DIRAC, latent_dim=1, discriminator_batch=6, generator_batch=6, **changes
    )
    made = variants.find(variant)(settings, (1,))
    assert_like_autograd(Ensemble(made, [np.random.default_rng(seed) for seed in range(n)], CPU), noisy=True)


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("variant", ["gan", "pacgan", "r3gan", "wgan_gp"])
def test_gradients_of_convolutions_are_those_of_autograd(variant, n):
    networks = {name: {"kind": "conv", "channels": 2} for name in ("generator", "discriminator")}
    made = variants.find(variant)(tiny.experiment(variant=variant, networks=networks), (3, 8, 8))
    assert_like_autograd(Ensemble(made, [np.random.default_rng(seed) for seed in range(n)], CPU))


def test_results_that_are_returned_outlive_the_replay_and_others_share_memory():
    x = torch.randn(1000)

    def function():
        chain = [x]
        for i in range(20):
            chain.append(torch.cumsum(chain[-1], 0) * i)
        return chain[3], chain[-1]

    replay = Replay(record(lambda: ((), function())), [], CPU)
    x.normal_()
    replay()
    for found, wanted in zip(replay.returned[1], function(), strict=True):
        assert torch.equal(found, wanted)
    assert len({memory.untyped_storage().data_ptr() for memory in replay.memories.values()}) < 8


def test_what_has_several_results_is_copied_to_its_places():
    x = torch.randn(4, 5)
    replay = Replay(record(lambda: ((), [part * 2 for part in torch.var_mean(x, 1)])), [], CPU)
    x.normal_()
    replay()
    for found, wanted in zip(replay.returned[1], torch.var_mean(x, 1), strict=True):
        torch.testing.assert_close(found, 2 * wanted)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: [x + 1, x * 2],  # results that can be written where they belong
        lambda x: [y := x + 1, y],  # one for two homes
        lambda x: [x, torch.ones_like(x)],  # what is no result
        lambda x: [(x.mT + 1).mT, (x.view(3, 2) * 3).view(2, 3)],  # in another order of the memory
    ],
)
def test_gradients_come_home(function):
    x, vector = torch.randn(2, 3), torch.zeros(12)
    homes = [part.view(2, 3) for part in vector.split(6)]
    replay = Replay(record(lambda: (function(x), {})), homes, CPU)
    x.normal_()
    replay()
    for home, wanted in zip(homes, function(x), strict=True):
        assert torch.equal(home, wanted)


def test_only_what_is_read_counts_as_read():
    x, y, z = torch.randn(3), torch.randn(3), torch.randn(3)
    replay = Replay(record(lambda: ((), (x * 2, y * 3, z)[::2])), [], CPU)
    assert [replay.reads(tensor) for tensor in (x, y, z)] == [True, False, True]


def test_the_variant_that_writes_where_it_is_told_has_the_same_arguments():
    assert out_variant(aten.bmm.default) == (aten.bmm.out, "out")
    assert out_variant(aten.threshold_backward.default) == (aten.threshold_backward.grad_input, "grad_input")
    assert out_variant(aten.sum.dim_IntList) == (aten.sum.IntList_out, "out")
    assert out_variant(aten.var_mean.correction) is None
