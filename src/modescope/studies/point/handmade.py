"""Discriminators made by hand and the loss of each against the same generator: article 002, section 2.2."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from modescope.figures import lines
from modescope.figures.style import ORANGE, REAL, SECOND
from modescope.formatting import listing, number
from modescope.seeding import stream
from modescope.studies import Claim, Figure, Table
from modescope.studies.common.claims import beyond, effect
from modescope.studies.common.margins import LOSS
from modescope.studies.common.tables import columns
from modescope.studies.point import settings as point

Array = NDArray[np.float64]

LOGIT = 4.0  # size of a confident discriminator's logit: D = 0.98 or 0.02
EXTENT = (-1.0, 3.0, -1.08, 1.08)  # numbers horizontally; z and D vertically
GENERATOR = (0.3, 0.3)  # w and b of the line in the figure: numbers from 0 to 0.6, on its way to 1
LEADS = 0.05  # the least slope of G's loss that counts as leading, per unit of the number
LINES = 500  # initial generators that the claim is judged on
GRID = np.linspace(EXTENT[0], EXTENT[1], 401)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(400)  # z on (-1, 1)


def _bell(centre: float, half_width: float, sharpness: float) -> Callable[[Array], Array]:
    """The logit of a bell of two tanh units, one per side: the shape the article's discriminator can take."""

    def logit(x: Array) -> Array:
        sides = np.tanh(sharpness * (x - centre + half_width)) - np.tanh(sharpness * (x - centre - half_width))
        return np.asarray(LOGIT * (sides - 1), dtype=np.float64)

    return logit


# name -> logit of D at x (n,) -> (n,)
DISCRIMINATORS: dict[str, Callable[[Array], Array]] = {
    "wide bell": _bell(1.0, 1.0, 1.0),
    "narrow bell": _bell(1.0, 0.3, 8.0),
    "bell aside": _bell(1.5, 0.6, 4.0),
    "step": lambda x: LOGIT * np.tanh(8 * (x - 0.8)),
    "slope": lambda x: 1.5 * (x - 0.5),
    "flat": np.zeros_like,
}


def loss(logit: Callable[[Array], Array], weight: float, bias: float) -> float:
    """(-log D(1) - E log(1 - D(w z + b))) / 2 with z ~ U(-1, 1), in nats: the article's mean over real and generated.

    The expectation is a Gauss-Legendre sum over z.
    """
    real = np.logaddexp(0, -logit(np.array([point.REAL])))[0]
    fake = np.logaddexp(0, logit(weight * NODES + bias)) @ WEIGHTS / 2
    return float((real + fake) / 2)


def leads(logit: Callable[[Array], Array]) -> float:
    """The share of numbers on [-1, 3] at which G's loss -log D falls towards 1 by at least LEADS per unit."""
    slope = np.diff(np.logaddexp(0, -logit(GRID))) / np.diff(GRID)
    middle = (GRID[1:] + GRID[:-1]) / 2
    return float(np.mean(-slope * np.sign(point.REAL - middle) >= LEADS))


def losses(n: int = LINES) -> Array:
    """The loss of every discriminator against n initial generators, w and b ~ U(-1, 1): (n, discriminators)."""
    initial = stream("point", "handmade").uniform(-1, 1, (n, 2))
    return np.array([[loss(d, w, b) for d in DISCRIMINATORS.values()] for w, b in initial])


def best_looking() -> int:
    """The index of the discriminator that leads from the most numbers, which is the purpose of a bell."""
    return int(np.argmax([leads(d) for d in DISCRIMINATORS.values()]))


def figure() -> Figure:
    """All handmade discriminators over the line of the same generator."""
    weight, bias = GENERATOR
    z = np.array([-1.0, 1.0])
    line = lines.Line(np.stack([weight * z + bias, z], -1)[None], SECOND, "G: number made, by z")
    real = lines.Line(np.array([[[point.REAL, EXTENT[2]], [point.REAL, EXTENT[3]]]]), REAL, "the real number")
    charts, words = [], []
    for name, logit in DISCRIMINATORS.items():
        curve = lines.Line(np.stack([GRID, expit(logit(GRID))], -1)[None], ORANGE, "D: probability of real")
        value = number(loss(logit, weight, bias))
        charts.append(lines.Chart(f"{name}: loss {value}", [real, curve, line]))
        words.append(f"{name} {value}")
    heading = "Discriminators made by hand, and the loss of each against the same generator"
    picture, _ = lines.still(charts, EXTENT, heading, x_label="number", columns=3)
    caption = (
        f"Blue: the generator’s line with w = {weight:g} and b = {bias:g}, the number (horizontal) that it makes of "
        "every z (vertical, from −1 to 1). Orange: the discriminator, the probability (vertical, from 0 to 1) that a "
        "number (horizontal) is real. Grey: the real number. The loss, in nats and by quadrature over z, is the mean "
        "over real and generated numbers. A discriminator’s values elsewhere do not enter it and are not trained."
    )
    alt = f"{heading}: {listing(words)} nats."
    return Figure("handmade", heading, caption, alt, picture, finding=_finding())


def _finding() -> str:
    """The discriminator that leads the generator best, beside the one with the least loss against the line shown."""
    names, at = list(DISCRIMINATORS), best_looking()
    found = [loss(logit, *GENERATOR) for logit in DISCRIMINATORS.values()]
    least = int(np.argmin(found))
    if least == at:
        return f"The {names[at]} leads the generator best and has the least loss, {number(found[at])} nats."
    return (
        f"The {names[at]} leads the generator best, but the {names[least]} has a smaller loss: {number(found[least])} "
        f"against {number(found[at])} nats."
    )


def table() -> Table:
    """How well each discriminator leads the generator, and its loss."""
    found, rows = losses(), []
    for i, (name, logit) in enumerate(DISCRIMINATORS.items()):
        over = effect(found[:, i], point.STUDY, f"handmade_{name}")
        rows.append({"discriminator": name, "leads": leads(logit), "loss in the figure": loss(logit, *GENERATOR)}
                    | columns("mean loss", over))  # fmt: skip
    caption = (
        f"leads: share of the numbers from {EXTENT[0]:g} to {EXTENT[1]:g} at which the generator’s loss falls towards "
        f"the real number by at least {LEADS:g} nats per unit. mean loss: in nats, over {LINES} randomly initialised "
        "generators, with its 95 % interval."
    ).replace("-", "−")
    return Table("handmade", "Discriminators made by hand", caption, pd.DataFrame(rows))


def judged() -> Claim:
    """The claim that the discriminator that leads best has a worse loss than some other."""
    found, best = losses(), best_looking()
    others = np.delete(found, best, axis=1)
    name = list(DISCRIMINATORS)[best]
    return beyond(
        "looks_and_loss",
        "A better-looking discriminator can have a worse loss.",
        f"Of the discriminators made by hand, the {name} leads the generator to the real number from the most "
        f"places. Its loss minus the least loss of the others, in nats, over {LINES} randomly initialised generators,",
        effect(found[:, best] - others.min(axis=1), point.STUDY, "looks_and_loss"),
        LOSS,
        where="Discriminators made by hand",
        remedies=("point",),
    )
