"""One hash for the code that many stages share: digests/<stage>.json, of the dependencies that dvc.yaml gives it."""

from __future__ import annotations

import sys
from pathlib import Path

from modescope.params import entry, reading
from modescope.store import artifacts


def main(stage: str, root: Path = Path()) -> None:
    """Path -> SHA-256 of every file that the stage declares, or that lies in a folder it declares, in that order."""
    declared = [root / path for path in reading.read(root / "dvc.yaml")["stages"][stage]["deps"]]
    found = [file for path in declared for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    artifacts.write_json(
        root / "digests" / f"{stage}.json",
        {file.relative_to(root).as_posix(): artifacts.sha256(file) for file in found},
    )


if __name__ == "__main__":
    sys.exit(entry.stage(main, sys.argv[1:], "STAGE"))
