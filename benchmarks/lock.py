"""Write a small output for every stage of the project in this folder, and the dvc.lock that fits: for scratch projects.

`dvc commit --force` does the same, but rewrites dvc.lock after each stage, which takes minutes for hundreds of them.
"""

from __future__ import annotations

from pathlib import Path

from dvc.repo import Repo
from dvc.stage.serialize import to_single_stage_lockfile
from dvc.utils.serialize import dump_yaml

FILES = ("run.json", "samples.npz", "snapshots.npz", "weights.npz")  # in every folder, as in that of a training


def main() -> None:
    """DVC hashes all that the stages name, as it does after a run."""
    repo = Repo()
    stages = sorted(repo.index.stages, key=lambda stage: str(stage.addressing))
    for stage in stages:
        for out in stage.outs:
            path = Path(out.fs_path)
            if not path.exists():
                _write(path)
    with repo.lock:
        locked = {}
        for stage in stages:
            stage.save()
            stage.commit()
            locked[stage.name] = to_single_stage_lockfile(stage)
        dump_yaml("dvc.lock", {"schema": "2.0", "stages": locked})


def _write(path: Path) -> None:
    """A file with its own path in it, or a folder of such files."""
    for file in [path] if path.suffix else [path / name for name in FILES]:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(file.as_posix(), encoding="utf-8")


if __name__ == "__main__":
    main()
