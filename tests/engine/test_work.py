"""Multiply-adds of a training step, against counts by hand.

A layer from a to b units takes n a b for n points, and as many again for the gradient of its weights and for the
gradient of its input. The networks: G 2-5-2, 20 a point; D 2-4-1, 12 a point. The batches: D 8 + 8 points, G 6.
"""

import numpy as np
import pytest
import tiny
import torch

from modescope.engine.ensemble import Ensemble
from modescope.engine.work import Counter, by_arm, multiply_adds
from modescope.variants import Batch, find

# D's update: G forward, which also counts; D forward; D's weights; the input of D's second layer alone.
DISCRIMINATOR = 8 * 20 + 16 * 12 + 16 * 12 + 16 * 4
# G's update: G and D forward; D's inputs back to the generated points; G's weights; the input of G's second layer.
GENERATOR = 6 * 20 + 6 * 12 + 6 * 12 + 6 * 20 + 6 * 10


def cost(**changes):
    """Multiply-adds of a step of the tiny experiment on points of the plane."""
    return multiply_adds(tiny.experiment(**changes), (2,))


def alone(**changes):
    """The cost of a variant without a discriminator."""
    return cost(networks={"generator": {"hidden": [5]}}, optimizers__discriminator=None, **changes)


def test_a_plain_gan_by_hand():
    assert cost() == DISCRIMINATOR + GENERATOR == 1052


def test_each_side_grows_with_its_own_batch():
    assert cost(discriminator_batch=16) == 2 * DISCRIMINATOR + GENERATOR
    assert cost(generator_batch=12) == DISCRIMINATOR + 2 * GENERATOR


@pytest.mark.parametrize("n_critic", [1, 2, 5])
def test_n_critic_multiplies_the_discriminators_part(n_critic):
    assert cost(variant="wgan", hyperparameters={"n_critic": n_critic}) == n_critic * DISCRIMINATOR + GENERATOR


def test_averaged_weights_cost_what_their_arm_costs():
    found = by_arm(tiny.experiment(ema={"decay": 0.9}, sweep={"latent_dim": [1, 2]}), (2,))
    one, two = "latent_dim=1", "latent_dim=2"
    assert list(found) == [one, f"{one},ema=0.9", two, f"{two},ema=0.9"]
    assert found[two] == found[f"{two},ema=0.9"] == DISCRIMINATOR + GENERATOR
    # one latent dimension fewer: 5 weights fewer, in two forward passes and one weight gradient
    assert found[one] == found[f"{one},ema=0.9"] == found[two] - 5 * (8 + 6 + 6)


def test_without_averaged_weights_there_is_one_entry_an_arm():
    assert by_arm(tiny.experiment(), (2,)) == {"base": DISCRIMINATOR + GENERATOR}


def test_the_global_seed_does_not_matter():
    found = set()
    for seed in range(3):
        torch.manual_seed(seed)
        found.add((cost(), cost(variant="wgan_gp")))
    assert len(found) == 1


def test_the_global_random_state_is_left_alone():
    before = torch.get_rng_state()
    cost()
    assert torch.equal(before, torch.get_rng_state())


def test_a_gradient_penalty_by_hand():
    """The penalty differentiates D twice, inside `torch.func.grad`; here with one critic update a step."""
    slopes = 12 + 12  # forward at x_hat, and back to x_hat
    # Back through the slopes: both weights, and the hidden layer between them. PyTorch also takes the second
    # derivative of leaky ReLU, a zero, back to the weights of the first layer.
    second = (8 + 4) + 8 + 8
    found = cost(variant="wgan_gp", hyperparameters={"n_critic": 1})
    assert found == DISCRIMINATOR + 8 * (slopes + second) + GENERATOR > cost()


def test_a_gradient_penalty_grows_with_n_critic():
    once, twice = (cost(variant="wgan_gp", hyperparameters={"n_critic": n}) for n in (1, 2))
    assert twice > once
    assert (twice - once) + GENERATOR == once


def test_unrolling_by_no_update_costs_what_a_gan_costs():
    none, one, two = (cost(variant="unrolled", hyperparameters={"steps": steps}) for steps in range(3))
    assert none == cost() < one < two


def test_stacked_replicas_cost_what_they_cost_alone():
    settings, rng, counts = tiny.experiment(variant="wgan_gp"), np.random.default_rng(0), {}
    for replicas in (1, 3):
        ensemble = Ensemble(find("wgan_gp")(settings, (2,)), [rng] * replicas, torch.device("cpu"))
        batch = Batch(*(torch.rand(replicas, 8, *shape) for shape in [(2,), (2,), ()]))
        for side in ("discriminator", "generator"):
            ensemble.update(side, batch)  # traced in the first call
            with Counter() as counter:
                ensemble.update(side, batch)
            counts[replicas, side] = counter.multiply_adds
    for side in ("discriminator", "generator"):
        assert counts[3, side] == 3 * counts[1, side] > 0


def test_moment_matching_by_hand():
    """Without a discriminator; the products x y^T of its squared distances are matrix products too."""
    generator = 6 * 20 + 6 * 20 + 6 * 10
    pair = 6 * 6 * 2  # 6 points against 6 in the plane
    forward, backward = 3 * pair, 2 * pair + pair  # real-real has no gradient, fake-fake two factors, real-fake one
    assert alone(variant="gmn") == generator + forward + backward


def test_flow_matching_by_hand():
    """Without a discriminator; the velocity 3-5-2 of time and point, of which the input needs no gradient."""
    assert alone(variant="flow_matching") == 6 * 25 + 6 * 25 + 6 * 10


def test_a_convolutional_gan_by_hand():
    """Grey images of 8 x 8: G has a layer 2-48 and a transposed convolution, D a convolution and a layer 48-1."""
    convolution = (4 * 4) * (4 * 4) * 3  # pixels x kernel x channels; padding counts as pixels
    settings = tiny.experiment(
        networks={side: {"kind": "conv", "channels": 3} for side in ("generator", "discriminator")}
    )
    generator, discriminator = 2 * 48 + convolution, convolution + 48
    d_update = 8 * generator + 16 * (2 * discriminator + 48)
    g_update = 6 * (2 * generator + convolution + 2 * discriminator)
    assert multiply_adds(settings, (1, 8, 8)) == d_update + g_update
