"""Where the pipeline's files lie, and how later stages read them. The plan says what exists, never the disk."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modescope import datasets
from modescope.classifiers import Classifier
from modescope.datasets import Distribution
from modescope.datasets.common.stacks import Stacks
from modescope.params.config import ConfigError, Experiment, Sampling
from modescope.store.artifacts import read_npz, sha256
from modescope.store.plan import Plan
from modescope.store.runs import Runs, Scores

MOST_KEPT = 1_000_000_000  # bytes of runs that a process keeps while it draws figures


def read_records(root: Path, plan: Plan) -> dict[str, dict[str, Any]]:
    """run.json of every experiment of the plan, by name: hashes, steps, diverged runs."""
    return {name: _record(root, plan, name) for name in plan["experiments"]}


def read_runs(root: Path, plan: Plan, experiment: str) -> Runs:
    """All runs of one experiment with their test set.

    Raises ConfigError when the data file is not the one that the runs were trained on, and as `read_classifier`.
    """
    folder, settings = _run_folder(root, plan, experiment), plan["experiments"][experiment]["settings"]
    record = _record(root, plan, experiment)
    data = root / "data" / f"{settings['dataset']}.npz"
    # The stage does not depend on data/, only on the runs; run.json holds the hash of the data.
    if sha256(data) != record["data_sha256"]:
        raise ConfigError(f"{data}: not the data that {folder} was trained on; run `dvc repro` for the whole pipeline")
    dataset = datasets.build(plan["datasets"][settings["dataset"]])
    drawn = "sampler" in settings
    samples = read_npz(folder / "samples.npz")
    snapshots = {} if drawn else read_npz(folder / "snapshots.npz")
    arm, seed = samples["arm"].tolist(), samples["seed"].tolist()
    diverged = {(run["arm"], run["seed"]): run["step"] for run in record["diverged"]}
    return Runs(
        experiment=experiment,
        settings=(Sampling if drawn else Experiment).model_validate(settings),
        dataset=dataset,
        real=read_npz(data)["test"],
        arm=arm,
        seed=seed,
        samples=samples.pop("samples", np.empty((len(arm), 0, *dataset.shape), np.float32)),
        snapshot_steps=snapshots.pop("step", np.empty(0)).astype(np.int64),
        snapshots=snapshots.pop("samples", np.empty((len(arm), 0, 0, *dataset.shape), np.float32)),
        diverged_at=[diverged.get(run, -1) for run in zip(arm, seed, strict=True)],
        data_sha256=record["data_sha256"],
        samples_sha256=record["samples_sha256"],
        views={name: view for name, view in samples.items() if name not in ("arm", "seed")},
        watched={name: view for name, view in snapshots.items() if name not in ("arm", "seed")},
        classifier=_classifier(root, plan, dataset),
    )


def read_training(root: Path, names: Iterable[str]) -> dict[str, NDArray[np.float32]]:
    """The training points (n, *shape) of datasets, by name; `read_runs` compares their files with the runs."""
    return {name: read_npz(root / "data" / f"{name}.npz")["train"] for name in names}


def read_classifier(root: Path, plan: Plan, name: str) -> Classifier:
    """A classifier of the plan.

    Raises ConfigError when its file cannot be read, or when the data file is not the one that it was trained on.
    """
    folder, settings = _run_folder(root, plan, name), plan["classifiers"][name]["settings"]
    data, file = root / "data" / f"{settings['dataset']}.npz", folder / "weights.npz"
    if sha256(data) != _classifier_record(root, plan, name)["data_sha256"]:
        raise ConfigError(f"{data}: not the data that {folder} was trained on; run `dvc repro` for the whole pipeline")
    try:
        return Classifier.from_arrays(read_npz(file), settings["confidence"])
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"{file}: not the weights of a classifier ({error}); remove it and run `dvc repro`") from None


def _classifier(root: Path, plan: Plan, dataset: Distribution) -> Classifier | None:
    """The classifier of the plan for a dataset of stacked digits, or None."""
    for name, entry in plan.get("classifiers", {}).items():
        if isinstance(dataset, Stacks) and tuple(entry["shape"]) == dataset.shape:
            return read_classifier(root, plan, name)
    return None


class AllRuns(Mapping[str, Runs]):
    """The runs of every experiment of the plan, by name, each read when it is asked for, as by `read_runs`.

    They are kept, but when they are more than `most` bytes, those that were asked for longest ago are let go.
    """

    def __init__(self, root: Path, plan: Plan, most: int = MOST_KEPT) -> None:
        self._root, self._plan, self._most, self._read = root, plan, most, dict[str, Runs]()

    def __getitem__(self, experiment: str) -> Runs:
        if experiment not in self._plan["experiments"]:
            raise KeyError(experiment)
        found = self._read.pop(experiment, None) or read_runs(self._root, self._plan, experiment)
        self._read[experiment] = found  # now the last one
        while len(self._read) > 1 and sum(map(_size, self._read.values())) > self._most:
            del self._read[next(iter(self._read))]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._plan["experiments"])

    def __len__(self) -> int:
        return len(self._plan["experiments"])


def _size(runs: Runs) -> int:
    """Bytes of the arrays of runs."""
    arrays = (runs.real, runs.samples, runs.snapshots, *runs.views.values(), *runs.watched.values())
    return sum(array.nbytes for array in arrays)


def read_scores(root: Path, plan: Plan) -> Scores:
    """The scores and floors of a study, at the end and while training, and which of its runs diverged."""
    study, records = plan["study"], read_records(root, plan)
    diverged = {
        (name, run["arm"], int(run["seed"])): run for name, record in records.items() for run in record["diverged"]
    }
    return Scores(
        runs=pd.read_csv(root / "scores" / f"{study}.csv"),
        floors=pd.read_csv(root / "scores" / "floors" / f"{study}.csv"),
        progress=pd.read_csv(root / "scores" / "progress" / f"{study}.csv"),
        diverged={key: int(run["step"]) for key, run in diverged.items()},
        non_finite={key: run["term"] for key, run in diverged.items()},
        datasets={name: entry["settings"]["dataset"] for name, entry in plan["experiments"].items()},
        settings={name: entry["settings"] for name, entry in plan["experiments"].items()},
        dataset_titles=plan.get("titles", {}).get("datasets", {}),
        experiment_titles=plan.get("titles", {}).get("experiments", {}),
        published=plan.get("published", {}),
        classifiers={name: _classifier_record(root, plan, name) for name in plan.get("classifiers", {})},
        costs={(name, arm): n for name, record in records.items() for arm, n in record["multiply_adds"].items()},
    )


def _record(root: Path, plan: Plan, experiment: str) -> dict[str, Any]:
    return dict(json.loads((_run_folder(root, plan, experiment) / "run.json").read_text(encoding="utf-8")))


def _classifier_record(root: Path, plan: Plan, name: str) -> dict[str, Any]:
    return dict(json.loads((_run_folder(root, plan, name) / "record.json").read_text(encoding="utf-8")))


def _run_folder(root: Path, plan: Plan, experiment: str) -> Path:
    return root / "runs" / str(plan["study"]) / experiment
