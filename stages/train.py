"""The results of one experiment: from the queue of trainings, or trained now, into runs/ and history/."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from modescope.params import entry
from modescope.params.config import ConfigError
from modescope.store.results import Results, identity, key


def main(name: str, root: Path = Path()) -> int:
    """Write the files of all runs; returns 1 where a task crashed. Imports PyTorch only if something is to train."""
    page = root / "plan" / "train" / f"{name}.json"
    if not page.is_file():
        raise ConfigError(f"{page}: there is no such page; `python -m modescope check --plan plan` writes the pages")
    experiment = json.loads(page.read_text(encoding="utf-8"))["experiment"]
    wanted, store = key(identity(root, name, experiment["dataset"], experiment["variant"])), Results(root)
    if not store.has(wanted):
        from modescope import executors

        executors.warm(executors.TRAINING)
        from modescope.queue import trainings

        if crashed := trainings.train(root, [name]):
            print(trainings.summary(crashed), file=sys.stderr)
            return 1
    study = experiment["study"]
    store.deliver(wanted, root / "runs" / study / name, root / "history" / study / f"{name}.csv")
    return 0


if __name__ == "__main__":
    sys.exit(entry.stage(main, sys.argv[1:], "NAME"))
