"""What discriminators are asked for by more than one variant: both kinds of points at once, slopes at points."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import grad


def real_and_fake(discriminator: Callable[..., Tensor], x_real: Tensor, x_fake: Tensor) -> tuple[Tensor, Tensor]:
    """D(x_real) and D(x_fake), (batch,) each, from one pass.

    D has no batch statistics, and one product of twice the rows is faster than two.
    """
    logits = discriminator(torch.cat([x_real, x_fake]))
    logits_real, logits_fake = torch.split(logits, [len(x_real), len(x_fake)])
    return logits_real, logits_fake


def slopes(discriminator: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """The gradient of D with respect to its input at every x, (batch, ...) -> the same.

    D acts on each point alone, so that the gradient of the sum is each point's own.
    """
    gradient: Tensor = grad(lambda points: discriminator(points).sum())(x)
    return gradient


def squared_norm(gradient: Tensor) -> Tensor:
    """Sum of squares over all axes but the first, (batch, ...) -> (batch,)."""
    return gradient.flatten(1).square().sum(1)
