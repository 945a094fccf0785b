"""One hash for the code that many stages share: digests/<stage>.json, of the dependencies that dvc.yaml gives it."""

from __future__ import annotations

import sys
from pathlib import Path

from modescope import artifacts, config, entry


def main(stage: str, root: Path = Path()) -> None:
    """Path -> SHA-256 of every dependency, in the order of dvc.yaml. DVC runs this again when one of them changes."""
    declared = config.read(root / "dvc.yaml")["stages"][stage]["deps"]
    hashes = {path: artifacts.sha256(root / path) for path in declared}
    artifacts.write_json(root / "digests" / f"{stage}.json", hashes)


if __name__ == "__main__":
    sys.exit(entry.run(main, sys.argv[1:], "STAGE"))
