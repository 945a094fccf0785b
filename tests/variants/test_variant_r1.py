"""The penalty at real points against the chain rule in NumPy, and its gradient against finite differences."""

import numpy as np
import pytest
import torch
from formulas import assert_same, batch_of, logit, mlp, slope, softplus, variant_of


def by_hand(side, gamma):
    def formula(weights, batch):
        d, g = weights["discriminator"], mlp(weights["generator"], batch.z)
        if side == "generator":
            return {"fake": np.mean(softplus(-logit(d, g)))}
        return {
            "real": np.mean(softplus(-logit(d, batch.x_real))),
            "fake": np.mean(softplus(logit(d, g))),
            "r1": gamma / 2 * np.mean(np.sum(slope(d, batch.x_real) ** 2, 1)),
        }

    return formula


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize("shape", [(2,), (2, 3)])
@pytest.mark.parametrize("n", [1, 3])
def test_values_and_gradients(side, shape, n):
    assert_same(variant_of("r1", shape, hyperparameters={"r1_gamma": 3.0}), side, by_hand(side, 3.0), n)


def test_a_plane_of_slope_five_costs_five_times_its_square():
    """D(x) = 3 x_1 + 4 x_2 with the default gamma of 10: 10 / 2 * 25."""
    nets = {"generator": lambda z: z[:, :2], "discriminator": lambda x: 3 * x[:, 0] + 4 * x[:, 1]}
    terms = variant_of("r1").discriminator_loss(nets, batch_of(0))
    assert terms["r1"] == torch.tensor(125.0, dtype=torch.float64)


@pytest.mark.parametrize("bad", [{"r1_gamma": -1.0}, {"gamma": 1.0}])
def test_bad_hyperparameters_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        variant_of("r1", hyperparameters=bad)
