"""Draw every run of one sampler: runs/<study>/<name>/ gets samples and what else the sampler shows."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from modescope import artifacts, datasets, entry, samplers
from modescope.config import BASE_ARM
from modescope.seeding import stream
from modescope.validation import load, pick


def main(name: str, root: Path = Path(), project: Path = Path()) -> None:
    """Each seed draws as many points as a trained run is judged on; `own/` lies in the project."""
    params = load(root / "params.yaml")
    sampling = pick(params.samplers, "samplers", name)
    data = root / "data" / f"{sampling.dataset}.npz"
    dataset = datasets.build(params.datasets[sampling.dataset])
    sampler = samplers.build(sampling.sampler, sampling.settings)
    n = min(params.evaluation.samples, len(artifacts.read_npz(data)["test"]))
    rngs = [stream(name, BASE_ARM, seed, "sampler") for seed in range(sampling.seeds)]
    drawn = sampler.runs(dataset, n, rngs, project)
    views = {view: np.stack([run[view] for run in drawn]).astype(np.float32) for view in drawn[0]}
    who = {"arm": np.array([BASE_ARM] * len(drawn)), "seed": np.arange(len(drawn))}
    folder = root / "runs" / sampling.study / name
    artifacts.write_npz(folder / "samples.npz", views | who)
    hashes = {"data_sha256": artifacts.sha256(data), "samples_sha256": artifacts.sha256(folder / "samples.npz")}
    artifacts.write_json(folder / "run.json", hashes | {"steps": 0, "diverged": []})


if __name__ == "__main__":
    sys.exit(entry.run(main, sys.argv[1:], "NAME"))
