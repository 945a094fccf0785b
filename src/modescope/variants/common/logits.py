"""Logits at real and generated points in one pass, and the gradient of D at its inputs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import grad


def real_and_fake(discriminator: Callable[..., Tensor], x_real: Tensor, x_fake: Tensor) -> tuple[Tensor, Tensor]:
    """D(x_real) and D(x_fake), (batch,) each, from one pass.

    This is exact, as D has no batch statistics, and one product of twice the rows is faster than two.
    """
    logits = discriminator(torch.cat([x_real, x_fake]))
    logits_real, logits_fake = torch.split(logits, [len(x_real), len(x_fake)])
    return logits_real, logits_fake


def slopes(discriminator: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """The gradient of D with respect to its input at every x, (batch, ...) -> the same.

    D treats each point separately, so the gradient of the sum over points is the gradient at each point.
    """
    gradient: Tensor = grad(lambda points: discriminator(points).sum())(x)
    return gradient


def squared_norm(gradient: Tensor) -> Tensor:
    """Sum of squares over all axes but the first, (batch, ...) -> (batch,)."""
    return gradient.flatten(1).square().sum(1)
