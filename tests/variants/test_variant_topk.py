"""The generator's loss over its best-scored points against NumPy, and how many of them count after how many updates."""

import functools

import numpy as np
import pytest
import torch
from formulas import BATCH, assert_same, batch_of, bound, logit, mlp, softplus, variant_of
from torch.func import functional_call

from modescope.engine.ensemble import Ensemble
from modescope.variants import Bound


def bound_nets(model, tree):
    """The generator, and the discriminator with its number of updates."""
    call = functools.partial(functional_call, model["discriminator"])
    return {
        "generator": bound(model["generator"], tree["generator"]),
        "discriminator": Bound(call, tree["discriminator"], {}, {}, tree["step"]),
    }


def by_hand(side, k):
    def formula(weights, batch):
        d, g = weights["discriminator"], mlp(weights["generator"], batch.z)
        if side == "discriminator":
            return {"real": np.mean(softplus(-logit(d, batch.x_real))), "fake": np.mean(softplus(logit(d, g)))}
        best = np.argsort(-logit(d, g))[:k]
        return {"fake": np.mean(softplus(-logit(d, g[best])))}

    return formula


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize(("updates", "k"), [(0, 6), (30, 4), (10_000, 2)])
@pytest.mark.parametrize("n", [1, 3])
def test_values_and_gradients(side, updates, k, n):
    """0.99^(30 / 1) is 0.74, of 6 points; in the end a third is left."""
    variant = variant_of("topk", hyperparameters={"share": 1 / 3, "every": 1})
    extra = [{"step": torch.tensor(float(updates))} for _ in range(n)]
    assert_same(variant, side, by_hand(side, k), n, nets=bound_nets, extra=extra)


@pytest.mark.parametrize(("share", "every"), [(0.5, 20), (0.75, 7)])
def test_k_falls_by_a_hundredth_every_so_many_updates(share, every):
    variant, n = variant_of("topk", hyperparameters={"share": share, "every": every}), 64
    for t in (0, 1, every, 20 * every, 68 * every, 69 * every, 100 * every):
        assert variant.k(torch.tensor(float(t)), n).item() == round(n * max(share, 0.99 ** (t / every)))


def test_at_least_one_point_counts():
    variant = variant_of("topk", hyperparameters={"share": 0.01, "every": 1})
    assert variant.k(torch.tensor(1e5), BATCH).item() == 1


@pytest.mark.parametrize("n", [1, 3])
def test_a_training_counts_its_own_updates(n):
    """After 300 updates of D two of six points count, and replays follow that: the loss is that of these points."""
    rates = {side: {"learning_rate": 1e-3} for side in ("generator", "discriminator")}
    variant = variant_of("topk", hyperparameters={"share": 1 / 3, "every": 1}, optimizers=rates)
    ensemble = Ensemble(variant, [np.random.default_rng(i) for i in range(n)], torch.device("cpu"))
    batch = type(b := batch_of(0, (n,)))(*(part.float() for part in b))
    for updates, k in ((0, 6), (300, 2)):
        for _ in range(updates):
            ensemble.update("discriminator", batch)
        weights = ensemble.weights()
        found = ensemble.update("generator", batch)["fake"]
        for row in range(n):
            nets = {name: {} for name in ("generator", "discriminator")}
            for key, value in weights.items():
                name, _, parameter = key.partition(".")
                nets[name][parameter] = value[row].double().numpy()
            losses = np.sort(softplus(-logit(nets["discriminator"], mlp(nets["generator"], batch.z[row].numpy()))))
            assert found[row].item() == pytest.approx(losses[:k].mean(), abs=1e-5)


def test_the_discriminator_must_count_its_updates():
    rmsprop = {"kind": "rmsprop", "learning_rate": 0.01}
    with pytest.raises(ValueError, match=r"optimizers.discriminator.kind must be adam: variant topk"):
        variant_of("topk", optimizers={"generator": {"learning_rate": 0.01}, "discriminator": rmsprop})


@pytest.mark.parametrize("bad", [{"share": 0.0}, {"share": 1.5}, {"every": 0}, {"k": 3}])
def test_bad_hyperparameters_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        variant_of("topk", hyperparameters=bad)
