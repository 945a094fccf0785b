"""A replayed gradient has the values of a freshly traced one, for any data of the same shapes."""

import torch
from torch.func import grad, vmap

from modescope.engine.tracing import Traced, calls

CPU = torch.device("cpu")


def total(leaves, x, scale):
    """A gradient penalty over replicas: a function transform within another."""

    def single(w, b, x):
        slope = grad(lambda points: torch.tanh(points @ w + b).sum())(x)
        return {"fit": torch.relu(x @ w + b).mean(), "slope": slope.square().sum(1).mean()}

    terms = vmap(single)(*leaves, x)
    return (scale * torch.stack(list(terms.values()))).sum(), terms


def written(leaves, function=total):
    """`function` traced with respect to leaves that stay where they are, and the tensors that get its gradients."""
    homes = [torch.zeros_like(leaf) for leaf in leaves]
    return Traced(lambda *inputs: grad(function, has_aux=True)(leaves, *inputs), homes, CPU), homes


def leaves_of(seed):
    rng = torch.Generator().manual_seed(seed)
    return [torch.randn(size, generator=rng) for size in ((3, 2), (3,))]


def inputs(seed, batch=7):
    rng = torch.Generator().manual_seed(seed)
    return torch.randn((3, batch, 2), generator=rng), torch.tensor(0.5 + seed)


def test_a_replay_has_the_gradients_of_autograd_for_other_data_and_parameters():
    leaves = leaves_of(0)
    traced, homes = written(leaves)
    for seed in range(4):
        for leaf, value in zip(leaves, leaves_of(seed), strict=True):
            leaf.copy_(value)
        x, scale = inputs(seed)
        terms = traced(x, scale)
        asked = [leaf.clone().requires_grad_() for leaf in leaves]
        expected, same = total(asked, x, scale)
        for found, wanted in zip(homes, torch.autograd.grad(expected, asked), strict=True):
            torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-6)
        for name, term in terms.items():
            torch.testing.assert_close(term, same[name].detach(), rtol=1e-6, atol=1e-7)
            assert not term.requires_grad


def test_it_is_written_down_once_a_form_of_the_inputs():
    calls = []

    def counted(leaves, x, scale):
        calls.append(x.shape)
        return total(leaves, x, scale)

    traced, _ = written(leaves_of(0), counted)
    for seed, batch in ((0, 7), (1, 7), (2, 5), (3, 7), (4, 5)):
        traced(*inputs(seed, batch))
    assert calls == [(3, 7, 2), (3, 5, 2)]


def test_terms_are_kept_and_the_leaves_left_as_they_are():
    leaves = leaves_of(0)
    before = [leaf.clone() for leaf in leaves]
    traced, homes = written(leaves)
    first = traced(*inputs(0))
    kept, gradients = {name: term.clone() for name, term in first.items()}, [home.clone() for home in homes]
    traced(*inputs(1))
    again = traced(*inputs(0))
    assert all(torch.equal(a, b) for a, b in zip(leaves, before, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(gradients, homes, strict=True))
    assert all(torch.equal(first[name], kept[name]) and torch.equal(first[name], again[name]) for name in kept)


def test_what_comes_afterwards_comes_at_every_call_when_the_gradients_are_there():
    leaves, seen = leaves_of(0), []
    homes = [torch.zeros_like(leaf) for leaf in leaves]
    traced = Traced(
        lambda *inputs: grad(total, has_aux=True)(leaves, *inputs),
        homes,
        CPU,
        lambda: seen.append(homes[0][0, 0].item()),
    )
    for seed in range(3):
        traced(*inputs(seed))
        assert seen[-1] == homes[0][0, 0].item() != 0
    assert len({*seen}) == len(seen) == 3


def test_what_is_done_in_place_is_done_at_every_call():
    x = torch.tensor([1.0, 5.0])

    def clip():
        x.mul_(2).clamp_(-3, 3)

    (double, clamp) = calls(clip, CPU)
    assert x.tolist() == [2.0, 3.0]  # it has run once to be recorded
    x.fill_(0.5)
    double()
    clamp()
    assert x.tolist() == [1.0, 1.0]
