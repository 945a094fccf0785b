"""Saves and restores the progress of a task, atomically, under a key that identifies its result."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import torch

from modescope.store import artifacts


def code_digest() -> str:
    """SHA-256 over the source of every loaded module of this package: after a change of code training starts anew."""
    digest = hashlib.sha256()
    for name in sorted(sys.modules):
        file = getattr(sys.modules[name], "__file__", None)
        if name.split(".")[0] == "modescope" and file:
            digest.update(name.encode() + b"\0" + Path(file).read_bytes() + b"\0")
    return digest.hexdigest()


class Checkpoint:
    """The file `<folder>/<key>.pt` of one task; the key is a hash of everything that determines its result."""

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        text = json.dumps(identity, sort_keys=True, allow_nan=False)
        self.path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.pt"

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
        """Delete the file, and the folder once it is empty."""
        self.path.unlink(missing_ok=True)
        if self.path.parent.is_dir() and not any(self.path.parent.iterdir()):
            self.path.parent.rmdir()
