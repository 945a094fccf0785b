"""Make one dataset: its fixed train and test sets become data/<name>.npz."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from modescope import artifacts, datasets, entry
from modescope.seeding import stream
from modescope.validation import load, pick


def main(name: str, root: Path = Path()) -> None:
    """Draw both sets, float32, each from its own stream."""
    dataset = datasets.build(pick(load(root / "params.yaml").datasets, "datasets", name))
    sets = {
        part: dataset.sample(n, stream("dataset", name, dataset.seed, part)).astype(np.float32)
        for part, n in (("train", dataset.n_train), ("test", dataset.n_test))
    }
    artifacts.write_npz(root / "data" / f"{name}.npz", sets)


if __name__ == "__main__":
    sys.exit(entry.run(main, sys.argv[1:], "NAME"))
