"""The gradient penalty against the chain rule in NumPy, and its gradient against finite differences."""

import numpy as np
import pytest
import torch
from formulas import assert_same, batch_of, logit, mlp, slope, variant_of


def by_hand(side, weight):
    def formula(weights, batch):
        critic, g = weights["discriminator"], mlp(weights["generator"], batch.z)
        if side == "generator":
            return {"fake": -np.mean(logit(critic, g))}
        x = batch.x_real.reshape(len(g), -1)
        x_hat = np.stack([eps * a + (1 - eps) * b for eps, a, b in zip(batch.uniform, x, g, strict=True)])
        norms = np.linalg.norm(slope(critic, x_hat), axis=1)
        return {
            "real": -np.mean(logit(critic, x)),
            "fake": np.mean(logit(critic, g)),
            "gradient_penalty": weight * np.mean((norms - 1) ** 2),
        }

    return formula


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize("shape", [(2,), (2, 3)])
@pytest.mark.parametrize("n", [1, 3])
def test_values_and_gradients(side, shape, n):
    weight = 1.7
    assert_same(variant_of("wgan_gp", shape, hyperparameters={"gp_weight": weight}), side, by_hand(side, weight), n)


def test_a_flat_critic_costs_the_whole_weight_and_has_finite_gradients():
    variant, batch = variant_of("wgan_gp"), batch_of(0)
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    nets = {"generator": lambda z: z[:, :2], "discriminator": lambda x: x @ w}
    terms = variant.discriminator_loss(nets, batch)
    assert terms["gradient_penalty"].item() == pytest.approx(0.1, abs=1e-6)
    (gradient,) = torch.autograd.grad(terms["gradient_penalty"], w)
    assert gradient.tolist() == [0, 0]


def test_a_critic_of_slope_one_costs_nothing():
    nets = {"generator": lambda z: z[:, :2], "discriminator": lambda x: 0.6 * x[:, 0] - 0.8 * x[:, 1]}
    terms = variant_of("wgan_gp").discriminator_loss(nets, batch_of(0))
    assert terms["gradient_penalty"].item() == pytest.approx(0, abs=1e-20)


def test_defaults_are_those_of_the_toy_script():
    variant = variant_of("wgan_gp")
    assert (variant.hyperparameters.gp_weight, variant.n_critic) == (0.1, 5)
    assert variant_of("wgan_gp", hyperparameters={"n_critic": 2}).n_critic == 2


@pytest.mark.parametrize("bad", [{"gp_weight": -0.1}, {"n_critic": 0}, {"gamma": 1.0}])
def test_bad_hyperparameters_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        variant_of("wgan_gp", hyperparameters=bad)
