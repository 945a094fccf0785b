"""Variants of adversarial training: one file each, written as if there were one model.

A variant says which networks it has and what each side of the game minimises. Networks are called
like functions, batches have shape (batch, ...), and all randomness arrives in the batch: a loss is a
pure function. Making many replicas of it is the trainer's concern (see `ensemble.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, NamedTuple

from torch import Tensor

from modescope import registry
from modescope.config import Experiment, Strict
from modescope.networks import Network

Nets = Mapping[str, Callable[..., Tensor]]
Losses = dict[str, Tensor]


class Batch(NamedTuple):
    """What one update of either side may use."""

    x_real: Tensor  # (batch, *data shape), drawn from the train set with replacement
    z: Tensor  # (batch, latent_dim)


class Variant(ABC):
    """One remedy, found by the name of its file."""

    source: ClassVar[str]  # author, year

    class Hyperparameters(Strict):
        """None, unless the variant says so."""

    def __init__(self, settings: Experiment, data_shape: tuple[int, ...]) -> None:
        """Raises pydantic.ValidationError for a hyperparameter that the variant does not have."""
        self.settings, self.data_shape = settings, data_shape
        self.hyperparameters = self.Hyperparameters.model_validate(settings.hyperparameters)

    @abstractmethod
    def networks(self) -> dict[str, Network]:
        """The networks of one model, uninitialised; `generator` and `discriminator` at least."""

    @abstractmethod
    def discriminator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """Named terms, scalars; the discriminator minimises their sum."""

    @abstractmethod
    def generator_loss(self, nets: Nets, batch: Batch) -> Losses:
        """Named terms, scalars; the generator minimises their sum."""

    def sample(self, nets: Nets, z: Tensor) -> Tensor:
        """(n, latent_dim) -> (n, *data shape)."""
        return nets["generator"](z)


def find(name: str) -> type[Variant]:
    """The variant of `variants/<name>.py`. Raises LookupError for an unknown name."""
    return registry.find("variants", name, Variant)
