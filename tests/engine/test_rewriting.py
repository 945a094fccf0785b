"""A shortened tape has the same results: nothing that nobody reads, no constants, nothing twice, faster products."""

import itertools

import pytest
import torch

from modescope.engine.replay import Replay
from modescope.engine.rewriting import shorten
from modescope.engine.tape import record

aten = torch.ops.aten
CPU = torch.device("cpu")


def shortened(function):
    """The functions of the shortened tape, and the constants."""
    tape, constants = shorten(record(function), CPU)
    return [operation.function for operation in tape.operations], constants


def assert_replays(function, *changing):
    """Assert that a replay returns what the function does, for other values of the tensors that it reads."""
    replay = Replay(record(lambda: ((), function())), [], CPU)
    for seed in range(3):
        rng = torch.Generator().manual_seed(seed)
        for tensor in changing:
            tensor.copy_(torch.randn(tensor.shape, generator=rng))
        expected = function()
        for _ in range(2):
            replay()
            torch.testing.assert_close(replay.returned[1], expected, rtol=1e-5, atol=1e-5)


def test_what_nobody_reads_is_left_out():
    x = torch.randn(3)
    assert shortened(lambda: ((x * 3).exp(), x + 1)[1])[0] == [aten.add.Tensor]


def test_a_change_of_what_was_there_before_is_kept():
    x = torch.randn(3)
    assert shortened(lambda: (x.mul_(2), x.new_ones(2))[1])[0] == [aten.mul_.Tensor]


def test_what_depends_on_shapes_alone_is_computed_once():
    x = torch.randn(3, 2)
    names, constants = shortened(lambda: x * (torch.ones_like(x).sum(1, keepdim=True) + 5))
    assert names == [aten.mul.Tensor]
    assert any(constant.tolist() == [7.0] * 3 for constant in constants.values())
    assert_replays(lambda: x * (torch.ones_like(x).sum(1, keepdim=True) + 5), x)


def test_a_constant_that_is_partly_overwritten_is_made_anew_at_every_replay():
    x = torch.randn(2)

    def function():
        y = torch.zeros(4)
        y[1:3].add_(x)
        return y * 2

    assert_replays(function, x)


def test_what_is_computed_twice_is_computed_once():
    x, w = torch.randn(3, 2), torch.randn(2, 4)

    def function():
        one, other = torch.relu_(x @ w + 1), torch.relu_(x @ w + 1)
        return one + other.mul_(3)

    names, _ = shortened(function)
    assert names.count(aten.mm.default) + names.count(aten.addmm.default) == 1
    assert_replays(function, x, w)


def test_equal_operations_around_a_change_are_not_equal():
    x = torch.randn(3)

    def function():
        before = x * 2
        x.add_(1)
        return before, x * 2

    replay = Replay(record(lambda: ((), function())), [], CPU)
    x.copy_(torch.tensor([1.0, 2.0, 3.0]))
    replay()
    before, after = replay.returned[1]
    assert (before.tolist(), after.tolist()) == ([2, 4, 6], [4, 6, 8])


@pytest.mark.parametrize("batched", [True, False])
def test_a_product_and_its_addend_are_one_operation(batched):
    a, b, bias = torch.randn(3, 5, 2), torch.randn(3, 2, 4), torch.randn(4)
    function = (lambda: torch.bmm(a, b).add_(bias)) if batched else (lambda: bias + a[0] @ b[0])
    assert shortened(function)[0] == [aten.baddbmm.default if batched else aten.addmm.default]
    assert_replays(function, a, b, bias)


def test_a_number_beside_a_product_stays_a_number():
    a, b = torch.randn(3, 5, 2), torch.randn(3, 2, 4)
    for function in (lambda: torch.vmap(lambda a, b: 0.5 + a @ b)(a, b), lambda: a[0] @ b[0] + torch.tensor(2.0)):
        assert aten.add.Tensor in shortened(function)[0]
        assert_replays(function, a, b)


def test_a_product_that_is_needed_itself_is_kept():
    a, b = torch.randn(3, 5, 2), torch.randn(3, 2, 4)
    assert_replays(lambda: [(p := torch.bmm(a, b)), p + 1, torch.bmm(a, b) + torch.bmm(a, b)], a, b)


@pytest.mark.parametrize(("m", "n"), [*itertools.product((1, 2, 9), (1, 2, 3, 12))])
@pytest.mark.parametrize("batched", [True, False])
def test_narrow_products_are_the_same_however_they_are_read(m, n, batched):
    a, b, c = torch.randn(4, 6, m), torch.randn(4, 6, n), torch.randn(4, m, n)

    def function():
        if batched:
            p, q = torch.bmm(a.mT, b), torch.bmm(a.mT, b + 1) + c
        else:
            p, q = a[0].mT @ b[0], a[0].mT @ (b[0] + 1) + c[0, 0]
        return [p.mT * 2, p, q, q.mT, torch.relu(q).reshape(-1), p.mT @ q]

    assert_replays(function, a, b, c)


def test_an_outer_product_is_a_multiplication():
    a, b = torch.randn(3, 5, 1), torch.randn(3, 1, 4)
    assert shortened(lambda: torch.bmm(a, b))[0] == [aten.mul.Tensor]
    assert_replays(lambda: torch.bmm(a, b), a, b)
