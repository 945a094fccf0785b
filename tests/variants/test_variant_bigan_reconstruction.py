"""BiGAN with reconstruction: terms and gradients against NumPy with constant inputs; known distances."""

import numpy as np
import pairs
import pytest
import torch
from scipy.special import log_expit

NAME = "bigan_reconstruction"


def by_hand(weight):
    def terms(side, live, held, batch):
        x, z = batch.x_real, batch.z
        codes, x_fake = pairs.mlp(live["encoder"], x), pairs.mlp(live["generator"], z)
        on_real = pairs.mlp(live["discriminator"], x, codes)
        on_fake = pairs.mlp(live["discriminator"], x_fake, z)
        sign = 1 if side == "discriminator" else -1
        found = {"real": -log_expit(sign * on_real).mean(), "fake": -log_expit(-sign * on_fake).mean()}
        if side == "discriminator":
            return found
        again = pairs.mlp(live["generator"], pairs.mlp(held["encoder"], x)).reshape(x.shape)
        recoded = pairs.mlp(live["encoder"], pairs.mlp(held["generator"], z))
        return found | {
            "data_reconstruction": weight * np.abs(x - again).sum() / len(x),
            "latent_reconstruction": weight * np.abs(z - recoded).sum() / len(z),
        }

    return terms


@pytest.mark.parametrize("replicas", pairs.REPLICAS)
@pytest.mark.parametrize("side", pairs.SIDES)
def test_terms_and_gradients_are_those_of_the_formula(side, replicas):
    chosen = pairs.variant(NAME, hyperparameters={"reconstruction_weight": 0.3})
    pairs.agree(chosen, by_hand(0.3), side, replicas, n_real=5, n_fake=7)


def test_the_default_weight_is_one_and_images_are_summed_over_all_axes():
    pairs.agree(pairs.variant(NAME, data_shape=(2, 2)), by_hand(1.0), "generator", None)


def test_each_reconstruction_moves_only_the_network_that_makes_it():
    chosen = pairs.variant(NAME)
    nets = pairs.modules(chosen)
    terms = chosen.generator_loss(nets, pairs.tensors(pairs.arrays(chosen)))
    for term, moved, held in [
        ("data_reconstruction", "generator", "encoder"),
        ("latent_reconstruction", "encoder", "generator"),
    ]:
        assert pairs.gradient_is_zero(terms[term], nets[held])
        assert not pairs.gradient_is_zero(terms[term], nets[moved])


@pytest.mark.parametrize(
    ("generator", "encoder", "data", "latent"),
    [
        (lambda z: 2 * z, lambda x: x / 2, 0, 0),  # inverse of each other
        (lambda z: z + 1, lambda x: x, 2, 2),  # off by one in each of two coordinates
        (lambda z: 2 * z, lambda x: x, 4, 6),  # off by x = (1, -3) and by z = (-2, 4)
    ],
)
def test_known_distances(generator, encoder, data, latent):
    chosen = pairs.variant(NAME, latent_dim=2)
    nets = {"generator": generator, "encoder": encoder, "discriminator": lambda x, z: 0 * x[:, 0]}
    batch = pairs.tensors((np.array([[1.0, -3.0]] * 4), np.array([[-2.0, 4.0]] * 4), np.zeros(4)))
    terms = chosen.generator_loss(nets, batch)
    assert terms["data_reconstruction"] == data
    assert terms["latent_reconstruction"] == latent


def test_without_weight_it_is_bigan():
    chosen, bigan = pairs.variant(NAME, hyperparameters={"reconstruction_weight": 0.0}), pairs.variant("bigan")
    nets, batch = pairs.modules(chosen), pairs.tensors(pairs.arrays(chosen))
    for side in pairs.SIDES:
        ours, theirs = (pairs.total(v, pairs.loss_of(v, side)(nets, batch)) for v in (chosen, bigan))
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [({"reconstruction_weight": -1.0}, "greater than or equal to 0"), ({"weight": 1.0}, "unknown key weight")],
)
def test_bad_hyperparameters_are_refused(hyperparameters, reason):
    with pytest.raises(ValueError, match=reason):
        pairs.variant(NAME, hyperparameters=hyperparameters)
