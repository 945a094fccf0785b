"""The GAN's losses on packs joined by hand, and which batch sizes are allowed."""

import numpy as np
import pytest
from formulas import BATCH, DIM, assert_same, batch_of, logit, loss_of, mlp, models_of, softplus, variant_of


def packs(points, m):
    """Every m consecutive points joined into one row, (batch, ...) -> (batch / m, m * dim)."""
    rows = points.reshape(len(points), -1)
    return np.stack([np.concatenate(rows[i : i + m]) for i in range(0, len(rows), m)])


def by_hand(side, m):
    def formula(weights, batch):
        d, g = weights["discriminator"], mlp(weights["generator"], batch.z)
        if side == "generator":
            return {"fake": np.mean(softplus(-logit(d, packs(g, m))))}
        return {
            "real": np.mean(softplus(-logit(d, packs(batch.x_real, m)))),
            "fake": np.mean(softplus(logit(d, packs(g, m)))),
        }

    return formula


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize(("shape", "m"), [((2,), 2), ((2,), 3), ((2, 2), 2)])
@pytest.mark.parametrize("n", [1, 3])
def test_values_and_gradients(side, shape, m, n):
    assert_same(variant_of("pacgan", shape, hyperparameters={"packing": m}), side, by_hand(side, m), n)


@pytest.mark.parametrize("side", ["discriminator", "generator"])
def test_packs_of_one_are_the_gan(side):
    variant, gan, batch = variant_of("pacgan", hyperparameters={"packing": 1}), variant_of("gan"), batch_of(0)
    (nets,) = models_of(gan, 1)
    (own,) = models_of(variant, 1)
    for name, net in own.items():
        net.load_state_dict(nets[name].state_dict())
    assert loss_of(variant, side)(own, batch) == loss_of(gan, side)(nets, batch)


def test_a_batch_is_a_whole_number_of_packs():
    assert BATCH == 6
    for name in ("discriminator_batch", "generator_batch"):
        with pytest.raises(ValueError, match=rf"{name} \(6\) must be a multiple of packing \(4\)"):
            variant_of(
                "pacgan", hyperparameters={"packing": 4}, **{"discriminator_batch": 8, "generator_batch": 8, name: 6}
            )
    with pytest.raises(ValueError, match=r"discriminator_batch \(256\) must be a multiple of packing \(3\)"):
        variant_of("pacgan", hyperparameters={"packing": 3}, discriminator_batch=256)


def test_only_the_discriminators_first_layer_grows():
    assert variant_of("pacgan").hyperparameters.packing == 2
    widths = {
        m: [
            layer.n_in
            for layer in variant_of("pacgan", hyperparameters={"packing": m}).networks()["discriminator"].layers
        ]
        for m in (1, 3)
    }
    assert widths == {1: [DIM, 4, 3], 3: [3 * DIM, 4, 3]}


@pytest.mark.parametrize("bad", [{"packing": 0}, {"packing": 1.5}, {"m": 2}])
def test_bad_hyperparameters_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        variant_of("pacgan", hyperparameters=bad)


def test_pictures_are_packed_along_their_channels():
    conv = {name: {"kind": "conv", "channels": 2} for name in ("generator", "discriminator")}
    variant = variant_of("pacgan", (3, 8, 8), hyperparameters={"packing": 2}, networks=conv)
    batch = batch_of(0, shape=(3, 8, 8))
    packs = variant.packs(batch.x_real)
    assert packs.shape == (3, 6, 8, 8)
    for i in range(3):
        np.testing.assert_array_equal(packs[i, :3], batch.x_real[2 * i])
        np.testing.assert_array_equal(packs[i, 3:], batch.x_real[2 * i + 1])
    (nets,) = models_of(variant, 1)
    logits = nets["discriminator"](packs)
    assert logits.shape == (3,)
    real = loss_of(variant, "discriminator")(nets, batch)["real"]
    np.testing.assert_allclose(real.item(), np.mean(softplus(-logits.detach().numpy())), rtol=1e-12)
