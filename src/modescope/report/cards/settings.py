"""The settings that a remedy was trained with, one row for all data that share them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modescope.formatting import number
from modescope.params.config import Experiment
from modescope.params.settings import Adam, Optimizer

NAMES = {"adam": "Adam", "rmsprop": "RMSprop", "sgd": "gradient descent"}


@dataclass(frozen=True)
class Used:
    """The settings of one remedy on some data of a study."""

    study: str
    remedy: str  # its title
    datasets: list[str]  # their titles
    own: str  # hyperparameters, and other options of the remedy
    generator: str  # its optimiser
    discriminator: str  # empty without one
    steps: list[str]
    seeds: list[str]


@dataclass(frozen=True)
class Arm:
    """One arm of an experiment of the plan, with names for readers."""

    remedy: str
    dataset: str
    settings: Experiment
    steps: int  # that are run


def used(arms: Sequence[Arm]) -> list[Used]:
    """The rows in the order of the plan."""
    found: dict[tuple[str, ...], Used] = {}
    for arm in arms:
        e = arm.settings
        texts = (_own(e), _optimizer(e.optimizers.generator), _optimizer(e.optimizers.discriminator))
        one = found.setdefault((e.study, arm.remedy, *texts), Used(e.study, arm.remedy, [], *texts, [], []))
        for texts_of, text in ((one.datasets, arm.dataset), (one.steps, f"{arm.steps:,}"), (one.seeds, f"{e.seeds:,}")):
            if text not in texts_of:
                texts_of.append(text)
    return list(found.values())


def _own(e: Experiment) -> str:
    parts = [f"{key.replace('_', ' ')} {_value(value)}" for key, value in e.hyperparameters.items()]
    if e.instance_noise is not None:
        until = "" if e.instance_noise.until is None else f" until {100 * e.instance_noise.until:g} % of the steps"
        parts.append(f"noise {number(e.instance_noise.std)}{until}")
    if e.ema is not None:
        parts.append(f"average over decay {e.ema.decay:g}, scored apart")
    return "; ".join(parts)


def _value(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:g}"


def _optimizer(optimizer: Optimizer | None) -> str:
    if optimizer is None:
        return ""
    text = f"{NAMES[optimizer.kind]} {optimizer.learning_rate:g}"
    return f"{text}, β {optimizer.betas[0]:g} and {optimizer.betas[1]:g}" if isinstance(optimizer, Adam) else text
