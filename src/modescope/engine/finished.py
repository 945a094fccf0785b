"""A finished task as one npz, so that the results of an experiment's first tasks outlive those that still run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from modescope.engine.training import Trained
from modescope.store import artifacts

Arrays = dict[str, NDArray[Any]]
PARTS = ("views", "snapshots", "weights", "history", "averaged views", "averaged snapshots")


def write(path: Path, result: Trained) -> None:
    """Write every array, atomically; names are `part/name`."""
    parts: list[Arrays] = [result.views, result.snapshots, result.weights, result.history, *(result.averaged or ())]
    arrays: Arrays = {
        f"{part}/{name}": array for part, found in zip(PARTS, parts, strict=False) for name, array in found.items()
    }
    diverged = {"diverged_at": np.array(result.diverged_at, dtype=np.int64), "non_finite": np.array(result.non_finite)}
    artifacts.write_npz(path, arrays | diverged)


def read(path: Path) -> Trained | None:
    """What `write` wrote, or None if it is missing or damaged."""
    try:
        arrays = artifacts.read_npz(path)
    except Exception:  # NumPy and zipfile raise many types for a damaged file; after any of them the task runs anew
        return None
    parts = {part: dict(_of(part, arrays)) for part in PARTS}
    averaged = (parts["averaged views"], parts["averaged snapshots"])
    return Trained(
        views=parts["views"],
        snapshots=parts["snapshots"],
        averaged=averaged if averaged[0] else None,
        weights=parts["weights"],
        history=parts["history"],
        diverged_at=cast(list[int], arrays["diverged_at"].tolist()),
        non_finite=cast(list[str], arrays["non_finite"].tolist()),
    )


def _of(part: str, arrays: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, array in arrays.items():
        if name.startswith(f"{part}/"):
            yield name.removeprefix(f"{part}/"), array
