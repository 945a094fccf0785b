"""VEEGAN's losses and their gradients against NumPy; the sign of its logit; which term trains which network."""

import numpy as np
import pairs
import pytest
import torch
from scipy.special import log_expit


def by_hand(weight):
    def terms(side, live, held, batch):
        x_fake = pairs.mlp(live["generator"], batch.z)
        on_fake = pairs.mlp(live["discriminator"], x_fake, batch.z)
        on_real = pairs.mlp(live["discriminator"], batch.x_real, pairs.mlp(live["encoder"], batch.x_real))
        if side == "discriminator":  # generated pairs have the label 1
            return {"real": -log_expit(-on_real).mean(), "fake": -log_expit(on_fake).mean()}
        gaps = [np.linalg.norm(z - f) for z, f in zip(batch.z, pairs.mlp(live["encoder"], x_fake), strict=True)]
        return {"fake": on_fake.mean(), "reconstruction": weight * np.mean(np.square(gaps))}

    return terms


@pytest.mark.parametrize("replicas", pairs.REPLICAS)
@pytest.mark.parametrize("side", pairs.SIDES)
def test_terms_and_gradients_are_those_of_the_formula(side, replicas):
    chosen = pairs.variant("veegan", hyperparameters={"reconstruction_weight": 0.3})
    pairs.agree(chosen, by_hand(0.3), side, replicas, n_real=5, n_fake=7)


def test_the_default_weight_is_one_for_points_of_any_shape():
    pairs.agree(pairs.variant("veegan", data_shape=(2, 2)), by_hand(1.0), "generator", None)


def test_the_reconstructor_moves_by_its_own_term_and_the_generator_by_both():
    chosen = pairs.variant("veegan")
    nets = pairs.modules(chosen)
    terms = chosen.generator_loss(nets, pairs.tensors(pairs.arrays(chosen)))
    moved = {n: [t for t in terms if not pairs.gradient_is_zero(terms[t], nets[n])] for n in ("generator", "encoder")}
    assert moved == {"generator": ["fake", "reconstruction"], "encoder": ["reconstruction"]}


def test_the_logit_is_high_on_generated_pairs_and_the_generator_lowers_it():
    """A gradient step of D raises D(g, z) - D(x, F(x)); a gradient step of G lowers D(g, z)."""
    chosen = pairs.variant("veegan", hyperparameters={"reconstruction_weight": 0.0})
    nets, batch = pairs.modules(chosen), pairs.tensors(pairs.arrays(chosen))

    def logits():
        on_fake = nets["discriminator"](nets["generator"](batch.z), batch.z).mean().item()
        return on_fake, nets["discriminator"](batch.x_real, nets["encoder"](batch.x_real)).mean().item()

    def descend(side, name):
        parameters = list(nets[name].parameters())
        loss = pairs.total(chosen, pairs.loss_of(chosen, side)(nets, batch))
        with torch.no_grad():
            for parameter, slope in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
                parameter -= 0.01 * slope

    start = logits()
    descend("discriminator", "discriminator")
    judged = logits()
    assert judged[0] - judged[1] > start[0] - start[1]
    descend("generator", "generator")
    assert logits()[0] < judged[0]


def test_known_reconstructions_and_logits_of_any_size():
    """F is off by one in each of three coordinates; D is 1000 on generated pairs, -1000 on real ones."""
    chosen = pairs.variant("veegan", data_shape=(3,))
    batch = pairs.tensors((-np.ones((4, 3)), np.ones((4, 3)), np.zeros(4)))
    nets = {"generator": lambda z: z, "encoder": lambda x: x + 1, "discriminator": lambda x, z: 1000 * x[:, 0]}
    assert chosen.generator_loss(nets, batch) == {"fake": 1000, "reconstruction": 3}
    assert chosen.discriminator_loss(nets, batch) == {"fake": 0, "real": 0}


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        pairs.variant("veegan", hyperparameters={"reconstruction_weight": -1.0})
