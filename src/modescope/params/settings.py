"""The parts of an experiment, typed: networks, optimisers, latent distribution, noise, averaged weights, snapshots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

Width = Annotated[int, Field(ge=1, le=65_536)]


class Strict(BaseModel):
    """Immutable; unknown keys, wrong types and non-finite numbers are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, values: Any) -> Any:
        """Name the allowed keys in the error, which `extra="forbid"` alone does not."""
        unknown = [key for key in values if key not in cls.model_fields] if isinstance(values, dict) else []
        if unknown:
            allowed = ", ".join(cls.model_fields) or "none"
            raise PydanticCustomError(
                "unknown_key", "unknown key {key}; allowed: {allowed}", {"key": str(unknown[0]), "allowed": allowed}
            )
        return values


class Mlp(Strict):
    """A fully connected network: widths of the hidden layers, activation, initialisation."""

    kind: Literal["mlp"] = "mlp"
    hidden: list[Width] = Field(min_length=1)
    activation: Literal["relu", "leaky_relu", "tanh", "maxout"] = "relu"
    negative_slope: float = Field(0.01, ge=0, le=1, description="of leaky_relu")
    pieces: int = Field(5, ge=2, le=100, description="of maxout: linear maps a unit takes the largest of")
    batch_norm: bool = Field(False, description="before every activation, with a learned scale and shift")
    init: Literal["glorot_uniform", "pytorch", "normal", "kaiming_uniform"] = "glorot_uniform"
    init_scale: float = Field(0.02, gt=0, description="deviation of normal; gain of kaiming_uniform")


class Conv(Strict):
    """A convolutional network on square images, after DCGAN: see `networks/convolutional.py`."""

    kind: Literal["conv"]
    channels: Width = Field(16, description="feature maps next to the image; twice as many at half the size")
    bounded: bool = Field(False, description="tanh at the end of an encoder, for z in (-1, 1)")


class Point(Strict):
    """A generator that ignores z and returns one learned point, the same whatever z is (Mescheder et al. 2018)."""

    kind: Literal["point"]
    spread: float = Field(1.0, gt=0, description="every coordinate starts in U(-spread, spread)")


class Linear(Strict):
    """A discriminator D(x) = psi . x without a bias (Mescheder et al. 2018)."""

    kind: Literal["linear"]
    spread: float = Field(1.0, gt=0, description="every coordinate of psi starts in U(-spread, spread)")


def _kind(default: str) -> Callable[[Any], str]:
    """A function that returns the `kind` of an entry, or `default` where it has none."""

    def tag(spec: Any) -> str:
        return str(spec.get("kind", default) if isinstance(spec, Mapping) else getattr(spec, "kind", default))

    return tag


Network = Mlp | Conv | Point | Linear
NetworkSpec = Annotated[
    Annotated[Mlp, Tag("mlp")]
    | Annotated[Conv, Tag("conv")]
    | Annotated[Point, Tag("point")]
    | Annotated[Linear, Tag("linear")],
    Discriminator(_kind("mlp")),
]


class Networks(Strict):
    """The networks of a variant, by name."""

    generator: NetworkSpec | None = None
    discriminator: NetworkSpec | None = None
    encoder: NetworkSpec | None = None

    @model_validator(mode="after")
    def _batches_apart(self) -> Networks:
        # Real and generated points go through D in one batch, so that statistics over it would mix them.
        if isinstance(self.discriminator, Mlp) and self.discriminator.batch_norm:
            raise ValueError("discriminator.batch_norm: D sees real and generated points in one batch; leave it out")
        return self

    @property
    def given(self) -> list[str]:
        """The names of the networks that are given."""
        return [name for name in type(self).model_fields if getattr(self, name) is not None]


class Adam(Strict):
    """Kingma & Ba 2015."""

    kind: Literal["adam"] = "adam"
    learning_rate: float = Field(gt=0)
    betas: list[Annotated[float, Field(ge=0, lt=1)]] = Field([0.9, 0.999], min_length=2, max_length=2)
    eps: float = Field(1e-8, gt=0)
    weight_decay: float = Field(0.0, ge=0, description="times the parameter, added to its gradient (L2)")


class RMSprop(Strict):
    """Tieleman & Hinton 2012, without momentum."""

    kind: Literal["rmsprop"]
    learning_rate: float = Field(gt=0)
    alpha: float = Field(0.99, ge=0, lt=1, description="of the running mean of squared gradients")
    eps: float = Field(1e-8, gt=0)


class Sgd(Strict):
    """Plain gradient descent: the parameter minus the learning rate times its gradient."""

    kind: Literal["sgd"]
    learning_rate: float = Field(gt=0)


Optimizer = Annotated[
    Annotated[Adam, Tag("adam")] | Annotated[RMSprop, Tag("rmsprop")] | Annotated[Sgd, Tag("sgd")],
    Discriminator(_kind("adam")),
]


class Optimizers(Strict):
    """One optimiser for each side of the game; an encoder is on the generator's side."""

    generator: Optimizer
    discriminator: Optimizer | None = None


class Latent(Strict):
    """Distribution of z: N(0, I), or uniform on [low, high] in every dimension."""

    kind: Literal["normal", "uniform"] = "normal"
    low: float = 0.0
    high: float = 1.0

    @model_validator(mode="after")
    def _ordered(self) -> Latent:
        if self.low >= self.high:
            raise ValueError(f"low ({self.low}) must lie below high ({self.high})")
        return self


class InstanceNoise(Strict):
    """N(0, s^2) added to real and generated points alike, s constant or falling to 0 (Sonderby et al. 2017)."""

    std: float = Field(gt=0, description="s at the first step, in data units")
    until: float | None = Field(
        1.0, gt=0, le=1, description="share of the training after which the noise is 0; null: it stays as it is"
    )

    def at(self, progress: float) -> float:
        """The deviation s when `progress`, from 0 to 1, of the training is done."""
        return self.std if self.until is None else self.std * max(0.0, 1 - progress / self.until)


class Ema(Strict):
    """Exponential moving average of the generator's side, sampled and scored beside the live weights."""

    decay: float = Field(0.999, gt=0, lt=1, description="0.9999 at batch 64 in Yazici et al. 2019; per step")


class Lattice(Strict):
    """A grid on which each snapshot keeps the discriminator's output; `low` has one value per input coordinate."""

    low: list[float] = Field(min_length=1, max_length=2)
    high: list[float] = Field(min_length=1, max_length=2)
    cells: int = Field(48, ge=2, le=1_024, description="along each coordinate")

    @model_validator(mode="after")
    def _ordered(self) -> Lattice:
        if len(self.low) != len(self.high) or any(a >= b for a, b in zip(self.low, self.high, strict=True)):
            raise ValueError(f"low {self.low} must lie below high {self.high} in every coordinate")
        return self


class Walk(Strict):
    """Straight lines between latent points, and the generator's samples along them."""

    lines: int = Field(16, ge=1, le=10_000)
    points: int = Field(101, ge=3, le=10_001, description="along each line, both ends among them")


class Snapshots(Strict):
    """When samples at a fixed set of z are kept for the animations, and how many."""

    points: int = Field(512, ge=1, le=100_000)
    dense_until: int = Field(0, ge=0, description="steps kept every `dense_every`, from the start")
    dense_every: int = Field(5, ge=1)
    rest: int = Field(60, ge=1, le=2_000, description="snapshots spread evenly over the whole training")
    field: Lattice | None = None
    walk: Walk | None = None

    def schedule(self, steps: int) -> list[int]:
        """The steps, from 0 to `steps`, after which a snapshot is taken; sorted, without repetition."""
        dense = range(0, min(self.dense_until, steps) + 1, self.dense_every)
        even = (round(i * steps / self.rest) for i in range(self.rest + 1))
        return sorted({*dense, *even})
