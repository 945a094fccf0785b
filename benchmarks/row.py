"""One line of a part's results, and at what scale it is measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[1]  # of the checkout


class Row(NamedTuple):
    """`ratio` says how many times better ours is, which share it is of a limit or a whole, or how much it costs."""

    name: str
    ours: float
    reference: float
    ratio: float
    unit: str


@dataclass(frozen=True)
class Scale:
    """The full scale, whose figures count, or a tiny one that only shows that everything runs."""

    tiny: bool = False
    effort: float | None = None  # of the cold run; none: that of params.yaml

    def pick(self, full: T, tiny: T) -> T:
        """The one of two sizes that fits the scale."""
        return tiny if self.tiny else full
