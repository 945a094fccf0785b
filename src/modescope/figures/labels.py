"""Places names beside marks so that none lies on another, the same way every time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

DIRECTIONS = (0, 180, 45, -45, 135, -135, 90, -90, 22, -22, 158, -158, 68, -68, 112, -112)  # degrees, best first
FIRST, STEP = 1.4, 0.75  # how far a name is from its mark, and how far it is moved on, in units of the gap


class Box(NamedTuple):
    """A rectangle in pixels."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Box) -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )

    def within(self, other: Box) -> bool:
        """Whether it lies inside the other."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.bottom <= self.bottom
            and self.top <= other.top
        )

    def nearest(self, point: tuple[float, float]) -> tuple[float, float]:
        """The point of the rectangle that is nearest to a point."""
        return min(max(point[0], self.left), self.right), min(max(point[1], self.bottom), self.top)


def place(
    point: tuple[float, float], size: tuple[float, float], taken: Sequence[Box], inside: Box, gap: float, tries: int
) -> Box | None:
    """The nearest free rectangle of a size (width, height) beside a point, at least `gap` away; None without room."""
    for box in _candidates(point, size, gap, tries):
        if box.within(inside) and not any(box.meets(other) for other in taken):
            return box
    return None


def _candidates(point: tuple[float, float], size: tuple[float, float], gap: float, tries: int) -> Iterator[Box]:
    """Rectangles whose side or corner lies in each direction, nearest first."""
    for step in range(tries):
        reach = gap * (FIRST + step * STEP)
        for angle in DIRECTIONS:
            dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            x, y = point[0] + reach * dx, point[1] + reach * dy
            left = x if dx > 0.1 else x - size[0] if dx < -0.1 else x - size[0] / 2
            bottom = y if dy > 0.5 else y - size[1] if dy < -0.5 else y - size[1] / 2
            yield Box(left, bottom, left + size[0], bottom + size[1])
