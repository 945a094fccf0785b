"""Variants of adversarial training: one file each, written as if there were one model.

A variant says which networks it has and what each side of the game minimises. Networks are called
like functions, batches have shape (batch, ...), and all randomness arrives in the batch: a loss is a
pure function. Making many replicas of it is the trainer's concern (see `ensemble.py`).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

from torch import Tensor

from modescope.networks import convolutional
from modescope.networks.dense import MLP, Network
from modescope.params import registry
from modescope.params.config import Experiment
from modescope.params.settings import Conv, Mlp, Strict

Nets = Mapping[str, Callable[..., Tensor]]
Losses = dict[str, Tensor]
Parameters = dict[str, Tensor]


class Batch(NamedTuple):
    """What one update of either side may use."""

    x_real: Tensor  # (batch, *data shape), drawn from the train set with replacement
    z: Tensor  # (batch, latent_dim)
    uniform: Tensor  # (batch,), U(0, 1): interpolation weights, times


@dataclass(frozen=True)
class Bound:
    """A network with its parameters and its optimiser's state at hand, for losses that imagine updates of it."""

    function: Callable[..., Tensor]  # (parameters, *inputs) -> output
    parameters: Parameters
    exp_avg: Parameters  # Adam's running mean of gradients
    exp_avg_sq: Parameters  # and of their squares
    step: Tensor  # updates done, a scalar

    def __call__(self, *inputs: Tensor) -> Tensor:
        """The network's output."""
        return self.function(self.parameters, *inputs)

    def after(self, parameters: Parameters, exp_avg: Parameters, exp_avg_sq: Parameters) -> Bound:
        """The same network one update later."""
        return replace(self, parameters=parameters, exp_avg=exp_avg, exp_avg_sq=exp_avg_sq, step=self.step + 1)


class Variant(ABC):
    """One remedy, found by the name of its file."""

    source: ClassVar[str]  # author, year
    needs: ClassVar[tuple[str, ...]] = ("generator", "discriminator")  # networks, by name
    logged: ClassVar[tuple[str, ...]] = ()  # terms of a loss that are written down and not minimised
    watched: ClassVar[tuple[str, ...]] = ("samples", "codes")  # of its views, those that every snapshot keeps
    imagines_updates: ClassVar[bool] = False  # whether the losses get D as `Bound`

    class Hyperparameters(Strict):
        """None, unless the variant says so."""

    def __init__(self, settings: Experiment, data_shape: tuple[int, ...]) -> None:
        """Raises ValueError where the settings or the data are not what the variant needs.

        pydantic.ValidationError, a ValueError, for a hyperparameter that the variant does not have.
        """
        self.settings, self.data_shape = settings, data_shape
        self.hyperparameters = self.Hyperparameters.model_validate(settings.hyperparameters)
        if set(settings.networks.given) != set(self.needs):
            raise ValueError(
                f"variant {settings.variant} has the networks {', '.join(self.needs)}; networks gives "
                f"{', '.join(settings.networks.given) or 'none'}"
            )
        if ("discriminator" in self.needs) != (settings.optimizers.discriminator is not None):
            has = "a discriminator" if "discriminator" in self.needs else "no discriminator"
            raise ValueError(f"variant {settings.variant} has {has}: optimizers.discriminator must say the same")

    @property
    def n_critic(self) -> int:
        """Discriminator updates before each generator update."""
        return 1

    def networks(self) -> dict[str, Network]:
        """The networks of one model, uninitialised: unless the variant says otherwise, G: z -> x and D: x -> logit."""
        return {
            "generator": self.network("generator", [(self.settings.latent_dim,)], self.data_shape),
            "discriminator": self.network("discriminator", [self.data_shape], ()),
        }

    def network(self, name: str, inputs: list[tuple[int, ...]], out_shape: tuple[int, ...]) -> Network:
        """The network that the settings describe under this name, from points of the shapes `inputs` to `out_shape`."""
        spec: Mlp | Conv = getattr(self.settings.networks, name)
        if isinstance(spec, Conv):
            return convolutional.build(spec, inputs, out_shape)
        return MLP((sum(math.prod(shape) for shape in inputs),), spec, out_shape)

    def shape(self, name: str) -> Mlp:
        """The layers that the settings give a fully connected network. Raises ValueError for another kind."""
        spec: Mlp | Conv = getattr(self.settings.networks, name)
        if isinstance(spec, Conv):
            raise ValueError(f"variant {self.settings.variant} has fully connected networks; networks.{name} is not")
        return spec

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """Named terms, scalars; the discriminator minimises the sum of those not `logged`.

        Never asked of a variant without one.
        """
        raise NotImplementedError(f"{type(self).__name__} has no discriminator")

    @abstractmethod
    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """Named terms, scalars; the generator, and an encoder with it, minimises the sum of those not `logged`."""

    def after_update(self, side: str, parameters: Mapping[str, Parameters]) -> None:  # noqa: B027, most have nothing to do
        """Change parameters in place after an update of `side`.

        network -> parameter or buffer -> (...) or, for several replicas, (R, ...). Runs without gradients.
        """

    def views(self, nets: Nets, batch: Batch) -> dict[str, Tensor]:
        """What evaluation and figures see, (n, ...) each: `samples`, of the data's shape, if it generates any."""
        return {"samples": nets["generator"](batch.z)}


def find(name: str) -> type[Variant]:
    """The variant of `variants/<name>.py`. Raises LookupError for an unknown name."""
    return registry.find("variants", name, Variant)
