"""Make one dataset: its fixed train and test sets become data/<name>.npz."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from modescope import datasets
from modescope.params import entry
from modescope.store import artifacts
from modescope.store.plan import DatasetPage, read_page


def main(name: str, root: Path = Path(), project: Path = Path()) -> None:
    """Write the sets, floats as float32; `footage/` and `own/` lie in the project, outputs in the root."""
    dataset = datasets.build(read_page(root, DatasetPage, name).spec)
    sets = {
        part: values.astype(np.float32) if np.issubdtype(values.dtype, np.floating) else values
        for part, values in dataset.sets(name, project).items()
    }
    artifacts.write_npz(root / "data" / f"{name}.npz", sets)


if __name__ == "__main__":
    sys.exit(entry.stage(main, sys.argv[1:], "NAME"))
