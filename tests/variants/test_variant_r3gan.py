"""The paired loss and both penalties against the chain rule in NumPy; gradients against finite differences."""

import numpy as np
import pytest
import torch
from formulas import assert_same, batch_of, logit, mlp, slope, softplus, variant_of


def by_hand(side, gamma):
    def formula(weights, batch):
        d, g = weights["discriminator"], mlp(weights["generator"], batch.z)
        lead = logit(d, batch.x_real) - logit(d, g)
        if side == "generator":
            return {"pairs": np.mean(softplus(lead))}
        return {
            "pairs": np.mean(softplus(-lead)),
            "r1": gamma / 2 * np.mean(np.sum(slope(d, batch.x_real) ** 2, 1)),
            "r2": gamma / 2 * np.mean(np.sum(slope(d, g) ** 2, 1)),
        }

    return formula


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize("shape", [(2,), (2, 3)])
@pytest.mark.parametrize("n", [1, 3])
def test_values_and_gradients(side, shape, n):
    assert_same(variant_of("r3gan", shape, hyperparameters={"gamma": 3.0}), side, by_hand(side, 3.0), n)


def test_a_discriminator_that_tells_pairs_apart_costs_the_generator_and_not_itself():
    """D = 1000 on real points and 0 on generated ones, which differ in the sign of their first coordinate."""
    variant, batch = variant_of("r3gan"), batch_of(0)
    batch = batch._replace(x_real=batch.x_real.abs())
    nets = {"generator": lambda z: -z[:, :2].abs(), "discriminator": lambda x: 1000.0 * (x[:, 0] > 0) + 0 * x[:, 0]}
    terms = variant.discriminator_loss(nets, batch)
    assert {name: term.item() for name, term in terms.items()} == {"pairs": 0, "r1": 0, "r2": 0}
    assert variant.generator_loss(nets, batch)["pairs"] == torch.tensor(1000.0)


@pytest.mark.parametrize("bad", [{"gamma": -1.0}, {"r1_gamma": 1.0}])
def test_bad_hyperparameters_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        variant_of("r3gan", hyperparameters=bad)
