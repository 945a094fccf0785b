"""A learned point and a line through the origin: outputs, gradients, where they start, what they refuse."""

import numpy as np
import pytest
import torch
from scipy import stats

from modescope.networks.dirac import LearnedPoint, LinearForm, build
from modescope.params.settings import Linear, Point


def point(*shape, spread=1.0):
    return build(Point(kind="point", spread=spread), [(3,)], shape)


def line(*inputs, spread=1.0):
    return build(Linear(kind="linear", spread=spread), list(inputs), ())


def test_a_point_is_the_same_for_every_z_and_its_gradient_is_the_sum():
    made = point(2)
    made.initialise(np.random.default_rng(0))
    x = made(torch.randn(5, 3))
    assert x.shape == (5, 2)
    assert torch.equal(x, made.theta.detach().expand(5, 2))
    x.sum().backward()
    assert made.theta.grad.tolist() == [5, 5]


def test_what_a_point_returned_stays_when_it_moves():
    made = point(1)
    made.initialise(np.random.default_rng(0))
    with torch.no_grad():
        before = made(torch.zeros(2, 3))
        kept = before.clone()
        made.theta.add_(1)
    assert torch.equal(before, kept)


def test_a_line_is_a_scalar_product_of_joined_inputs():
    made = line((2, 2), (3,)).double()
    made.initialise(rng := np.random.default_rng(0))
    x, z = rng.normal(size=(4, 2, 2)), rng.normal(size=(4, 3))
    psi = made.psi.detach().numpy()
    expected = np.concatenate([x.reshape(4, 4), z], 1) @ psi
    np.testing.assert_allclose(made(torch.from_numpy(x), torch.from_numpy(z)).detach(), expected, rtol=1e-12)
    assert made(torch.zeros(4, 2, 2).double(), torch.zeros(4, 3).double()).abs().max() == 0  # there is no bias


def test_the_first_input_alone_is_enough():
    made = line((1,))
    with torch.no_grad():
        made.psi.fill_(-2.0)
    assert made(torch.tensor([[1.0], [3.0]])).tolist() == [-2, -6]


@pytest.mark.parametrize(("made", "name"), [(point(400, spread=3.0), "theta"), (line((400,), spread=3.0), "psi")])
def test_both_start_uniformly_in_the_cube(made, name):
    made.initialise(np.random.default_rng(1))
    values = getattr(made, name).detach().numpy()
    assert stats.kstest(values, stats.uniform(-3, 6).cdf).pvalue > 0.01
    again = type(made)(Point(kind="point", spread=3.0), (400,)) if name == "theta" else line((400,), spread=3.0)
    again.initialise(np.random.default_rng(1))
    np.testing.assert_array_equal(getattr(again, name).detach(), values)


def test_each_kind_has_one_side():
    assert isinstance(point(1), LearnedPoint)
    assert isinstance(line((1,)), LinearForm)
    with pytest.raises(ValueError, match=r"kind point is a generator; it cannot map \[\(3,\)\] to \(\)"):
        build(Point(kind="point"), [(3,)], ())
    with pytest.raises(ValueError, match="kind linear is a discriminator"):
        build(Linear(kind="linear"), [(3,)], (1,))
