"""A replayed gradient has the values of a freshly traced one, for any data of the same shapes."""

import torch
from torch.func import grad, vmap

from modescope.engine.tracing import Traced


def total(leaves, x, scale):
    """A gradient penalty over replicas: a function transform within another."""

    def single(w, b, x):
        slope = grad(lambda points: torch.tanh(points @ w + b).sum())(x)
        return {"fit": torch.relu(x @ w + b).mean(), "slope": slope.square().sum(1).mean()}

    terms = vmap(single)(*leaves, x)
    return (scale * torch.stack(list(terms.values()))).sum(), terms


def inputs(seed, batch=7):
    rng = torch.Generator().manual_seed(seed)
    w, b, x = (torch.randn(size, generator=rng) for size in ((3, 2), (3,), (3, batch, 2)))
    return [w, b], x, torch.tensor(0.5 + seed)


def test_a_replay_has_the_gradients_of_autograd_for_other_data():
    traced = Traced(total)
    for seed in range(4):
        leaves, x, scale = inputs(seed)
        gradients, terms = traced("one", leaves, x, scale)
        asked = [leaf.clone().requires_grad_() for leaf in leaves]
        expected, same = total(asked, x, scale)
        for found, wanted in zip(gradients, torch.autograd.grad(expected, asked), strict=True):
            torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-6)
        for name, term in terms.items():
            torch.testing.assert_close(term, same[name].detach(), rtol=1e-6, atol=1e-7)
            assert not term.requires_grad


def test_it_is_written_down_once_a_key():
    calls = []

    def counted(leaves, x, scale):
        calls.append(x.shape)
        return total(leaves, x, scale)

    traced = Traced(counted)
    for seed, batch in ((0, 7), (1, 7), (2, 5), (3, 7), (4, 5)):
        gradients, _ = traced(batch, *inputs(seed, batch))
        assert [g.shape for g in gradients] == [(3, 2), (3,)]
    assert calls == [(3, 7, 2), (3, 5, 2)]


def test_the_leaves_are_left_as_they_are():
    leaves, x, scale = inputs(0)
    before = [leaf.clone() for leaf in leaves]
    traced = Traced(total)
    first, _ = traced(0, leaves, x, scale)
    second, _ = traced(0, leaves, x, scale)
    assert all(torch.equal(a, b) for a, b in zip(leaves, before, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
