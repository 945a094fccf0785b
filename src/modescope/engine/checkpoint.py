"""Saves and restores the progress of a task, atomically, under a key that identifies its result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from modescope.store import artifacts


class Checkpoint:
    """The file `<folder>/<key>.pt` of one task; the key is a hash of everything that determines its result."""

    def __init__(self, folder: Path, key: str) -> None:
        self.path = folder / f"{key}.pt"

    def save(self, state: dict[str, Any]) -> None:
        """Replace the file by this state; after an interruption the old file is still whole."""
        artifacts.write(self.path, lambda file: torch.save(state, file))

    def load(self) -> dict[str, Any] | None:
        """The saved state, or None if it is missing or damaged. Unpickles only tensors and plain values."""
        if not self.path.exists():
            return None
        try:
            state: dict[str, Any] = torch.load(self.path, weights_only=True, map_location="cpu")
        except Exception:  # torch raises many types for a damaged file; after any of them training starts anew
            return None
        return state

    def remove(self) -> None:
        """Delete the file, if there is one."""
        self.path.unlink(missing_ok=True)
