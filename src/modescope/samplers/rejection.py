"""Rejection sampling: points are uniform under an envelope; those under the density are kept (von Neumann 1951)."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from modescope.datasets import Array, Distribution
from modescope.params.settings import Strict
from modescope.samplers import Sampler

MISSED = 1e-9  # allowed share of the target's mass outside a bounded proposal: too small to show in a run
TAIL, PLACES = 1e-300, 20_001  # lowest quantile at which the envelope is checked, and number of places
ROUNDING = 1e-9  # tolerance of log f over log c g, so that the smallest constant is allowed


class Normal(Strict):
    """The proposal N(mean, std^2)."""

    kind: Literal["normal"] = "normal"
    mean: float = 0.0
    std: float = Field(gt=0)

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Independent points, (n,)."""
        return rng.normal(self.mean, self.std, n)

    def log_density(self, x: Array) -> Array:
        """Natural logarithm of g, (n,) -> (n,)."""
        z = (x - self.mean) / self.std
        return np.asarray(-(z**2) / 2 - math.log(self.std * math.sqrt(2 * math.pi)))


class Uniform(Strict):
    """The proposal U(low, high)."""

    kind: Literal["uniform"] = "uniform"
    low: float
    high: float

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Independent points, (n,)."""
        return rng.uniform(self.low, self.high, n)

    def log_density(self, x: Array) -> Array:
        """Natural logarithm of g, (n,) -> (n,); -inf outside."""
        inside = (self.low <= x) & (x <= self.high)
        return np.where(inside, -math.log(self.high - self.low), -np.inf)

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if self.low >= self.high:
            raise ValueError(f"low ({self.low}) must lie below high ({self.high})")
        return self


class Rejection(Sampler):
    """x ~ g is kept with probability f(x) / (c g(x)), where f <= c g everywhere; on average one proposal in c is."""

    proposal: Annotated[Normal | Uniform, Field(discriminator="kind", description="g")]
    constant: float = Field(ge=1, le=10_000, description="c; at least 1, since f and g both have mass 1")

    source: ClassVar[str] = "von Neumann 1951"

    def check(self, dataset: Distribution) -> None:
        """Raises ValueError unless the dataset has a density on the line that c g dominates."""
        if not (dataset.has_quantile and dataset.has_density):
            raise ValueError(f"sampler rejection needs a density on the line; {dataset.kind} has none in 1-D")
        inside = _places(dataset)
        if isinstance(self.proposal, Uniform):
            below, above = dataset.cdf(np.array([self.proposal.low, self.proposal.high]))
            missed = float(below + (1 - above))
            if missed > MISSED:
                raise ValueError(
                    f"proposal: {missed:.3g} of the target's mass lies outside of [{self.proposal.low}, "
                    f"{self.proposal.high}], where nothing is proposed; choose a wider interval or a normal proposal"
                )
            inside = inside[(self.proposal.low <= inside) & (inside <= self.proposal.high)]
        ratio = dataset.log_density(inside[:, None]) - self.proposal.log_density(inside)  # log(f / g), (places,)
        worst = int(ratio.argmax())
        excess = float(ratio[worst]) - math.log(self.constant)
        if excess <= ROUNDING:
            return
        tail = isinstance(self.proposal, Normal) and worst in (0, len(inside) - 1)
        remedy = (
            "its tails are too thin for any constant; choose a wider proposal"
            if tail
            else f"choose a constant of at least {_rounded_up(math.exp(float(ratio[worst])))}"
        )
        times = f"{math.exp(excess):.3g} times" if excess < 300 else f"e^{excess:,.0f} times"
        raise ValueError(
            f"constant: {self.constant:g} times the proposal does not dominate the target: at x = "
            f"{inside[worst]:.3g} the density is {times} as high; {remedy}"
        )

    def draw(self, dataset: Distribution, n: int, rng: np.random.Generator) -> dict[str, Array]:
        """`samples` (n, 1); for the first n proposals: place, height u c g(x) and whether it was kept, (n, 1) each.

        Proposals are drawn in blocks until n are kept.
        """
        proposals, heights, accepted, kept = np.empty(0), np.empty(0), np.empty(0, np.bool_), 0
        while kept < n:
            x = self.proposal.sample(math.ceil(1.1 * self.constant * (n - kept)) + 16, rng)
            height = rng.uniform(size=len(x)) * self.constant * np.exp(self.proposal.log_density(x))
            under = height < np.exp(dataset.log_density(x[:, None]))
            proposals, heights = np.concatenate([proposals, x]), np.concatenate([heights, height])
            accepted, kept = np.concatenate([accepted, under]), kept + int(under.sum())
        return {
            "samples": proposals[accepted][:n, None],
            "proposals": proposals[:n, None],
            "heights": heights[:n, None],
            "accepted": accepted[:n, None].astype(np.float64),
        }


def _places(dataset: Distribution) -> Array:
    """Evenly spaced places from far in the lower tail to as far in the upper, (PLACES,)."""
    low, middle, high = dataset.quantile(np.array([TAIL, 0.5, 1 - 1e-15]))
    reach = max(middle - low, high - middle)  # 1 - TAIL is 1, so the upper tail is as long as the lower
    return np.linspace(middle - reach, middle + reach, PLACES)


def _rounded_up(value: float) -> str:
    """The value rounded up to three decimals."""
    return f"{math.ceil(value * 1_000 + 1e-6) / 1_000:g}"
