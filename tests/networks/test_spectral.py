"""Spectral norm one of every layer: at the start and as the weights change, for one model and for several."""

import numpy as np
import pytest
import tiny  # noqa: F401, one thread
import torch
from torch.func import functional_call, stack_module_state, vmap

from modescope.networks.spectral import SpectralMLP, power_iteration
from modescope.params.settings import Mlp

SPEC = Mlp(hidden=[16, 8], activation="leaky_relu", negative_slope=0.2, init="pytorch")


def network(seed, spec=SPEC, scale=1.0, n_in=3):
    net = SpectralMLP((n_in,), spec, (), scale=scale)
    net.initialise(np.random.default_rng(seed))
    return net


def tensors_of(net):
    return {key: value.detach() for key, value in (dict(net.named_parameters()) | dict(net.named_buffers())).items()}


def norms(tensors):
    """The exact largest singular value of every layer divided by its sigma, (...)."""
    return [
        np.linalg.norm(
            w / (np.einsum("...i,...ij,...j", tensors[f"u_{i}"], w, tensors[f"v_{i}"]))[..., None, None], 2, (-2, -1)
        )
        for i in range(3)
        for w in [tensors[f"layers.{i}.weight"].numpy()]
    ]


def drift(tensors, rng, size=0.001):
    """A small random change of every weight, in place; many of them add up to a large one."""
    for key, value in tensors.items():
        if key.endswith("weight"):
            value.add_(torch.from_numpy(size * rng.normal(size=value.shape)))


@pytest.mark.parametrize("init", ["glorot_uniform", "pytorch", "normal"])
def test_every_layer_starts_with_norm_one(init):
    net = network(0, Mlp(hidden=[128, 128], init=init))
    np.testing.assert_allclose(norms(tensors_of(net)), 1, atol=1e-3)


@pytest.mark.parametrize("n", [1, 3])
def test_one_iteration_an_update_follows_slow_weights(n):
    nets = [network(seed) for seed in range(n)]
    if n == 1:
        tensors = tensors_of(nets[0])
    else:
        parameters, buffers = stack_module_state(nets)
        tensors = {key: value.detach() for key, value in (parameters | buffers).items()}
    left_behind, rng = {key: value.clone() for key, value in tensors.items()}, np.random.default_rng(0)
    for _ in range(1000):
        drift(tensors, rng)
        power_iteration(tensors)
        np.testing.assert_allclose(norms(tensors), 1, atol=1e-3)
    without = tensors | {key: value for key, value in left_behind.items() if key[0] in "uv"}
    assert (np.max(norms(without), 0) > 1.01).all()  # the weights of every replica changed


def test_replicas_iterate_as_they_would_alone():
    nets = [network(seed) for seed in range(3)]
    parameters, buffers = stack_module_state(nets)
    together, alone = parameters | buffers, [tensors_of(net) for net in nets]
    with torch.no_grad():
        for tensors in (together, *alone):
            for key, value in tensors.items():
                if key.endswith("weight"):
                    value.mul_(torch.linspace(0.5, 2, value.shape[-1]))  # other singular vectors
            before = {key: value.clone() for key, value in tensors.items()}
            power_iteration(tensors)
    assert not torch.allclose(before["u_1"], alone[-1]["u_1"], atol=1e-3)
    for row, single in enumerate(alone):
        for key, value in single.items():
            torch.testing.assert_close(together[key][row], value)


@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_the_slope_is_at_most_the_scale(scale):
    """A layer of one unit reaches the bound, whatever the length of its weight."""
    rng = np.random.default_rng(0)
    a, b = (torch.from_numpy(rng.normal(0, 3, (2000, 3))).float() for _ in range(2))
    for net, least in ((network(1, scale=scale), 0.1), (network(2, Mlp(hidden=[1], activation="tanh"), scale), 0.0)):
        ratio = (net(a) - net(b)).abs() / (a - b).norm(dim=1)
        assert least * scale < ratio.max().item() <= scale * (1 + 1e-3)
    line = network(3, Mlp(hidden=[1], activation="leaky_relu", negative_slope=1.0), scale)
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    (gradient,) = torch.autograd.grad(line(x).sum(), x)
    torch.testing.assert_close(gradient.norm(dim=1), torch.full((4,), scale))


def test_calls_are_pure_and_the_same_under_vmap():
    nets = [network(seed) for seed in range(3)]
    before = [tensors_of(net)["u_0"].clone() for net in nets]
    x = torch.randn(3, 5, 3, generator=torch.Generator().manual_seed(0))
    alone = torch.stack([net(points) for net, points in zip(nets, x, strict=True)])
    tensors = stack_module_state(nets)
    together = vmap(lambda p, b, points: functional_call(nets[0], (p, b), points))(*tensors, x)
    torch.testing.assert_close(together, alone)
    assert all(torch.equal(net.get_buffer("u_0"), u) for net, u in zip(nets, before, strict=True))


def test_the_same_seed_has_the_same_vectors_and_they_are_no_parameters():
    one, two, other = (tensors_of(network(seed)) for seed in (0, 0, 1))
    assert all(torch.equal(one[key], two[key]) for key in one)
    assert not torch.equal(one["u_0"], other["u_0"])
    names = [key for key, _ in network(0).named_parameters()]
    assert names == [f"layers.{i}.{kind}" for i in range(3) for kind in ("weight", "bias")]
