"""Layers against NumPy, initial values against their distribution, numbers of parameters by hand."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from modescope.networks.dense import MLP, Affine
from modescope.params.settings import Mlp

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
    # gradients of sum(upstream * y): dW = x' upstream, db = sum over the batch, dx = upstream W'
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


def arrays(layer):
    """W (n_in, n_out) and b (n_out,) of a layer."""
    weight = layer.weight.mT if layer.transposed else layer.weight
    return weight.detach().numpy().copy(), layer.bias.detach().numpy().copy()


@pytest.mark.parametrize("pieces", [2, 5])
def test_maxout_takes_the_largest_of_its_pieces(pieces):
    network = MLP((3,), Mlp(hidden=[4, 6], activation="maxout", pieces=pieces, init="pytorch"), (2,)).double()
    network.initialise(np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(7, 3))
    h = x
    for layer, n_units in zip(network.layers[:2], (4, 6), strict=True):
        weight, bias = arrays(layer)
        assert weight.shape == (h.shape[1], pieces * n_units)
        linear = h @ weight + bias
        h = np.stack([[max(row[unit::n_units]) for unit in range(n_units)] for row in linear])
    weight, bias = arrays(network.layers[2])
    np.testing.assert_allclose(network(torch.from_numpy(x)).detach().numpy(), h @ weight + bias, rtol=1e-12)


def test_batch_norm_stands_before_the_activation():
    network = MLP((3,), Mlp(hidden=[4], activation="tanh", batch_norm=True), (2,)).double()
    network.initialise(np.random.default_rng(0))
    (norm,) = network.norms
    assert norm.scale.tolist() == [1] * 4
    assert norm.shift.tolist() == [0] * 4
    scale, shift = np.array([0.5, 2.0, -1.0, 3.0]), np.array([0.1, -0.2, 0.3, 0.0])
    with torch.no_grad():
        norm.scale.copy_(torch.from_numpy(scale))
        norm.shift.copy_(torch.from_numpy(shift))
    x = np.random.default_rng(1).normal(2, 3, size=(9, 3))
    (w1, b1), (w2, b2) = (arrays(layer) for layer in network.layers)
    h = x @ w1 + b1
    normal = (h - h.mean(0)) / np.sqrt(((h - h.mean(0)) ** 2).mean(0) + 1e-5)
    expected = np.tanh(normal * scale + shift) @ w2 + b2
    np.testing.assert_allclose(network(torch.from_numpy(x)).detach().numpy(), expected, rtol=1e-9)
    # sum of the outputs: by scale and shift
    network(torch.from_numpy(x)).sum().backward()
    d_h = w2.sum(1) / np.cosh(normal * scale + shift) ** 2
    np.testing.assert_allclose(norm.shift.grad.numpy(), d_h.sum(0), rtol=1e-9)
    np.testing.assert_allclose(norm.scale.grad.numpy(), (d_h * normal).sum(0), rtol=1e-9)
    network.initialise(np.random.default_rng(0))
    assert norm.scale.tolist() == [1] * 4
    assert norm.shift.tolist() == [0] * 4


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh", "maxout"])
def test_scale_and_shift_learn_under_every_activation(activation):
    network = MLP((3,), Mlp(hidden=[4, 5], activation=activation, pieces=2, batch_norm=True), (2,))
    network.initialise(np.random.default_rng(0))
    network(torch.randn(9, 3, generator=torch.Generator().manual_seed(0))).square().sum().backward()
    for norm in network.norms:
        assert norm.scale.grad.abs().sum() > 0
        assert norm.shift.grad.abs().sum() > 0


def test_several_inputs_are_flattened_and_joined():
    network = MLP((6,), Mlp(hidden=[4]), ())
    network.initialise(np.random.default_rng(0))
    rng = np.random.default_rng(1)
    x, z = (torch.from_numpy(rng.normal(size=shape)).float() for shape in ((5, 2, 2), (5, 2)))
    joined = torch.cat([x.reshape(5, 4), z], 1)
    assert network(x, z).shape == (5,)
    assert torch.equal(network(x, z), network(joined))
    assert not torch.equal(network(x, z), network(torch.cat([z, x.reshape(5, 4)], 1)))


@pytest.mark.parametrize("shape", [(3, 400), (400, 3)])
def test_normal_has_its_deviation_and_kaiming_its_bound(shape):
    normal, kaiming = Affine(*shape), Affine(*shape)
    normal.initialise(Mlp(hidden=[1], init="normal", init_scale=0.3), np.random.default_rng(0))
    assert stats.kstest(normal.weight.detach().numpy().ravel(), stats.norm(0, 0.3).cdf).pvalue > 0.01
    kaiming.initialise(Mlp(hidden=[1], init="kaiming_uniform", init_scale=1.5), np.random.default_rng(0))
    bound, weight = 1.5 * math.sqrt(3 / shape[0]), kaiming.weight.detach().numpy().ravel()
    assert stats.kstest(weight, stats.uniform(-bound, 2 * bound).cdf).pvalue > 0.01
    assert 0.95 * bound < np.abs(weight).max() <= np.float32(bound)
    # He et al.: a layer multiplies the mean square by the square of the gain
    assert (weight**2).mean() * shape[0] == pytest.approx(1.5**2, rel=0.1)
    assert normal.bias.tolist() == kaiming.bias.tolist() == [0] * shape[1]
