"""Layers against plain NumPy, initial values against their distribution, sizes by hand."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from modescope.config import Mlp
from modescope.networks import MLP, Affine

THIN_FIRST, WIDE_FIRST, SQUARE = (2, 7), (7, 2), (3, 3)


def filled(n_in, n_out):
    """A layer in float64 with its W (n_in, n_out) and b (n_out,) as NumPy arrays."""
    rng = np.random.default_rng(0)
    weight, bias = rng.normal(size=(n_in, n_out)), rng.normal(size=n_out)
    layer = Affine(n_in, n_out).double()
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight.T if layer.transposed else weight))
        layer.bias.copy_(torch.from_numpy(bias))
    return layer, weight, bias


@pytest.mark.parametrize("shape", [THIN_FIRST, WIDE_FIRST, SQUARE])
def test_affine_is_x_w_plus_b_with_its_gradients(shape):
    layer, weight, bias = filled(*shape)
    rng = np.random.default_rng(1)
    x, upstream = rng.normal(size=(5, shape[0])), rng.normal(size=(5, shape[1]))
    x_torch = torch.from_numpy(x).requires_grad_()
    y = layer(x_torch)
    np.testing.assert_allclose(y.detach().numpy(), x @ weight + bias, rtol=1e-12)
    # of sum(upstream * y): dW = x' upstream, db = sum over the batch, dx = upstream W'
    y.backward(torch.from_numpy(upstream))
    d_weight = layer.weight.grad.numpy().T if layer.transposed else layer.weight.grad.numpy()
    np.testing.assert_allclose(d_weight, x.T @ upstream, rtol=1e-12)
    np.testing.assert_allclose(layer.bias.grad.numpy(), upstream.sum(0), rtol=1e-12)
    np.testing.assert_allclose(x_torch.grad.numpy(), upstream @ weight.T, rtol=1e-12)


@pytest.mark.parametrize(("shape", "stored"), [(THIN_FIRST, (2, 7)), (WIDE_FIRST, (2, 7)), (SQUARE, (3, 3))])
def test_the_smaller_side_is_stored_first(shape, stored):
    assert Affine(*shape).weight.shape == stored


@pytest.mark.parametrize("shape", [(3, 200), (200, 3)])
def test_glorot_bounds_and_zero_bias(shape):
    layer = Affine(*shape)
    layer.initialise(Mlp(hidden=[1], init="glorot_uniform"), np.random.default_rng(0))
    bound = math.sqrt(6 / 203)
    weight = layer.weight.detach().numpy().ravel()
    assert stats.kstest(weight, stats.uniform(-bound, 2 * bound).cdf).pvalue > 0.01
    assert 0.95 * bound < np.abs(weight).max() <= np.float32(bound)
    assert layer.bias.tolist() == [0] * shape[1]


@pytest.mark.parametrize("shape", [(4, 300), (300, 4)])
def test_pytorch_bounds_weight_and_bias(shape):
    layer = Affine(*shape)
    layer.initialise(Mlp(hidden=[1], init="pytorch"), np.random.default_rng(0))
    bound = 1 / math.sqrt(shape[0])
    for values in (layer.weight.detach().numpy().ravel(), layer.bias.detach().numpy()):
        assert stats.kstest(values, stats.uniform(-bound, 2 * bound).cdf).pvalue > 0.01
        assert np.abs(values).max() <= np.float32(bound)


def test_initialisation_depends_on_the_generator_alone():
    def drawn(seed):
        network = MLP((2,), Mlp(hidden=[6, 6], init="pytorch"), (2,))
        network.initialise(np.random.default_rng(seed))
        return [p.detach().clone() for p in network.parameters()]

    torch.manual_seed(0)
    first = drawn(3)
    torch.manual_seed(1)
    assert all(torch.equal(a, b) for a, b in zip(first, drawn(3), strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(first, drawn(4), strict=True))


@pytest.mark.parametrize(
    ("in_shape", "hidden", "out_shape", "count"),
    [
        # z in 1-D: (1*256 + 256) + 2 * (256*256 + 256) + (256*2 + 2)
        ((1,), [256] * 3, (2,), 132_610),
        # z in 2-D: 256 more weights
        ((2,), [256] * 3, (2,), 132_866),
        # the discriminator: (2*128 + 128) + 4 * (128*128 + 128) + (128 + 1)
        ((2,), [128] * 5, (), 66_561),
        # pictures: (784*3 + 3) + (3*784 + 784)
        ((1, 28, 28), [3], (1, 28, 28), 5_491),
    ],
)
def test_number_of_parameters(in_shape, hidden, out_shape, count):
    network = MLP(in_shape, Mlp(hidden=hidden), out_shape)
    assert sum(p.numel() for p in network.parameters()) == count


ACTIVATIONS = {
    "relu": lambda h, slope: np.maximum(h, 0),
    "leaky_relu": lambda h, slope: np.where(h > 0, h, slope * h),
    "tanh": lambda h, slope: np.tanh(h),
}
DERIVATIVES = {
    "relu": lambda h, slope: (h > 0).astype(float),
    "leaky_relu": lambda h, slope: np.where(h > 0, 1, slope),
    "tanh": lambda h, slope: 1 / np.cosh(h) ** 2,
}


@pytest.mark.parametrize("slope", [0.0, 0.01, 0.3])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_mlp_is_affine_activation_affine_with_its_gradient(activation, slope):
    network = MLP((3,), Mlp(hidden=[4], activation=activation, negative_slope=slope), (2,)).double()
    network.initialise(np.random.default_rng(0))
    w1, w2 = (
        (layer.weight.mT if layer.transposed else layer.weight).detach().numpy().copy() for layer in network.layers
    )
    b1, b2 = np.random.default_rng(1).normal(size=4), np.array([0.5, -1.0])
    with torch.no_grad():
        network.layers[0].bias.copy_(torch.from_numpy(b1))
        network.layers[1].bias.copy_(torch.from_numpy(b2))
    x = np.random.default_rng(2).normal(size=(6, 3))
    h = x @ w1 + b1
    assert (h > 0).any()
    assert (h < 0).any()
    x_torch = torch.from_numpy(x).requires_grad_()
    y = network(x_torch)
    np.testing.assert_allclose(y.detach().numpy(), ACTIVATIONS[activation](h, slope) @ w2 + b2, rtol=1e-12)
    y.sum().backward()
    d_h = np.ones((6, 2)) @ w2.T * DERIVATIVES[activation](h, slope)
    np.testing.assert_allclose(x_torch.grad.numpy(), d_h @ w1.T, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(("in_shape", "out_shape"), [((2,), ()), ((1, 4, 4), ()), ((3,), (1, 4, 4)), ((5,), (2,))])
def test_points_of_any_shape_in_and_out(in_shape, out_shape):
    network = MLP(in_shape, Mlp(hidden=[3]), out_shape)
    network.initialise(np.random.default_rng(0))
    for batch in (1, 7):
        assert network(torch.ones(batch, *in_shape)).shape == (batch, *out_shape)


def test_the_input_is_left_alone():
    x = torch.tensor([[-1.0, 2.0]])
    network = MLP((2,), Mlp(hidden=[3]), (2,))
    network.initialise(np.random.default_rng(0))
    network(x)
    assert x.tolist() == [[-1.0, 2.0]]
