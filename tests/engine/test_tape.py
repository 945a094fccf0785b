"""A tape has the operations of a function: views are places, and what is done in place writes a new memory."""

import pytest
import torch
from torch.func import grad, vmap

from modescope.engine.tape import places, record

aten = torch.ops.aten


def names(tape):
    return [operation.function for operation in tape.operations]


def test_views_are_places_in_a_memory_and_no_operations():
    x = torch.arange(6.0).reshape(2, 3)
    tape = record(lambda: [x.t()[1:], x.view(-1).split(2)[1]])
    assert tape.operations == []
    turned, part = tape.returned
    assert turned.memory == part.memory
    assert (turned.size, turned.stride, turned.offset) == ((2, 2), (1, 3), 1)
    assert (part.size, part.stride, part.offset) == ((2,), (1,), 2)
    assert torch.equal(tape.given[part.memory], x.view(-1))


def test_what_is_done_in_place_on_a_result_writes_a_memory_of_its_own():
    x = torch.ones(3)
    tape = record(lambda: (x * 2).add_(1).relu_())
    assert names(tape) == [aten.mul.Tensor, aten.add.Tensor, aten.relu.default]
    (one,), (two,), (three,) = (operation.results for operation in tape.operations)
    assert len({one.memory, two.memory, three.memory}) == 3
    assert tape.operations[1].reads()[0] == one
    assert tape.returned == three


def test_what_is_read_before_a_change_in_place_is_the_memory_before_it():
    x = torch.ones(3)

    def function():
        y = x * 2
        before = y + 1
        y.mul_(5)
        return before, y.view(3, 1)

    tape = record(function)
    doubled, added, multiplied = tape.operations
    assert added.reads()[0].memory == doubled.results[0].memory
    assert tape.returned[1].memory == multiplied.results[0].memory != doubled.results[0].memory


def test_changes_of_a_part_or_of_what_was_there_before_stay_changes():
    x = torch.ones(4)

    def function():
        y = torch.zeros(4) + x
        y[1:].mul_(2)
        x.add_(1)
        return y

    tape = record(function)
    part, given = (operation for operation in tape.operations if operation.changed)
    assert (part.function, given.function) == (aten.mul_.Tensor, aten.add_.Tensor)
    assert part.changed == (tape.returned.memory,)
    assert given.changed[0] in tape.given
    assert tape.changed() == {*part.changed, *given.changed}


def test_function_transforms_are_written_down_as_what_they_do():
    w, x = torch.randn(3, 2, 4), torch.randn(3, 5, 2)

    def loss(w, x):
        return torch.tanh(x @ w).sum()

    tape = record(lambda: vmap(grad(loss))(w, x))
    assert aten.bmm.default in names(tape)
    assert aten.tanh_backward.default in names(tape)
    assert {place.memory for place in places([o.arguments for o in tape.operations])} >= set(tape.given)


@pytest.mark.parametrize("looks", [lambda x: x.sum().item(), lambda x: bool(x[0] > 0), lambda x: x + torch.rand(3)])
def test_values_and_random_numbers_are_refused(looks):
    with pytest.raises(ValueError, match="a loss must not"):
        record(lambda: looks(torch.ones(3)))
