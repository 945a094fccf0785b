"""The networks that losses call: functions bound to the parameters of one replica."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.optim import Optimizer

from modescope.networks.dense import Network
from modescope.variants import Bound, Nets, Parameters


def bound(
    modules: Mapping[str, Network],
    state: Mapping[str, Parameters] | None,
    step: Tensor | None,
    extra: Mapping[str, Any],
) -> Nets:
    """The networks with the parameters in `state`; without `state`, the modules with their own parameters.

    With `step` the discriminator is `Bound` to its parameters and to Adam's `moments` in `extra`. The `noise`
    in `extra`, (batch, *shape), is added to the generator's output.
    """
    nets: dict[str, Callable[..., Tensor]] = {
        name: module if state is None else _bind(module, state[name]) for name, module in modules.items()
    }
    if step is not None and state is not None:
        function, moments = _functional(modules["discriminator"]), extra["moments"]
        nets["discriminator"] = Bound(function, state["discriminator"], moments["m"], moments["v"], step)
    if "noise" in extra:
        generator = nets["generator"]
        nets["generator"] = lambda z: generator(z) + extra["noise"]
    return nets


def adam_state(optimizer: Optimizer, vector: Tensor, parameters: Parameters) -> tuple[Tensor, dict[str, Parameters]]:
    """The number of updates so far, and Adam's running means m and v for each parameter.

    `vector` is the tensor that the optimiser updates; it holds the parameters one after the other.
    """
    saved = optimizer.state.get(vector, {})
    step: Tensor = saved.get("step", torch.zeros((), device=vector.device))
    sizes = [parameter.numel() for parameter in parameters.values()]
    moments = {}
    for ours, theirs in (("m", "exp_avg"), ("v", "exp_avg_sq")):
        parts = torch.split(saved.get(theirs, torch.zeros_like(vector)), sizes)
        moments[ours] = {key: part.view_as(p) for (key, p), part in zip(parameters.items(), parts, strict=True)}
    return step, moments


def _functional(module: nn.Module) -> Callable[..., Tensor]:
    def call(parameters: Parameters, *inputs: Tensor) -> Tensor:
        output: Tensor = functional_call(module, parameters, inputs)
        return output

    return call


def _bind(module: nn.Module, parameters: Parameters) -> Callable[..., Tensor]:
    function = _functional(module)
    return lambda *inputs: function(parameters, *inputs)
