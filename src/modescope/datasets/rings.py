"""Gaussian modes on concentric rings, equally many on each, so the outer modes lie further apart."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, field_validator

from modescope.datasets import Array
from modescope.datasets.common.mixture import Mixture


class Rings(Mixture):
    """`n_modes` modes of standard deviation `std` on each circle of `radii`, the first of each at angle 0."""

    kind: Literal["rings"] = "rings"
    radii: list[float] = Field(
        [1.0, 2.0], min_length=1, max_length=100, description="distances of the centres from the origin, ascending"
    )
    n_modes: int = Field(8, ge=1, le=1_000, description="modes on each ring")
    std: float = Field(0.01, gt=0, description="standard deviation of every mode along every axis")

    @property
    def centres(self) -> Array:
        """Mode centres, (len(radii) * n_modes, 2): ring after ring from the inside, each by ascending angle."""
        angle = 2 * np.pi * np.arange(self.n_modes) / self.n_modes
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)  # (n_modes, 2)
        return np.concatenate([radius * circle for radius in self.radii])

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The outer circle and four standard deviations around it."""
        reach = self.radii[-1] + 4 * self.std
        return (-reach, reach, -reach, reach)

    @field_validator("radii")
    @classmethod
    def _radii_ascend(cls, radii: list[float]) -> list[float]:
        # Two equal radii would give every mode twice.
        if any(inner >= outer for inner, outer in zip([0.0, *radii], radii, strict=False)):
            raise ValueError(f"radii must be positive and ascend, not {radii}")
        return radii
