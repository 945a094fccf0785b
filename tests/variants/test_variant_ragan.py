"""The relativistic average losses against NumPy, and what they leave unchanged."""

import numpy as np
import pytest
import torch
from formulas import assert_same, batch_of, logit, loss_of, mlp, softplus, variant_of
from scipy.special import expit


def by_hand(side):
    def formula(weights, batch):
        d = weights["discriminator"]
        on_real, on_fake = logit(d, batch.x_real), logit(d, mlp(weights["generator"], batch.z))
        p_real = expit(on_real - on_fake.mean())  # the paper's D(x), the probability of being more real than average
        p_fake = expit(on_fake - on_real.mean())
        if side == "generator":
            return {"real": -np.mean(np.log(1 - p_real)), "fake": -np.mean(np.log(p_fake))}
        return {"real": -np.mean(np.log(p_real)), "fake": -np.mean(np.log(1 - p_fake))}

    return formula


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize("shape", [(2,), (2, 3)])
@pytest.mark.parametrize("n", [1, 3])
def test_values_and_gradients(side, shape, n):
    assert_same(variant_of("ragan", shape), side, by_hand(side), n)


@pytest.mark.parametrize("side", ["discriminator", "generator"])
def test_only_differences_of_logits_matter(side):
    variant, batch = variant_of("ragan"), batch_of(0)

    def terms(shift):
        nets = {"generator": lambda z: z[:, :2], "discriminator": lambda x: x[:, 0] * x[:, 1] + shift}
        return list(loss_of(variant, side)(nets, batch).values())

    torch.testing.assert_close(terms(100.0), terms(0.0))


def test_real_points_ahead_of_generated_ones_cost_the_generator_twice():
    """D = 3 on every real point and 1 on every generated one: a lead of 2 and one of -2."""
    nets = {"generator": lambda z: -z[:, :2].abs(), "discriminator": lambda x: 2.0 + torch.sign(x[:, 0])}
    variant, batch = variant_of("ragan"), batch_of(0)
    batch = batch._replace(x_real=batch.x_real.abs())
    found = [loss_of(variant, side)(nets, batch) for side in ("discriminator", "generator")]
    for terms, expected in zip(found, (softplus(-2.0), softplus(2.0)), strict=True):
        assert [term.item() for term in terms.values()] == pytest.approx([expected, expected])


def test_there_is_nothing_to_set():
    with pytest.raises(ValueError, match="unknown key a; allowed: none"):
        variant_of("ragan", hyperparameters={"a": 1.0})
