"""The standard loss with both penalties against the chain rule in NumPy; gradients against finite differences."""

import numpy as np
import pytest
import torch
from formulas import assert_same, batch_of, logit, loss_of, mlp, models_of, slope, softplus, variant_of


def by_hand(side, gamma):
    def formula(weights, batch):
        d, g = weights["discriminator"], mlp(weights["generator"], batch.z)
        if side == "generator":
            return {"fake": np.mean(softplus(-logit(d, g)))}
        return {
            "real": np.mean(softplus(-logit(d, batch.x_real))),
            "fake": np.mean(softplus(logit(d, g))),
            "r1": gamma / 2 * np.mean(np.sum(slope(d, batch.x_real) ** 2, 1)),
            "r2": gamma / 2 * np.mean(np.sum(slope(d, g) ** 2, 1)),
        }

    return formula


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize("shape", [(2,), (2, 3)])
@pytest.mark.parametrize("n", [1, 3])
def test_values_and_gradients(side, shape, n):
    assert_same(variant_of("r1r2", shape, hyperparameters={"gamma": 3.0}), side, by_hand(side, 3.0), n)


@pytest.mark.parametrize("other", ["r1", "gan"])
def test_without_what_it_adds_it_is_the_other(other):
    """All terms but R2 are those of R1 with the same weight; all but both penalties are those of the GAN."""
    variant, batch = variant_of("r1r2", hyperparameters={"gamma": 10.0}), batch_of(0)
    base = variant_of(other)
    (nets,) = models_of(base, 1)
    for side in ("discriminator", "generator"):
        expected = loss_of(base, side)(nets, batch)
        found = loss_of(variant, side)(nets, batch)
        for name, term in expected.items():
            torch.testing.assert_close(found[name], term)


def test_a_plane_of_slope_five_is_penalised_at_both_kinds_of_points():
    """D(x) = 3 x_1 + 4 x_2 with the default gamma of 1: 1 / 2 * 25 for each."""
    nets = {"generator": lambda z: z[:, :2], "discriminator": lambda x: 3 * x[:, 0] + 4 * x[:, 1]}
    terms = variant_of("r1r2").discriminator_loss(nets, batch_of(0))
    assert (terms["r1"].item(), terms["r2"].item()) == (12.5, 12.5)


@pytest.mark.parametrize("bad", [{"gamma": -1.0}, {"r1_gamma": 1.0}])
def test_bad_hyperparameters_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        variant_of("r1r2", hyperparameters=bad)
