"""The optimisers against those of PyTorch; a saved state continues with the same bits."""

import pytest
import torch

from modescope.engine import optimisers
from modescope.params.settings import Adam, RMSprop, Sgd

SPECS = [
    Adam(learning_rate=0.01, betas=[0.5, 0.9], eps=1e-3),
    Adam(learning_rate=0.02, betas=[0.0, 0.999], weight_decay=0.1),
    RMSprop(kind="rmsprop", learning_rate=0.01, alpha=0.8, eps=1e-3),
    Sgd(kind="sgd", learning_rate=0.3),
]


def vector_of(seed, n=7):
    vector = torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    vector.grad = torch.zeros_like(vector)
    return vector


def run(optimiser, vector, steps):
    for step in steps:
        vector.grad.copy_(vector_of(100 + step))
        optimiser.step()


@pytest.mark.parametrize("spec", SPECS)
def test_updates_are_those_of_torch(spec):
    ours, theirs = vector_of(0), vector_of(0)
    if isinstance(spec, Adam):
        options = {"betas": spec.betas, "eps": spec.eps, "weight_decay": spec.weight_decay, "foreach": False}
        reference = torch.optim.Adam([theirs], lr=spec.learning_rate, **options)
    elif isinstance(spec, RMSprop):
        reference = torch.optim.RMSprop([theirs], lr=spec.learning_rate, alpha=spec.alpha, eps=spec.eps)
    else:
        reference = torch.optim.SGD([theirs], lr=spec.learning_rate)
    run(optimisers.build(ours, spec), ours, range(8))
    run(reference, theirs, range(8))
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("spec", SPECS)
def test_a_saved_state_continues_with_the_same_bits(spec):
    whole, later = vector_of(0), vector_of(1)
    first, second = optimisers.build(whole, spec), optimisers.build(later, spec)
    run(second, later, [50])  # its own state is overwritten in place
    tensors = list(second.state.values())
    run(first, whole, range(4))
    later.copy_(whole)
    second.load({name: value.clone() for name, value in first.state.items()})
    assert all(a is b for a, b in zip(tensors, second.state.values(), strict=True))
    run(first, whole, range(4, 8))
    run(second, later, range(4, 8))
    assert torch.equal(whole, later)
