"""The cost of a training step, independent of the machine: multiply-adds of its matrix products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from modescope import variants
from modescope.engine.ensemble import Ensemble
from modescope.params.config import Experiment, averaged_arm
from modescope.params.settings import Latent, Snapshots

# What changes no product, so that a remedy on two datasets of the same shape is counted once.
NOT_COUNTED = {
    "study": "any",
    "dataset": "any",
    "seeds": 1,
    "steps": 1,
    "latent": Latent(),
    "instance_noise": None,
    "ema": None,
    "snapshots": Snapshots(),
}


class Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the multiply-adds of matrix products and convolutions by PyTorch's own formulas.

    `FlopCounterMode` has the same formulas, but its hooks on modules fail inside `torch.func.grad`.
    """

    multiply_adds: int = 0

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run the operation and add its multiply-adds, half of its floating-point operations."""
        result = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func.overloadpacket)
        if formula is not None:
            self.multiply_adds += formula(*args, **(kwargs or {}), out_val=result) // 2
        return result


def multiply_adds(settings: Experiment, data_shape: tuple[int, ...]) -> int:
    """Multiply-adds of one step of one replica: the discriminator updates and the generator update after them.

    All matrix products and convolutions count, forward and backward: also the generator's forward pass in an update
    of the discriminator, and distances computed by a matrix product (`gmn`). Element-wise operations do not count.
    """
    rng = np.random.default_rng(0)  # the count depends on shapes alone

    def inputs(n: int) -> list[torch.Tensor | None]:
        x, z = rng.standard_normal((1, n, *data_shape)), rng.standard_normal((1, n, settings.latent_dim))
        return [*(torch.from_numpy(part.astype(np.float32)) for part in (x, z, rng.random((1, n)))), None]

    variant = variants.find(settings.variant)(settings, data_shape)
    ensemble = Ensemble(variant, [rng], torch.device("cpu"))
    counter = Counter()  # type: ignore[no-untyped-call]
    with counter:
        if "discriminator" in ensemble.sides:
            for _ in range(variant.n_critic):
                ensemble.gradient("discriminator", *inputs(settings.discriminator_batch))
        ensemble.gradient("generator", *inputs(settings.generator_batch))
    return int(counter.multiply_adds)


def by_arm(experiment: Experiment, data_shape: tuple[int, ...]) -> dict[str, int]:
    """Arm -> multiply-adds of a step; an arm of averaged weights (EMA) costs what its live arm costs."""
    found: dict[str, int] = {}
    for arm, settings in experiment.arms():
        names = [arm] if settings.ema is None else [arm, averaged_arm(arm, settings)]
        found |= dict.fromkeys(names, _counted(settings.model_copy(update=NOT_COUNTED).model_dump_json(), data_shape))
    return found


@cache
def _counted(settings: str, data_shape: tuple[int, ...]) -> int:
    return multiply_adds(Experiment.model_validate_json(settings), data_shape)
