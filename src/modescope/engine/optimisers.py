"""Optimisers of one vector of parameters: the arithmetic of `torch.optim` without its bookkeeping at a step."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from modescope.params.settings import Adam as AdamSpec
from modescope.params.settings import RMSprop as RMSpropSpec
from modescope.params.settings import Sgd as SgdSpec


class Optimiser(ABC):
    """Updates a vector in place from its `grad`."""

    state: dict[str, Tensor]

    @abstractmethod
    def step(self) -> None:
        """One update."""

    def load(self, saved: dict[str, Tensor]) -> None:
        """Take over the values of another's `state`."""
        for name, value in self.state.items():
            value.copy_(saved[name])


class Adam(Optimiser):
    """Kingma & Ba 2015 by PyTorch's fused kernel; `state` has m and v like the vector, and the number of updates."""

    def __init__(self, vector: Tensor, spec: AdamSpec) -> None:
        self.vector, self.spec = vector, spec
        self.state = {
            "m": torch.zeros_like(vector),
            "v": torch.zeros_like(vector),
            "step": torch.zeros((), dtype=torch.float32, device=vector.device),
        }

    def step(self) -> None:
        """One update."""
        assert self.vector.grad is not None
        beta1, beta2 = self.spec.betas
        self.state["step"].add_(1)
        torch._fused_adam_(
            [self.vector],
            [self.vector.grad],
            [self.state["m"]],
            [self.state["v"]],
            [],
            [self.state["step"]],
            lr=self.spec.learning_rate,
            beta1=beta1,
            beta2=beta2,
            weight_decay=self.spec.weight_decay,
            eps=self.spec.eps,
            amsgrad=False,
            maximize=False,
        )


class RMSprop(Optimiser):
    """Tieleman & Hinton 2012; `state` has the running mean of the squared gradient."""

    def __init__(self, vector: Tensor, spec: RMSpropSpec) -> None:
        self.vector, self.spec = vector, spec
        self.state = {"v": torch.zeros_like(vector)}

    def step(self) -> None:
        """One update."""
        v, spec, gradient = self.state["v"], self.spec, self.vector.grad
        assert gradient is not None
        v.mul_(spec.alpha).addcmul_(gradient, gradient, value=1 - spec.alpha)
        self.vector.addcdiv_(gradient, v.sqrt().add_(spec.eps), value=-spec.learning_rate)


class SGD(Optimiser):
    """Plain gradient descent; `state` has the number of updates, which losses may ask for."""

    def __init__(self, vector: Tensor, spec: SgdSpec) -> None:
        self.vector, self.spec = vector, spec
        self.state = {"step": torch.zeros((), dtype=torch.float32, device=vector.device)}

    def step(self) -> None:
        """One update."""
        assert self.vector.grad is not None
        self.state["step"].add_(1)
        self.vector.add_(self.vector.grad, alpha=-self.spec.learning_rate)


def build(vector: Tensor, spec: AdamSpec | RMSpropSpec | SgdSpec) -> Optimiser:
    """The optimiser of the settings."""
    match spec:
        case AdamSpec():
            return Adam(vector, spec)
        case RMSpropSpec():
            return RMSprop(vector, spec)
        case _:
            return SGD(vector, spec)
