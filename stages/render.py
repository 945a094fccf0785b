"""Render one study: its runs and scores become figures and what the explorer plays, under media/<study>/."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from modescope import executors
from modescope.explorer import writing
from modescope.params import entry
from modescope.store import artifacts


def main(study: str, root: Path = Path()) -> None:
    """Write the files of every figure of the study with figures.json, and those of the explorer with explorer.json."""
    executors.warm(f"modescope.studies.{study}")  # workers import matplotlib at the same time as this process
    from modescope.report import drawing

    parts = drawing.parts(root, study)
    described = executors.run(
        drawing.draw,
        parts,
        units=len(parts),
        unit="parts",
        describe=f"figures of {study}",
        preload=f"modescope.studies.{study}",
    )
    artifacts.write_json(root / "media" / study / "figures.json", list(itertools.chain.from_iterable(described)))
    writing.write(root, study)


if __name__ == "__main__":
    sys.exit(entry.stage(main, sys.argv[1:], "STUDY"))
