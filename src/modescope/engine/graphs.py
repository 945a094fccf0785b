"""Steps on a GPU as CUDA graphs: to launch hundreds of small kernels one by one takes longer than they run."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch

from modescope.params import environment

TF32_VARIABLE = environment.TF32
Work = Callable[[], None]


def prepare(device: torch.device) -> None:
    """On a GPU, set products and convolutions to full float32, or to the faster TF32 if MODESCOPE_TF32 is 1."""
    if device.type == "cuda":
        allowed = environment.value(TF32_VARIABLE) == "1"
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = allowed


def captured(work: Work, device: torch.device) -> Work:
    """`work`, which on a GPU is captured at its second call; elsewhere `work` itself."""
    return Captured(work) if device.type == "cuda" else work


class Captured:
    """Work on tensors that stay where they are. Every call does it once.

    The first call does it kernel by kernel, which also lets the libraries allocate what they need; the second one
    captures it. Where that fails, a warning says so and all calls go on kernel by kernel.
    """

    def __init__(self, work: Work, cuda: Any = torch.cuda) -> None:
        self.work, self.cuda = work, cuda
        self.graph: Any = None
        self.warm, self.failed = False, False

    def __call__(self) -> None:
        """Do the work."""
        if self.graph is None and self.warm and not self.failed:
            self._capture()
        if self.graph is not None:
            self.graph.replay()
        elif self.warm:
            self.work()
        else:
            self._warm_up()

    def _warm_up(self) -> None:
        """The first call, on a stream of its own as PyTorch asks for before a capture."""
        stream, outside = self.cuda.Stream(), self.cuda.current_stream()
        stream.wait_stream(outside)
        with self.cuda.stream(stream):
            self.work()
        outside.wait_stream(stream)
        self.warm = True

    def _capture(self) -> None:
        graph = self.cuda.CUDAGraph()
        try:
            with self.cuda.graph(graph):
                self.work()
            self.graph = graph
        except RuntimeError as error:
            self.failed = True
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            warnings.warn(f"no CUDA graph, steps go on kernel by kernel: {reason}", stacklevel=3)
