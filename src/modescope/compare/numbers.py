"""The numbers of metrics.json that differ between two revisions: the rows of `dvc metrics diff`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from modescope.formatting import NONE


class Change(NamedTuple):
    """One number by its dotted key; None for a side that lacks it."""

    key: str
    a: float | None
    b: float | None

    @property
    def cells(self) -> tuple[str, str, str]:
        """Both values and their difference, as text."""
        if self.a is None or self.b is None:
            return *(NONE if x is None else f"{x:g}" for x in (self.a, self.b)), NONE  # type: ignore[return-value]
        return f"{self.a:g}", f"{self.b:g}", f"{self.b - self.a:+.6g}".replace("-", "−")


def changed(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Change]:
    """The numbers that differ, in alphabetical order of their keys, as DVC has them."""
    before, after = dict(_flat("", a)), dict(_flat("", b))
    keys = sorted({**before, **after})
    return [Change(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


def _flat(prefix: str, content: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in content.items():
        key = f"{prefix}.{name}" if prefix else str(name)
        if isinstance(value, Mapping):
            yield from _flat(key, value)
        elif isinstance(value, int | float):
            yield key, value
