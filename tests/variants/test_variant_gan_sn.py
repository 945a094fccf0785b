"""The standard loss on layers divided by their exact spectral norms, and when power iterations run."""

import numpy as np
import pytest
import torch
from formulas import assert_same, batch_of, logit, mlp, softplus, variant_of

from modescope.engine.ensemble import Ensemble

SCALE = 3.0


def by_hand(side):
    def formula(weights, batch):
        net = weights["discriminator"]
        net = {key: w / np.linalg.norm(w, 2) if key.endswith("weight") else w for key, w in net.items()}
        on_fake = logit(net, SCALE * mlp(weights["generator"], batch.z))
        if side == "generator":
            return {"fake": np.mean(softplus(-on_fake))}
        return {"real": np.mean(softplus(-logit(net, SCALE * batch.x_real))), "fake": np.mean(softplus(on_fake))}

    return formula


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize("n", [1, 3])
def test_values_and_gradients(side, n):
    assert_same(variant_of("gan_sn", hyperparameters={"scale": SCALE}), side, by_hand(side), n, seed=1)


@pytest.mark.parametrize("n", [1, 3])
def test_layers_keep_norm_one_while_the_discriminator_learns(n):
    variant = variant_of(
        "gan_sn", optimizers={side: {"learning_rate": 1e-3} for side in ("generator", "discriminator")}
    )
    ensemble = Ensemble(variant, [np.random.default_rng(i) for i in range(n)], torch.device("cpu"))
    start = ensemble.weights()
    for seed in range(50):
        batch = type(b := batch_of(seed, (n,)))(*(part.float() for part in b))
        ensemble.update("discriminator", batch)
    after = ensemble.weights()
    for i in range(3):
        w, u, v = (after[f"discriminator.{key}"].numpy() for key in (f"layers.{i}.weight", f"u_{i}", f"v_{i}"))
        assert not np.allclose(w, start[f"discriminator.layers.{i}.weight"].numpy(), atol=1e-2)
        np.testing.assert_allclose(np.einsum("ri,rij,rj->r", u, w, v), np.linalg.norm(w, 2, (1, 2)), rtol=1e-3)


def test_the_scale_bounds_the_slope_and_is_one_by_default():
    assert variant_of("gan_sn").networks()["discriminator"].scale == 1.0
    assert variant_of("gan_sn", hyperparameters={"scale": 0.5}).networks()["discriminator"].scale == 0.5


@pytest.mark.parametrize("bad", [{"scale": 0.0}, {"scal": 1.0}])
def test_bad_hyperparameters_are_refused(bad):
    with pytest.raises(ValueError, match="scal"):
        variant_of("gan_sn", hyperparameters=bad)
