"""Image networks: shapes and initial scale; every parameter matters, and an image does not depend on others."""

import math

import numpy as np
import pytest
import torch

from modescope.networks.convolutional import ConvGenerator, ConvJudge, build, channels
from modescope.params.settings import Conv

SPEC = Conv(kind="conv", channels=4)


def made(network, seed=0):
    network.initialise(np.random.default_rng(seed))
    return network


@pytest.mark.parametrize("size", [8, 16, 32, 64])
@pytest.mark.parametrize("colours", [1, 3])
def test_images_come_out_of_z_and_codes_and_logits_out_of_images(size, colours):
    image = (colours, size, size)
    generator = made(build(SPEC, [(5,)], image))
    x = generator(torch.randn(7, 5))
    assert x.shape == (7, *image)
    assert 0.1 < x.abs().mean() < x.abs().max() <= 1
    assert made(build(SPEC, [image], ()))(x).shape == (7,)
    assert made(build(SPEC, [image], (5,)))(x).shape == (7, 5)
    assert made(build(SPEC, [image, (5,)], ()))(x, torch.randn(7, 5)).shape == (7,)


@pytest.mark.parametrize("size", [4, 12, 31, 48])
def test_other_sizes_are_refused(size):
    with pytest.raises(ValueError, match=f"8, 16, 32, 64, ... pixels a side, not {size}"):
        build(SPEC, [(5,)], (3, size, size))


@pytest.mark.parametrize(
    ("inputs", "out"), [([(2,)], (2,)), ([(3, 8, 16)], ()), ([(2,), (3, 8, 8)], ()), ([(3, 8, 8), (2,), (2,)], ())]
)
def test_other_shapes_are_refused(inputs, out):
    with pytest.raises(ValueError, match="it takes square images"):
        build(SPEC, inputs, out)


def test_channels_double_as_the_size_halves():
    assert channels(SPEC, 32) == [4, 8, 16]
    generator, judge = ConvGenerator(5, SPEC, (3, 32, 32)), ConvJudge((3, 32, 32), SPEC, ())
    assert [(c.in_channels, c.out_channels) for c in generator.layers] == [(16, 8), (8, 4), (4, 3)]
    assert [(c.in_channels, c.out_channels) for c in judge.layers] == [(3, 4), (4, 8), (8, 16)]


def test_every_parameter_and_both_inputs_count():
    nets = [made(ConvGenerator(5, SPEC, (3, 16, 16))), made(ConvJudge((3, 16, 16), SPEC, (), 5))]
    z = torch.randn(6, 5, requires_grad=True)
    x = nets[0](z)
    nets[1](x, z).sum().backward()
    for net in nets:
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())
    x = x.detach().requires_grad_()
    w = z.detach().requires_grad_()
    nets[1](x, w).sum().backward()
    assert x.grad.flatten(1).any(1).all()
    assert w.grad.any(1).all()


def test_an_image_does_not_depend_on_those_beside_it():
    generator, judge = made(ConvGenerator(5, SPEC, (3, 16, 16))), made(ConvJudge((3, 16, 16), SPEC, (2,)))
    z = torch.randn(6, 5)
    torch.testing.assert_close(generator(z)[2:3], generator(z[2:3]))
    torch.testing.assert_close(judge(generator(z))[2:3], judge(generator(z[2:3])))


def test_a_bounded_encoder_ends_in_tanh():
    images = torch.randn(9, 1, 8, 8) * 50
    free, bounded = (
        made(build(Conv(kind="conv", channels=4, bounded=b), [(1, 8, 8)], (3,)), seed=3) for b in (False, True)
    )
    torch.testing.assert_close(bounded(images), torch.tanh(free(images)))
    assert free(images).abs().max() > 1


def test_the_same_stream_gives_the_same_network_and_the_scale_is_kept():
    first, again, other = (made(ConvJudge((3, 32, 32), Conv(kind="conv"), ()), seed) for seed in (1, 1, 2))
    for (name, a), b, c in zip(first.named_parameters(), again.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b), name
        assert "bias" in name or not torch.equal(a, c)
    # He's bound: U(+-b) has the standard deviation b / sqrt(3) = sqrt(2 / inputs)
    weight = first.layers[1].weight
    assert weight.std().item() == pytest.approx(math.sqrt(2 / (16 * 16)), rel=0.03)
    assert weight.abs().max() <= math.sqrt(6 / (16 * 16))
    generator = made(ConvGenerator(100, Conv(kind="conv"), (3, 32, 32)))
    h = torch.relu(generator.first(torch.randn(256, 100)))
    assert 0.3 < generator(torch.randn(256, 100)).std() < 1
    assert h.square().mean().item() == pytest.approx(1, rel=0.2)  # the scale of z, after He et al. 2015
