"""Independent random streams from names: (experiment, arm, seed, purpose) -> numpy Generator.

A stream depends on its names alone, not on what else runs, in which order, or where.
"""

from __future__ import annotations

import hashlib

import numpy as np


def stream(*names: str | int) -> np.random.Generator:
    """The generator of this sequence of names, e.g. `stream("latent_spiral", "latent_dim=2", 0, "z")`.

    The names are hashed (SHA-256, each with its type and length, so that ("ab", "c") and
    ("a", "bc") differ) into the entropy of a NumPy SeedSequence that drives SFC64.
    """
    digest = hashlib.sha256()
    for name in names:
        text = f"{type(name).__name__}:{name}".encode()
        digest.update(len(text).to_bytes(8, "little") + text)
    entropy = int.from_bytes(digest.digest(), "little")
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(entropy)))
