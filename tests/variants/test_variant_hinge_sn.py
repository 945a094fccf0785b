"""The hinge loss on layers divided by their exact spectral norms, and when power iterations run."""

import numpy as np
import pytest
import torch
from formulas import assert_same, batch_of, logit, mlp, variant_of

from modescope.engine.ensemble import Ensemble

SCALE = 3.0


def normalised(net):
    """The net with every weight divided by its largest singular value."""
    return {key: w / np.linalg.norm(w, 2) if key.endswith("weight") else w for key, w in net.items()}


def by_hand(side, scores):
    def formula(weights, batch):
        net = normalised(weights["discriminator"])
        on_real = logit(net, SCALE * batch.x_real)
        on_fake = logit(net, SCALE * mlp(weights["generator"], batch.z))
        scores.extend([*on_real, *-on_fake])
        if side == "generator":
            return {"fake": -np.mean(on_fake)}
        return {"real": np.mean(np.maximum(0, 1 - on_real)), "fake": np.mean(np.maximum(0, 1 + on_fake))}

    return formula


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize("n", [1, 3])
def test_values_and_gradients(side, n):
    scores, variant = [], variant_of("hinge_sn", hyperparameters={"scale": SCALE})
    assert_same(variant, side, by_hand(side, scores), n, seed=1)
    assert min(scores) < 1 < max(scores)  # both sides of the hinge


@pytest.mark.parametrize("n", [1, 3])
def test_only_an_update_of_the_discriminator_moves_its_singular_vectors(n):
    variant = variant_of(
        "hinge_sn", optimizers={side: {"learning_rate": 0.1} for side in ("generator", "discriminator")}
    )
    ensemble = Ensemble(variant, [np.random.default_rng(i) for i in range(n)], torch.device("cpu"))
    batch = type(b := batch_of(0, (n,)))(*(part.float() for part in b))
    start = ensemble.weights()
    ensemble.update("generator", batch)
    after_generator = ensemble.weights()
    ensemble.update("discriminator", batch)
    after_both = ensemble.weights()
    for row in range(n):
        for key in ("discriminator.u_1", "discriminator.v_1"):
            assert torch.equal(start[key][row], after_generator[key][row])
            assert not torch.allclose(start[key][row], after_both[key][row], atol=1e-3)
        w, u, v = (after_both[f"discriminator.{key}"][row].numpy() for key in ("layers.1.weight", "u_1", "v_1"))
        v_hand = w.T @ start["discriminator.u_1"][row].numpy()  # one iteration, with the weight after its update
        v_hand /= np.linalg.norm(v_hand)
        np.testing.assert_allclose(v, v_hand, atol=1e-5)
        np.testing.assert_allclose(u, w @ v_hand / np.linalg.norm(w @ v_hand), atol=1e-5)


def test_the_scale_bounds_the_slope_and_is_one_by_default():
    assert variant_of("hinge_sn").networks()["discriminator"].scale == 1.0
    assert variant_of("hinge_sn", hyperparameters={"scale": 0.5}).networks()["discriminator"].scale == 0.5


def unscaled(side):
    def formula(weights, batch):
        on_real = logit(weights["discriminator"], batch.x_real)
        on_fake = logit(weights["discriminator"], mlp(weights["generator"], batch.z))
        if side == "generator":
            return {"fake": -np.mean(on_fake)}
        return {"real": np.mean(np.maximum(0, 1 - on_real)), "fake": np.mean(np.maximum(0, 1 + on_fake))}

    return formula


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize("n", [1, 3])
def test_without_normalisation_it_is_the_hinge_loss_of_any_network(side, n):
    assert_same(variant_of("hinge_sn", hyperparameters={"normalised": False}), side, unscaled(side), n, seed=1)


def test_without_normalisation_there_are_no_singular_vectors_and_no_scale():
    variant = variant_of("hinge_sn", hyperparameters={"normalised": False})
    ensemble = Ensemble(variant, [np.random.default_rng(0)], torch.device("cpu"))
    assert not any("u_" in key for key in ensemble.weights())
    ensemble.update("discriminator", type(b := batch_of(0, (1,)))(*(part.float() for part in b)))
    with pytest.raises(ValueError, match=r"hyperparameters\.scale \(2\.0\) belongs to a normalised D"):
        variant_of("hinge_sn", hyperparameters={"normalised": False, "scale": 2.0})


@pytest.mark.parametrize("bad", [{"scale": 0.0}, {"scale": -1.0}, {"scale": "wide"}, {"scal": 1.0}])
def test_bad_hyperparameters_are_refused(bad):
    with pytest.raises(ValueError, match="scal"):
        variant_of("hinge_sn", hyperparameters=bad)
