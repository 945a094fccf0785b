"""BiGAN's losses and their gradients against log-sigmoid formulas; which term trains which network; its views."""

import numpy as np
import pairs
import pytest
import torch
from scipy.special import log_expit
from torch.func import vmap


def by_hand(side, live, held, batch):
    """-log sigmoid(D) where a side wants the label 1, -log(1 - sigmoid(D)) where it wants 0."""
    on_real = pairs.mlp(live["discriminator"], batch.x_real, pairs.mlp(live["encoder"], batch.x_real))
    on_fake = pairs.mlp(live["discriminator"], pairs.mlp(live["generator"], batch.z), batch.z)
    sign = 1 if side == "discriminator" else -1
    return {"real": -log_expit(sign * on_real).mean(), "fake": -log_expit(-sign * on_fake).mean()}


@pytest.mark.parametrize("replicas", pairs.REPLICAS)
@pytest.mark.parametrize("side", pairs.SIDES)
def test_terms_and_gradients_are_those_of_the_formula(side, replicas):
    pairs.agree(pairs.variant("bigan"), by_hand, side, replicas, n_real=5, n_fake=7)


def test_points_of_any_shape_are_joined_with_z():
    pairs.agree(pairs.variant("bigan", data_shape=(2, 2)), by_hand, "generator", None)


def test_the_encoder_moves_by_the_real_term_and_the_generator_by_the_fake_one():
    chosen = pairs.variant("bigan")
    nets = pairs.modules(chosen)
    terms = chosen.generator_loss(nets, pairs.tensors(pairs.arrays(chosen)))
    moved = {(t, n): not pairs.gradient_is_zero(terms[t], nets[n]) for t in terms for n in ("generator", "encoder")}
    assert [pair for pair, moves in moved.items() if moves] == [("real", "encoder"), ("fake", "generator")]


def test_logits_of_any_size_have_finite_losses():
    """D = 1000 on pairs with x = 1, which are real, and -1000 on those with x = -1, which are generated."""
    chosen = pairs.variant("bigan", data_shape=(1,), latent_dim=1)
    batch = pairs.tensors((np.ones((2, 1)), -np.ones((2, 1)), np.zeros(2)))
    nets = {"generator": lambda z: z, "encoder": lambda x: x, "discriminator": lambda x, z: 500 * (x + z)[:, 0]}
    assert chosen.discriminator_loss(nets, batch) == {"real": 0, "fake": 0}
    assert chosen.generator_loss(nets, batch) == {"real": 1000, "fake": 1000}


def test_an_undecided_discriminator_costs_two_log_two_on_both_sides():
    chosen = pairs.variant("bigan")
    nets = pairs.modules(chosen) | {"discriminator": lambda x, z: 0 * x[:, 0]}
    batch = pairs.tensors(pairs.arrays(chosen))
    for side in pairs.SIDES:
        assert pairs.total(chosen, pairs.loss_of(chosen, side)(nets, batch)).item() == pytest.approx(2 * np.log(2))


@pytest.mark.parametrize("stacked", [False, True])
def test_views_are_both_ways_and_back(stacked):
    chosen = pairs.variant("bigan", latent_dim=2)
    nets = {"generator": lambda z: 2 * z, "encoder": lambda x: x + 1}
    batches = [pairs.arrays(chosen, seed, n_real=4, n_fake=6) for seed in range(2 if stacked else 1)]
    batch, look = pairs.tensors(*batches), lambda b: chosen.views(nets, b)
    seen = (vmap(look) if stacked else look)(batch)
    x, z = batch.x_real, batch.z
    expected = {"samples": 2 * z, "codes": x + 1, "reconstructions": 2 * x + 2, "recodes": 2 * z + 1}
    assert seen.keys() == expected.keys()
    assert all(torch.equal(seen[name], expected[name]) for name in seen)


def test_networks_join_the_shapes_of_the_data_and_of_z():
    nets = pairs.modules(pairs.variant("bigan", data_shape=(4, 2), latent_dim=3))
    x = nets["generator"](torch.ones(6, 3).double())
    assert x.shape == (6, 4, 2)
    assert nets["encoder"](x).shape == (6, 3)
    assert nets["discriminator"](x, nets["encoder"](x)).shape == (6,)


def test_an_encoder_must_be_given():
    with pytest.raises(ValueError, match=r"variant bigan has the networks generator, encoder, discriminator"):
        pairs.variant("bigan", networks=dict.fromkeys(["generator", "discriminator"], pairs.TANH))
