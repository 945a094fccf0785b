"""Captured work is done once a call, and on as it was where it cannot be captured."""

import warnings
from contextlib import contextmanager

import pytest
import tiny
import torch

from modescope.engine import graphs
from modescope.engine.training import train


class FakeCuda:
    """What `Captured` uses of torch.cuda. While it captures, work is noted and not done."""

    def __init__(self, fails=False):
        self.fails, self.capturing, self.captures = fails, False, 0
        self.CUDAGraph, self.Stream = FakeGraph, FakeStream
        self.stream = contextmanager(lambda stream: (yield))

    def current_stream(self):
        return FakeStream()

    @contextmanager
    def graph(self, graph):
        self.capturing, self.captures = True, self.captures + 1
        graph.cuda = self
        yield
        self.capturing = False
        if self.fails:
            raise RuntimeError("operation not permitted\nwhen stream is capturing")


class FakeStream:
    def wait_stream(self, stream):
        assert isinstance(stream, FakeStream)


class FakeGraph:
    def replay(self):
        self.cuda.done.append("graph")


def work_on(cuda):
    cuda.done = []
    return graphs.Captured(lambda: None if cuda.capturing else cuda.done.append("kernels"), cuda)


def test_every_call_does_the_work_once_and_it_is_captured_once():
    cuda = FakeCuda()
    work = work_on(cuda)
    for _ in range(4):
        work()
    assert cuda.done == ["kernels", "graph", "graph", "graph"]
    assert cuda.captures == 1


def test_where_capturing_fails_one_line_says_so_and_all_goes_on():
    cuda = FakeCuda(fails=True)
    work = work_on(cuda)
    work()
    with pytest.warns(UserWarning, match="kernel by kernel: operation not permitted$"):
        work()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        work()
    assert cuda.done == ["kernels"] * 3
    assert cuda.captures == 1


def test_on_a_cpu_work_is_left_alone():
    def work():
        pass

    assert graphs.captured(work, torch.device("cpu")) is work
    assert isinstance(graphs.captured(work, torch.device("cuda")), graphs.Captured)


@pytest.fixture
def precision():
    """PyTorch's two switches, which are as before afterwards."""
    switches = torch.backends.cuda.matmul, torch.backends.cudnn
    before = [switch.allow_tf32 for switch in switches]
    yield switches
    for switch, value in zip(switches, before, strict=True):
        switch.allow_tf32 = value


@pytest.mark.parametrize(("value", "allowed"), [(None, False), ("0", False), ("1", True)])
def test_full_precision_is_the_default(monkeypatch, precision, value, allowed):
    if value is None:
        monkeypatch.delenv(graphs.TF32_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(graphs.TF32_VARIABLE, value)
    for switch in precision:
        switch.allow_tf32 = not allowed
    graphs.prepare(torch.device("cpu"))
    assert [switch.allow_tf32 for switch in precision] == [not allowed] * 2
    graphs.prepare(torch.device("cuda"))
    assert [switch.allow_tf32 for switch in precision] == [allowed] * 2


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("variant", ["gan", "wgan", "r3gan", "unrolled"])
def test_a_gpu_trains_what_a_cpu_does(variant, monkeypatch):
    data = torch.randn((200, 2), generator=torch.Generator().manual_seed(0)).numpy()
    task = tiny.task(variant=variant, steps=5, ema={"decay": 0.9})
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a graph that cannot be captured is one
        found = train(task, data, device="cuda")
    wanted = train(task, data)
    for key, value in wanted.weights.items():
        assert found.weights[key] == pytest.approx(value, rel=1e-3, abs=1e-4)
    monkeypatch.setattr(graphs, "captured", lambda work, device: work)
    plain = train(task, data, device="cuda")
    assert all((plain.weights[key] == value).all() for key, value in found.weights.items())
