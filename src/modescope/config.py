"""Typed parameters: what params.yaml may say. Unknown keys and bad values are refused."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Width = Annotated[int, Field(ge=1, le=65_536)]
BASE_ARM = "base"
# What all arms of an experiment share: they are stored together, one row a run, one set of snapshot steps.
NOT_SWEPT = ("study", "dataset", "variant", "seeds", "steps", "snapshots")


class ConfigError(ValueError):
    """One line for the user: where, what, what is allowed."""


class Strict(BaseModel):
    """Immutable; unknown keys, wrong types and non-finite numbers are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, values: Any) -> Any:
        """Name what is allowed, which `extra="forbid"` alone does not."""
        unknown = [key for key in values if key not in cls.model_fields] if isinstance(values, dict) else []
        if unknown:
            allowed = ", ".join(cls.model_fields) or "none"
            raise PydanticCustomError(
                "unknown_key", "unknown key {key}; allowed: {allowed}", {"key": str(unknown[0]), "allowed": allowed}
            )
        return values


class Mlp(Strict):
    """A fully connected network: the widths of its hidden layers, what stands between them, and how it begins."""

    hidden: list[Width] = Field(min_length=1)
    activation: Literal["relu", "leaky_relu", "tanh", "maxout"] = "relu"
    negative_slope: float = Field(0.01, ge=0, le=1, description="of leaky_relu")
    pieces: int = Field(5, ge=2, le=100, description="of maxout: linear maps a unit takes the largest of")
    batch_norm: bool = Field(False, description="before every activation, with a learned scale and shift")
    init: Literal["glorot_uniform", "pytorch", "normal", "kaiming_uniform"] = "glorot_uniform"
    init_scale: float = Field(0.02, gt=0, description="deviation of normal; gain of kaiming_uniform")


class Networks(Strict):
    """The networks a variant asks for, by name."""

    generator: Mlp | None = None
    discriminator: Mlp | None = None
    encoder: Mlp | None = None

    @model_validator(mode="after")
    def _batches_apart(self) -> Networks:
        # Real and generated points go through D in one batch, so that statistics over it would mix them.
        if self.discriminator is not None and self.discriminator.batch_norm:
            raise ValueError("discriminator.batch_norm: D sees real and generated points in one batch; leave it out")
        return self

    @property
    def given(self) -> list[str]:
        """The names of the networks that are there."""
        return [name for name in type(self).model_fields if getattr(self, name) is not None]


class Adam(Strict):
    """Kingma & Ba 2015."""

    kind: Literal["adam"] = "adam"
    learning_rate: float = Field(gt=0)
    betas: list[Annotated[float, Field(ge=0, lt=1)]] = Field([0.9, 0.999], min_length=2, max_length=2)
    eps: float = Field(1e-8, gt=0)


class RMSprop(Strict):
    """Tieleman & Hinton 2012, without momentum."""

    kind: Literal["rmsprop"]
    learning_rate: float = Field(gt=0)
    alpha: float = Field(0.99, ge=0, lt=1, description="of the running mean of squared gradients")
    eps: float = Field(1e-8, gt=0)


def _kind(spec: Any) -> str:
    """Adam, unless the entry says otherwise."""
    return str(spec.get("kind", "adam") if isinstance(spec, Mapping) else getattr(spec, "kind", "adam"))


Optimizer = Annotated[Annotated[Adam, Tag("adam")] | Annotated[RMSprop, Tag("rmsprop")], Discriminator(_kind)]


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
    """N(0, s^2) added to real and generated points alike, s falling linearly to 0 (Sonderby et al. 2017)."""

    std: float = Field(gt=0, description="s at the first step, in data units")
    until: float = Field(1.0, gt=0, le=1, description="share of the training after which there is none")

    def at(self, progress: float) -> float:
        """The deviation s when `progress`, from 0 to 1, of the training is done."""
        return self.std * max(0.0, 1 - progress / self.until)


class Ema(Strict):
    """Exponential moving average of the generator's side, sampled and scored beside the live weights."""

    decay: float = Field(0.999, gt=0, lt=1, description="0.9999 at batch 64 in Yazici et al. 2019; per step")


class PlaneField(Strict):
    """The discriminator's output on a grid, kept with every snapshot: where its input has two coordinates."""

    low: list[float] = Field(min_length=2, max_length=2)
    high: list[float] = Field(min_length=2, max_length=2)
    cells: int = Field(48, ge=2, le=256, description="along each coordinate")

    @model_validator(mode="after")
    def _ordered(self) -> PlaneField:
        if any(low >= high for low, high in zip(self.low, self.high, strict=True)):
            raise ValueError(f"low {self.low} must lie below high {self.high}")
        return self


class Snapshots(Strict):
    """When the samples of a fixed set of z are kept for the animations, and how many of them."""

    points: int = Field(512, ge=1, le=100_000)
    dense_until: int = Field(0, ge=0, description="steps kept every `dense_every`, from the start")
    dense_every: int = Field(5, ge=1)
    rest: int = Field(60, ge=1, le=2_000, description="snapshots spread evenly over the whole training")
    field: PlaneField | None = None

    def schedule(self, steps: int) -> list[int]:
        """The steps, from 0 to `steps`, after which a snapshot is taken; sorted, without repetition."""
        dense = range(0, min(self.dense_until, steps) + 1, self.dense_every)
        even = (round(i * steps / self.rest) for i in range(self.rest + 1))
        return sorted({*dense, *even})


class Experiment(Strict):
    """Dataset x variant with its settings; `sweep` gives its arms, `seeds` its repetitions."""

    study: Name
    dataset: Name
    variant: Name
    steps: int = Field(ge=1, description="generator updates at effort 1")
    seeds: int = Field(ge=1, le=100_000, description="repetitions: seeds 0 ... seeds-1")
    latent_dim: int = Field(2, ge=1, le=65_536)
    latent: Latent = Latent()
    discriminator_batch: int = Field(ge=1, description="real points a discriminator step, and as many generated")
    generator_batch: int = Field(ge=1, description="latent points a generator step")
    networks: Networks
    optimizers: Optimizers
    hyperparameters: dict[str, Any] = {}
    instance_noise: InstanceNoise | None = None
    ema: Ema | None = None
    snapshots: Snapshots = Snapshots()
    sweep: dict[str, Annotated[list[Any], Field(min_length=1)]] = Field({}, description="dotted key -> values")

    def all_arms(self) -> list[str]:
        """The names of the arms, and of their averaged weights after them where those are kept."""
        arms = list(self.arms())
        return [arm for arm, _ in arms] + [averaged_arm(arm, e) for arm, e in arms if e.ema is not None]

    def arms(self) -> Iterator[tuple[str, Experiment]]:
        """(name, settings) of every arm: `latent_dim=10`, several keys joined by commas, `base` without a sweep.

        Raises ValueError for a swept key that an experiment does not have, or that cannot be swept,
        and pydantic.ValidationError for a bad value.
        """
        for values in itertools.product(*self.sweep.values()):
            chosen = dict(zip(self.sweep, values, strict=True))
            settings = self.model_dump(exclude={"sweep"})
            for key, value in chosen.items():
                _set(settings, key, value)
            yield ",".join(f"{k}={v}" for k, v in chosen.items()) or BASE_ARM, Experiment.model_validate(settings)


def averaged_arm(arm: str, settings: Experiment) -> str:
    """The name of the arm that the moving average of an arm's weights is: `ema=0.999`, after what else it has."""
    decay = f"ema={settings.ema.decay}" if settings.ema else "ema"
    return decay if arm == BASE_ARM else f"{arm},{decay}"


class StudyEntry(Strict):
    """One article's question; the text and the judgement live in `studies/<name>.py`."""

    title: str = Field(min_length=1)
    published: dict[Name, str] = Field({}, description="dataset -> protocol of published results that its runs follow")


class Evaluation(Strict):
    """How many points every run is judged on, and how often the floor is measured."""

    samples: int = Field(10_000, ge=20, description="generated points a run, and as many of the test set")
    floor_repeats: int = Field(20, ge=2, description="real-against-real repeats for the floor")


class Params(Strict):
    """The whole of params.yaml; datasets, metrics and hyperparameters are typed by their own files."""

    effort: float = Field(gt=0, le=100, description="share of each experiment's steps that is run")
    evaluation: Evaluation
    datasets: dict[Name, dict[str, Any]]
    metrics: dict[Name, dict[str, Any]]
    experiments: dict[Name, Experiment] = Field(min_length=1)
    studies: dict[Name, StudyEntry] = Field(min_length=1)


def steps_at(effort: float, steps: int) -> int:
    """The steps really run: effort x steps, at least one."""
    return max(1, round(effort * steps))


def read(path: Path) -> dict[str, Any]:
    """The YAML 1.2 mapping in `path` as plain Python (PyYAML would read 5e-3 as a string).

    Raises ConfigError when the file is missing, is not YAML, or is not a mapping.
    """
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (YAMLError, ValueError, RecursionError) as error:  # ValueError: bad UTF-8, or a date in a 13th month
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or error
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}: not valid YAML{line}: {' '.join(str(problem).split())}") from None
    if not isinstance(content, Mapping):
        raise ConfigError(f"{path}: must be a mapping with the keys {', '.join(Params.model_fields)}")
    return dict(content)


def _set(settings: dict[str, Any], key: str, value: Any) -> None:
    """Put value at the dotted key of nested settings; hyperparameters may be absent, all else must exist."""
    *parents, last = key.split(".")
    place: Any = settings
    for parent in parents:
        place = place.get(parent) if isinstance(place, dict) else None
    allowed = parents[:1] == ["hyperparameters"] or (isinstance(place, dict) and last in place)
    if not allowed or key.split(".")[0] in NOT_SWEPT or not isinstance(place, dict):
        raise ValueError(
            f"{key!r} cannot be swept; allowed: the dotted name of a setting, such as latent_dim or "
            f"optimizers.generator.learning_rate, but nothing of {', '.join(NOT_SWEPT)}"
        )
    place[last] = copy.deepcopy(value)  # another key of the sweep may set a part of it
