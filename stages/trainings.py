"""Train every experiment whose results are missing, all in one queue; `train@NAME` then takes what it finds.

The output says nothing, so running this again makes no other stage run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from modescope import executors
from modescope.params import entry
from modescope.store import artifacts
from modescope.store.results import Results, identity, key

SAYS = {"trained": "all experiments of the plan, into the store from which the stage of each takes its own"}


def main(root: Path = Path()) -> int:
    """Fill the store with what is missing; returns 1 where a task crashed."""
    # Before DVC is asked: this file is a dependency of the stages that it is asked about.
    artifacts.write_json(root / "digests" / "trainings.json", SAYS)
    names = sorted(path.stem for path in (root / "plan" / "train").glob("*.json"))
    wanted = [name for name in unknown(root) if name in names] if (root / "dvc.yaml").is_file() else names
    keys = {name: _key(root, name) for name in wanted}
    store = Results(root)
    store.keep(set(keys.values()))
    missing = [name for name in wanted if not store.has(keys[name])]
    if not missing:
        return 0
    print(f"experiments to train: {len(missing)}; `dvc repro -s train@NAME` trains one alone", file=sys.stderr)
    executors.warm(executors.TRAINING)
    from modescope.queue import trainings

    if crashed := trainings.train(root, missing):
        print(trainings.summary(crashed), file=sys.stderr)
        return 1
    return 0


def _key(root: Path, name: str) -> str:
    page = json.loads((root / "plan" / "train" / f"{name}.json").read_text(encoding="utf-8"))
    return key(identity(root, name, page["experiment"]["dataset"], page["experiment"]["variant"]))


def unknown(root: Path) -> list[str]:
    """The experiments whose results DVC has neither in the workspace nor in its cache."""
    from dvc.repo import Repo

    with Repo(str(root)) as repo:
        return [stage.addressing.split("@")[1] for stage in repo.stage.collect("train") if not _known(repo, stage)]


def _known(repo: Any, stage: Any) -> bool:
    """Whether DVC would skip the stage or take its outputs from the cache, as after a return to earlier settings."""
    from dvc.stage.cache import RunCacheNotFoundError

    same = not stage.changed_stage() and stage.deps_cached()
    if same and not any(out.changed() for out in stage.outs):
        return True
    if not same:
        stage.save_deps()
        for out in stage.outs:
            out.clear()  # what dvc.lock says of the outputs belongs to other dependencies
    try:
        repo.stage_cache.restore(stage, dry=True)
    except RunCacheNotFoundError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(entry.stage(main, sys.argv[1:]))
