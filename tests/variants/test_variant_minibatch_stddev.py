"""The GAN's losses with a discriminator that sees its batch, real or generated, in NumPy."""

import numpy as np
import pytest
import torch
from formulas import assert_same, batch_of, layers, mlp, models_of, softplus, variant_of

RELU = {"hidden": [6], "activation": "relu"}


def logit(net, points):
    """D's logit, (batch,): tanh layers, of which the last has the deviation of its inputs as one more input."""
    h = points.reshape(len(points), -1)
    *hidden, (w_last, b_last) = layers(net)
    for i, (w, b) in enumerate(hidden):
        if i == len(hidden) - 1:
            centred = h - h.mean(0)
            deviation = np.mean(np.sqrt(np.mean(centred**2, 0) + 1e-8))
            h = np.concatenate([h, np.full((len(h), 1), deviation)], 1)
        h = np.tanh(h @ w + b)
    return (h @ w_last + b_last)[:, 0]


def by_hand(side):
    def formula(weights, batch):
        d, g = weights["discriminator"], mlp(weights["generator"], batch.z)
        if side == "generator":
            return {"fake": np.mean(softplus(-logit(d, g)))}
        return {"real": np.mean(softplus(-logit(d, batch.x_real))), "fake": np.mean(softplus(logit(d, g)))}

    return formula


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize("shape", [(2,), (2, 3)])
@pytest.mark.parametrize("n", [1, 3])
def test_values_and_gradients(side, shape, n):
    assert_same(variant_of("minibatch_stddev", shape), side, by_hand(side), n)


def test_a_discriminator_that_looks_at_nothing_else_still_tells_a_collapsed_batch():
    """With weight on the deviation alone the logit of 6 equal points differs from that of the data."""
    variant = variant_of("minibatch_stddev", networks={"generator": RELU, "discriminator": RELU})
    (nets,) = models_of(variant, 1)
    with torch.no_grad():
        first, last = nets["discriminator"].layers
        first.weight.zero_()
        first.weight[-1] = 1.0
        first.bias.zero_()
        last.weight.fill_(1.0)
    points = batch_of(0).x_real
    with torch.no_grad():
        spread, collapsed = nets["discriminator"](points), nets["discriminator"](points[:1].expand(6, 2))
    assert collapsed == pytest.approx([collapsed[0].item()] * 6)
    assert spread[0].item() - collapsed[0].item() == pytest.approx(6 * (np.std(points.numpy(), 0).mean() - 1e-4), 1e-3)


def test_there_is_nothing_to_set():
    with pytest.raises(ValueError, match="unknown key group; allowed: none"):
        variant_of("minibatch_stddev", hyperparameters={"group": 4})
