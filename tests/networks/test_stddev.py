"""The extra input of the last hidden layer: where it goes, and how it depends on the batch."""

import numpy as np
import pytest
import torch

from modescope.networks.dense import MLP
from modescope.networks.stddev import StddevMLP
from modescope.params.settings import Mlp


def network(hidden, **changes):
    net = StddevMLP((3,), Mlp(hidden=hidden, **changes), ())
    net.initialise(np.random.default_rng(0))
    return net


@pytest.mark.parametrize(("hidden", "n_in"), [([8], [4, 8]), ([8, 7], [3, 9, 7]), ([8, 7, 6], [3, 8, 8, 6])])
def test_only_the_last_hidden_layer_is_wider(hidden, n_in):
    assert [layer.n_in for layer in network(hidden).layers] == n_in
    assert [layer.n_out for layer in network(hidden).layers] == [*hidden, 1]


def test_maxout_keeps_its_pieces():
    points = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    assert network([8, 7], activation="maxout", pieces=2)(points).shape == (5,)


def test_without_weight_on_the_deviation_it_is_the_plain_network():
    net, plain = network([8, 7], activation="tanh"), MLP((3,), Mlp(hidden=[8, 7], activation="tanh"), ())
    with torch.no_grad():
        for mine, other in zip(net.layers, plain.layers, strict=True):
            weight = mine.weight.mT if mine.transposed else mine.weight
            (other.weight.mT if other.transposed else other.weight).copy_(weight[: other.n_in])
            other.bias.copy_(mine.bias)
        wide = net.layers[1]
        (wide.weight.mT if wide.transposed else wide.weight)[-1] = 0
    points = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(net(points), plain(points))


def test_a_point_is_judged_by_the_company_it_keeps():
    net, points = network([8, 7]), torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
    assert not torch.allclose(net(points)[:3], net(points[:3]), atol=1e-4)
    torch.testing.assert_close(net(points.flip(0)).flip(0), net(points))


def test_equal_points_have_a_finite_gradient():
    net, points = network([8, 7]), torch.ones(4, 3, requires_grad=True)
    (slope,) = torch.autograd.grad(net(points).sum(), points)
    assert slope.isfinite().all()
