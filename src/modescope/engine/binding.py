"""The networks that losses call: functions bound to the parameters of one replica."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn
from torch.func import functional_call

from modescope.networks.dense import Network
from modescope.variants import Bound, Nets, Parameters


def bound(
    modules: Mapping[str, Network],
    state: Mapping[str, Parameters],
    step: Tensor | None,
    extra: Mapping[str, Any],
) -> Nets:
    """The networks with the parameters in `state`.

    With `step` the discriminator is `Bound` to its parameters and to its optimiser's `moments` in `extra`. The `noise`
    in `extra`, (batch, *shape), is added to the generator's output.
    """
    nets: dict[str, Callable[..., Tensor]] = {name: _bind(module, state[name]) for name, module in modules.items()}
    if step is not None:
        function, moments = _functional(modules["discriminator"]), extra["moments"]
        nets["discriminator"] = Bound(function, state["discriminator"], moments["m"], moments["v"], step)
    if "noise" in extra:
        generator = nets["generator"]
        nets["generator"] = lambda z: generator(z) + extra["noise"]
    return nets


def _functional(module: nn.Module) -> Callable[..., Tensor]:
    def call(parameters: Parameters, *inputs: Tensor) -> Tensor:
        output: Tensor = functional_call(module, parameters, inputs)
        return output

    return call


def _bind(module: nn.Module, parameters: Parameters) -> Callable[..., Tensor]:
    function = _functional(module)
    return lambda *inputs: function(parameters, *inputs)
