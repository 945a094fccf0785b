"""The adversarial encoder's losses and their gradients against log-sigmoid formulas; it returns only codes."""

import numpy as np
import pairs
import pytest
import torch
from scipy.special import log_expit


def by_hand(side, live, held, batch):
    on_real = pairs.mlp(live["discriminator"], batch.z)
    on_fake = pairs.mlp(live["discriminator"], pairs.mlp(live["encoder"], batch.x_real))
    if side == "generator":
        return {"fake": -log_expit(on_fake).mean()}
    return {"real": -log_expit(on_real).mean(), "fake": -log_expit(-on_fake).mean()}


@pytest.mark.parametrize("replicas", pairs.REPLICAS)
@pytest.mark.parametrize("side", pairs.SIDES)
def test_terms_and_gradients_are_those_of_the_formula(side, replicas):
    pairs.agree(pairs.variant("encoder"), by_hand, side, replicas, n_real=5, n_fake=7)


def test_points_of_any_shape_are_encoded():
    pairs.agree(pairs.variant("encoder", data_shape=(2, 2)), by_hand, "generator", None)


def test_logits_of_any_size_have_finite_losses():
    chosen = pairs.variant("encoder", data_shape=(1,), latent_dim=1)
    batch = pairs.tensors((-np.ones((2, 1)), np.ones((3, 1)), np.zeros(2)))
    nets = {"encoder": lambda x: x, "discriminator": lambda z: 1000 * z[:, 0]}
    assert chosen.discriminator_loss(nets, batch) == {"real": 0, "fake": 0}
    assert chosen.generator_loss(nets, batch) == {"fake": 1000}


def test_it_gives_codes_and_no_samples():
    chosen = pairs.variant("encoder", data_shape=(2, 2))
    nets, batch = pairs.modules(chosen), pairs.tensors(pairs.arrays(chosen, n_real=6))
    assert nets.keys() == {"encoder", "discriminator"}
    seen = chosen.views(nets, batch)
    assert seen.keys() == {"codes"}
    assert seen["codes"].shape == (6, pairs.LATENT)
    assert torch.equal(seen["codes"], nets["encoder"](batch.x_real))


def test_a_generator_is_refused():
    with pytest.raises(ValueError, match="variant encoder has the networks encoder, discriminator"):
        pairs.variant("encoder", networks=dict.fromkeys(["generator", "discriminator"], pairs.TANH))
