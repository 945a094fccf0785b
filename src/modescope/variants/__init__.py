"""Variants of GAN training: one file each, written for a single model.

A variant defines its networks and what each side of the game minimises. Networks are called like
functions, batches have shape (batch, ...), and all random numbers come with the batch: a loss is a
pure function. `engine/ensemble.py` trains many replicas at once.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

from torch import Tensor

from modescope.networks import convolutional, dirac
from modescope.networks.dense import MLP, Network
from modescope.params import registry
from modescope.params.config import Experiment
from modescope.params.settings import Conv, Mlp, Strict
from modescope.params.settings import Network as NetworkSettings

Nets = Mapping[str, Callable[..., Tensor]]
Losses = dict[str, Tensor]
Parameters = dict[str, Tensor]


class Batch(NamedTuple):
    """The data and random numbers of one update of either side."""

    x_real: Tensor  # (batch, *data shape), drawn from the train set with replacement
    z: Tensor  # (batch, latent_dim)
    uniform: Tensor  # (batch,), U(0, 1): interpolation weights, times


@dataclass(frozen=True)
class Bound:
    """A network with its parameters and its optimiser's state, for losses that unroll updates of it."""

    function: Callable[..., Tensor]  # (parameters, *inputs) -> output
    parameters: Parameters
    exp_avg: Parameters  # Adam's running mean of gradients; empty without Adam
    exp_avg_sq: Parameters  # Adam's running mean of squared gradients; empty without Adam
    step: Tensor  # number of updates so far, a scalar

    def __call__(self, *inputs: Tensor) -> Tensor:
        """The network's output."""
        return self.function(self.parameters, *inputs)

    def after(self, parameters: Parameters, exp_avg: Parameters, exp_avg_sq: Parameters) -> Bound:
        """The same network one update later."""
        return replace(self, parameters=parameters, exp_avg=exp_avg, exp_avg_sq=exp_avg_sq, step=self.step + 1)


class Variant(ABC):
    """One remedy; its file has its name."""

    source: ClassVar[str]  # author, year
    title: ClassVar[str] = ""  # its name for readers, at most 40 characters; by default the name of its file
    idea: ClassVar[str] = ""  # why it should help, in two sentences
    link: ClassVar[str] = ""  # the address of the paper
    # Both losses in TeX, as the docstring has them, with its symbols: D, G, E, x, g, z.
    discriminator_tex: ClassVar[str] = ""
    generator_tex: ClassVar[str] = ""
    needs: ClassVar[tuple[str, ...]] = ("generator", "discriminator")  # names of its networks
    logged: ClassVar[tuple[str, ...]] = ()  # loss terms that are logged but not minimised
    watched: ClassVar[tuple[str, ...]] = ("samples", "codes")  # views that every snapshot keeps
    imagines_updates: ClassVar[bool] = False  # whether the losses get D as `Bound`

    class Hyperparameters(Strict):
        """None by default."""

    def __init__(self, settings: Experiment, data_shape: tuple[int, ...]) -> None:
        """Raises ValueError if the settings or the shape of the data do not fit the variant.

        An unknown hyperparameter raises pydantic.ValidationError, a ValueError.
        """
        self.settings, self.data_shape = settings, data_shape
        self.hyperparameters = self.Hyperparameters.model_validate(settings.hyperparameters)
        if set(settings.networks.given) != set(self.needs):
            raise ValueError(
                f"variant {settings.variant} has the networks {', '.join(self.needs)}; networks gives "
                f"{', '.join(settings.networks.given) or 'none'}"
            )
        if ("discriminator" in self.needs) != (settings.optimizers.discriminator is not None):
            has = "a discriminator: add" if "discriminator" in self.needs else "no discriminator: remove"
            raise ValueError(f"variant {settings.variant} has {has} optimizers.discriminator")

    @property
    def n_critic(self) -> int:
        """Discriminator updates before each generator update."""
        return 1

    def networks(self) -> dict[str, Network]:
        """The uninitialised networks of one model; by default G: z -> x and D: x -> logit."""
        return {
            "generator": self.network("generator", [(self.settings.latent_dim,)], self.data_shape),
            "discriminator": self.network("discriminator", [self.data_shape], ()),
        }

    def network(self, name: str, inputs: list[tuple[int, ...]], out_shape: tuple[int, ...]) -> Network:
        """The network `name` of the settings, from points of the shapes `inputs` to `out_shape`."""
        spec: NetworkSettings = getattr(self.settings.networks, name)
        if isinstance(spec, Conv):
            return convolutional.build(spec, inputs, out_shape)
        if not isinstance(spec, Mlp):
            return dirac.build(spec, inputs, out_shape)
        return MLP((sum(math.prod(shape) for shape in inputs),), spec, out_shape)

    def shape(self, name: str) -> Mlp:
        """The settings of the fully connected network `name`. Raises ValueError if it is of another kind."""
        spec: NetworkSettings = getattr(self.settings.networks, name)
        if not isinstance(spec, Mlp):
            raise ValueError(
                f"networks.{name}.kind ({spec.kind}) must be mlp: variant {self.settings.variant} takes only "
                "fully connected networks"
            )
        return spec

    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """Named terms, scalars; the discriminator minimises the sum of those not in `logged`.

        Raises NotImplementedError for a variant without a discriminator.
        """
        raise NotImplementedError(f"{type(self).__name__} has no discriminator")

    @abstractmethod
    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """Named terms, scalars; the generator, and an encoder with it, minimises the sum of those not in `logged`."""

    def after_update(self, side: str, parameters: Mapping[str, Parameters]) -> None:  # noqa: B027, most variants do nothing
        """Change parameters in place after an update of `side`. Runs without gradients.

        `parameters`: network -> parameter or buffer -> (...), or (R, ...) for several replicas.
        """

    def views(self, nets: Nets, batch: Batch) -> dict[str, Tensor]:
        """Outputs for evaluation and figures, (n, ...) each: `samples` (n, *data shape) if the variant generates."""
        return {"samples": nets["generator"](batch.z)}


def find(name: str) -> type[Variant]:
    """The variant of `variants/<name>.py`. Raises LookupError for an unknown name."""
    return registry.find("variants", name, Variant)
