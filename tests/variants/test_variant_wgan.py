"""The critic's difference of means against NumPy, and its clipped weights."""

import numpy as np
import pytest
import torch
from formulas import assert_same, batch_of, logit, mlp, variant_of

from modescope.engine.ensemble import Ensemble
from modescope.variants import Batch


def by_hand(side):
    def formula(weights, batch):
        on_real = logit(weights["discriminator"], batch.x_real)
        on_fake = logit(weights["discriminator"], mlp(weights["generator"], batch.z))
        if side == "generator":
            return {"fake": -np.mean(on_fake)}
        return {"real": -np.mean(on_real), "fake": np.mean(on_fake)}

    return formula


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize("n", [1, 3])
def test_values_and_gradients(side, n):
    assert_same(variant_of("wgan"), side, by_hand(side), n)


@pytest.mark.parametrize("n", [1, 3])
def test_the_critic_is_clipped_after_its_update_and_the_generator_never(n):
    clip = 0.3
    ensemble = Ensemble(
        variant_of("wgan", hyperparameters={"clip": clip}),
        [np.random.default_rng(i) for i in range(n)],
        torch.device("cpu"),
    )
    batch = Batch(*(part.float() for part in batch_of(0, (n,))))
    start = ensemble.weights()
    ensemble.update("generator", batch)
    after_generator = ensemble.weights()
    ensemble.update("discriminator", batch)
    end = ensemble.weights()
    for key in start:
        if key.startswith("generator"):
            assert torch.equal(end[key], after_generator[key])
        else:
            assert torch.equal(start[key], after_generator[key])
            assert end[key].abs().max() <= np.float32(clip)
            large = start[key].abs() > clip + 0.05  # further away than one update moves
            torch.testing.assert_close(end[key][large], clip * start[key][large].sign())
    for network in ("generator", "discriminator"):  # there was something to clip in each replica
        first = start[f"{network}.layers.0.weight"].reshape(n, -1)
        assert (first.abs().amax(1) > clip + 0.05).all()


def test_defaults_are_those_of_the_papers_first_algorithm():
    variant = variant_of("wgan")
    assert (variant.hyperparameters.clip, variant.n_critic) == (0.01, 5)
    assert variant_of("wgan", hyperparameters={"n_critic": 3}).n_critic == 3


@pytest.mark.parametrize("bad", [{"clip": 0.0}, {"clip": -0.01}, {"n_critic": 0}, {"n_critic": 2.5}, {"critic": 1}])
def test_bad_hyperparameters_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        variant_of("wgan", hyperparameters=bad)
