"""Train one classifier of single digits: weights, and how it reads held-out ones, into runs/<study>/<name>/."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits

from modescope.classifiers import training
from modescope.datasets.common.stacks import Pictures
from modescope.params import entry
from modescope.seeding import stream
from modescope.store import artifacts
from modescope.store.plan import ClassifierPage, read_page


def main(name: str, root: Path = Path()) -> None:
    """Learn the train pictures of the dataset and read its test pictures."""
    settings = read_page(root, ClassifierPage, name).classifier
    data = root / "data" / f"{settings.dataset}.npz"
    sets = artifacts.read_npz(data)
    train, test = (Pictures(sets[f"pictures_{part}"], sets[f"labels_{part}"]) for part in ("train", "test"))
    torch.set_num_threads(1)  # as trainings, so that the bytes do not depend on the number of cores
    with threadpool_limits(1):
        classifier = training.learn(train, test, settings, stream(name, settings.seed, "classifier"))
        record = training.examined(classifier, test)
    folder = root / "runs" / settings.study / name
    artifacts.write_npz(folder / "weights.npz", classifier.arrays())
    artifacts.write_json(folder / "record.json", record | {"data_sha256": artifacts.sha256(data)})


if __name__ == "__main__":
    sys.exit(entry.stage(main, sys.argv[1:], "NAME"))
