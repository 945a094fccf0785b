"""Content-keyed, atomic save and restore of a task's progress."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import torch

from modescope.store import artifacts


def code_digest() -> str:
    """SHA-256 over the source of every loaded module of this package: a change of code starts afresh."""
    digest = hashlib.sha256()
    for name in sorted(sys.modules):
        file = getattr(sys.modules[name], "__file__", None)
        if name.split(".")[0] == "modescope" and file:
            digest.update(name.encode() + b"\0" + Path(file).read_bytes() + b"\0")
    return digest.hexdigest()


class Checkpoint:
    """One task's file `<folder>/<key>.pt`, where the key is a hash of all that determines the task's result."""

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        text = json.dumps(identity, sort_keys=True, allow_nan=False)
        self.path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.pt"

    def save(self, state: dict[str, Any]) -> None:
        """Replace the file by this state; an interruption leaves the old one."""
        artifacts.write(self.path, lambda file: torch.save(state, file))

    def load(self) -> dict[str, Any] | None:
        """The saved state, or None if there is none or it is damaged; only tensors and plain values are unpickled."""
        if not self.path.exists():
            return None
        try:
            state: dict[str, Any] = torch.load(self.path, weights_only=True, map_location="cpu")
        except Exception:  # torch raises many types for a damaged file; any of them means: start afresh
            return None
        return state

    def remove(self) -> None:
        """Delete the file, and the folder once it is empty."""
        self.path.unlink(missing_ok=True)
        if self.path.parent.is_dir() and not any(self.path.parent.iterdir()):
            self.path.parent.rmdir()
