"""Render one study: its runs and scores become stills, animations and figures.json under media/<study>/."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from tqdm import tqdm

from modescope import studies
from modescope.params import entry
from modescope.report import media
from modescope.store import artifacts, layout
from modescope.store.plan import read_plan


def main(study: str, root: Path = Path()) -> None:
    """Write the files of every figure of the study, and figures.json with their texts and sizes."""
    plan = read_plan(root, study)
    runs = {name: layout.read_runs(root, plan, name) for name in plan["experiments"]}
    folder, described = root / "media" / study, []
    parts = studies.build(study).figures(runs, layout.read_scores(root, plan))
    for figure in itertools.chain.from_iterable(tqdm(parts, desc=f"figures of {study}", unit=" part")):
        for name, content in media.files(figure):
            artifacts.write_bytes(folder / name, content)
        described.append(media.describe(figure))
    artifacts.write_json(folder / "figures.json", described)


if __name__ == "__main__":
    sys.exit(entry.run(main, sys.argv[1:], "STUDY"))
