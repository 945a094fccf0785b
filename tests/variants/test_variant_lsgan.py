"""The squared errors of the paper's eq. (9) against NumPy."""

import numpy as np
import pytest
import torch
from formulas import assert_same, batch_of, logit, loss_of, mlp, variant_of


def by_hand(side):
    def formula(weights, batch):
        on_real = logit(weights["discriminator"], batch.x_real)
        on_fake = logit(weights["discriminator"], mlp(weights["generator"], batch.z))
        if side == "generator":
            return {"fake": 0.5 * np.mean((on_fake - 1) ** 2)}
        return {"real": 0.5 * np.mean((on_real - 1) ** 2), "fake": 0.5 * np.mean(on_fake**2)}

    return formula


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize("n", [1, 3])
def test_values_and_gradients(side, n):
    assert_same(variant_of("lsgan"), side, by_hand(side), n)


@pytest.mark.parametrize(
    ("score", "terms"),
    [(0.0, {"real": 0.5, "fake": 0.0, "generator": 0.5}), (1.0, {"real": 0.0, "fake": 0.5, "generator": 0.0})],
)
def test_the_targets_are_one_for_real_and_zero_for_fake_and_one_for_the_generator(score, terms):
    nets = {"generator": lambda z: z[:, :2], "discriminator": lambda x: 0 * x[:, 0] + score}
    variant, batch = variant_of("lsgan"), batch_of(0)
    found = loss_of(variant, "discriminator")(nets, batch)
    found["generator"] = loss_of(variant, "generator")(nets, batch)["fake"]
    assert found == {name: torch.tensor(value, dtype=torch.float64) for name, value in terms.items()}


def test_there_is_nothing_to_set():
    with pytest.raises(ValueError, match="unknown key a; allowed: none"):
        variant_of("lsgan", hyperparameters={"a": -1.0})
