"""Finished trainings: kept under a key of everything that determines them, from the queue to their stage.

Nothing here needs PyTorch: a stage that finds its training finished ends in a tenth of a second.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modescope.store.hashing import package, sha256

FOLDER = ".checkpoints"  # below the root: results/ for finished experiments, beside it the tasks of unfinished ones
SETTINGS = ("MODESCOPE_DEVICE", "MODESCOPE_TF32")  # environment variables that change a result in its last bits
HISTORY, RUN = "history.csv", "run.json"  # run.json is written last


def identity(root: Path, name: str, dataset: str, variant: str) -> dict[str, Any]:
    """What the results of experiment `name` depend on, hashed: what DVC watches for its stage, and PyTorch's version.

    An extra has no digest of the training code: there any file of this package counts. Raises FileNotFoundError where
    the plan or the data has not been written.
    """
    digest = root / "digests" / "training_code.json"
    return {
        "experiment": name,
        "page": sha256(root / "plan" / "train" / f"{name}.json"),
        "data": sha256(root / "data" / f"{dataset}.npz"),
        "code": sha256(digest) if digest.is_file() else package(),
        "variant": sha256(Path(__file__).resolve().parents[1] / "variants" / f"{variant}.py"),
        "torch": importlib.metadata.version("torch"),
    } | {variable: os.environ.get(variable, "") for variable in SETTINGS}


def key(identity: Mapping[str, Any]) -> str:
    """A name for everything in `identity`."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True, allow_nan=False).encode()).hexdigest()[:32]


class Results:
    """The finished experiments of one root, a folder each."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder = root, root / FOLDER / "results"

    def has(self, key: str) -> bool:
        """Whether the experiment of this key is finished."""
        return (self.folder / key / RUN).is_file()

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """A folder to write the files of an experiment into; it counts as finished when the block ends well."""
        part = self.folder / f".{key}.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            yield part
            shutil.rmtree(self.folder / key, ignore_errors=True)
            part.rename(self.folder / key)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)  # on a full disk it would be in the way of the next call
            raise

    def deliver(self, key: str, runs: Path, history: Path) -> None:
        """Put the files into the folder `runs`, the losses to the file `history`.

        They stay here as well, until `drop`: were this process killed now, DVC would begin its stage anew. A hard
        link costs no space; where the file system has none, it is a copy.
        """
        for source in sorted((self.folder / key).iterdir()):
            target = history if source.name == HISTORY else runs / source.name
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".{target.name}.part")
            part.unlink(missing_ok=True)
            try:
                os.link(source, part)
            except OSError:
                _copy(source, target)
                continue
            try:
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)  # renaming one link of a file to another does nothing

    def keep(self, keys: set[str]) -> None:
        """Remove every finished experiment but those of `keys`."""
        for path in self.folder.glob("*"):
            if path.name not in keys:
                shutil.rmtree(path)

    def clear(self) -> None:
        """Remove everything, tasks of unfinished experiments too."""
        shutil.rmtree(self.root / FOLDER, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all."""
    from modescope.store import artifacts  # takes NumPy with it, which a stage that finds its training does without

    with source.open("rb") as file:
        artifacts.write(target, lambda copy: shutil.copyfileobj(file, copy))
