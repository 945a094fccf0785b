"""The remedy of an experiment's settings in the Dirac-GAN: its field, rates, critic steps, clipping and noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modescope.dirac import fields
from modescope.dirac.fields import Field
from modescope.params.config import Experiment
from modescope.params.settings import Linear, Point, Sgd

# The defaults of the variants' hyperparameters, so that nothing here reads the code that is tested.
DEFAULTS: Mapping[str, dict[str, Any]] = {
    "gan": {"saturating": False},
    "gan_sn": {},
    "lsgan": {},
    "hinge_sn": {},
    "wgan": {"clip": 0.01, "n_critic": 5},
    "wgan_gp": {"gp_weight": 0.1, "n_critic": 5},
    "r1": {"r1_gamma": 10.0},
    "r1r2": {"gamma": 1.0},
    "r3gan": {"gamma": 1.0},
    "ragan": {},
    "unrolled": {"steps": 5},
}


@dataclass(frozen=True)
class Remedy:
    """One way to train the two numbers by gradient descent."""

    field: Field
    rate_generator: float
    rate_discriminator: float
    n_critic: int = 1
    clip: float = float("inf")  # |psi| stays below it
    decay: float | None = None  # of the averaged weights (EMA), where these are asked for
    noise_variance: float = 0.0  # of D's gradient at the equilibrium, where instance noise makes it random


def solvable(settings: Experiment) -> bool:
    """Whether G is a point and D a line, both trained by plain gradient descent."""
    networks, optimizers = settings.networks, settings.optimizers
    return (
        isinstance(networks.generator, Point)
        and isinstance(networks.discriminator, Linear)
        and isinstance(optimizers.generator, Sgd)
        and isinstance(optimizers.discriminator, Sgd)
    )


def remedy(settings: Experiment, *, averaged: bool = False) -> Remedy | None:
    """The remedy of an arm's settings; `averaged`: of its averaged weights. None if its field is not known.

    Not known are variants without an entry here, D with spectral norm (on a line it leaves the sign of psi, which has
    no gradient), and instance noise that fades or that is combined with another loss than the standard one.
    """
    optimizers, noise = settings.optimizers, settings.instance_noise
    if not solvable(settings) or settings.variant not in DEFAULTS:
        return None
    if noise is not None and (settings.variant != "gan" or noise.until is not None):
        return None
    if settings.variant in ("gan_sn", "hinge_sn") and settings.hyperparameters.get("normalised", True):
        return None
    assert optimizers.discriminator is not None
    chosen = DEFAULTS[settings.variant] | settings.hyperparameters
    rates = optimizers.generator.learning_rate, optimizers.discriminator.learning_rate
    if noise is None:
        field, variance = _field(settings.variant, chosen, rates[1]), 0.0
    else:
        # At the equilibrium D's gradient is half the difference of two means of noise over the batch.
        field = fields.noisy(chosen["saturating"], noise.std)
        variance = noise.std**2 / (2 * settings.discriminator_batch)
    return Remedy(
        field,
        *rates,
        n_critic=chosen.get("n_critic", 1),
        clip=chosen.get("clip", float("inf")),
        decay=settings.ema.decay if averaged and settings.ema is not None else None,
        noise_variance=variance,
    )


def _field(variant: str, chosen: Mapping[str, Any], rate: float) -> Field:
    match variant:
        case "gan" if chosen["saturating"]:
            return fields.saturating()
        case "lsgan":
            return fields.least_squares()
        case "hinge_sn":
            return fields.hinge()
        case "wgan":
            return fields.wasserstein()
        case "wgan_gp":
            return fields.wasserstein_penalised(chosen["gp_weight"])
        case "r1":
            return fields.penalised(fields.non_saturating(), chosen["r1_gamma"])
        case "r1r2" | "r3gan":  # D(0) = 0, so pairing changes nothing
            return fields.penalised(fields.non_saturating(), 2 * chosen["gamma"])
        case "ragan":
            return fields.relativistic_average()
        case "unrolled":
            return fields.unrolled(chosen["steps"], rate)
        case _:
            return fields.non_saturating()
