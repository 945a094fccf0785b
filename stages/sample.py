"""Draw every run of one sampler; writes samples and the sampler's other views into runs/<study>/<name>/."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from modescope import datasets, samplers
from modescope.params import entry
from modescope.params.config import BASE_ARM
from modescope.seeding import stream
from modescope.store import artifacts
from modescope.store.plan import SamplingPage, read_page


def main(name: str, root: Path = Path(), project: Path = Path()) -> None:
    """Draw as many points for each seed as a trained run is scored on; `own/` is in `project`."""
    page = read_page(root, SamplingPage, name)
    sampling = page.sampling
    data = root / "data" / f"{sampling.dataset}.npz"
    dataset = datasets.build(page.dataset)
    sampler = samplers.build(sampling.sampler, sampling.settings)
    n = min(page.samples, len(artifacts.read_npz(data)["test"]))
    rngs = [stream(name, BASE_ARM, seed, "sampler") for seed in range(sampling.seeds)]
    drawn = sampler.runs(dataset, n, rngs, project)
    views = {view: np.stack([run[view] for run in drawn]).astype(np.float32) for view in drawn[0]}
    who = {"arm": np.array([BASE_ARM] * len(drawn)), "seed": np.arange(len(drawn))}
    folder = root / "runs" / sampling.study / name
    artifacts.write_npz(folder / "samples.npz", views | who)
    hashes = {"data_sha256": artifacts.sha256(data), "samples_sha256": artifacts.sha256(folder / "samples.npz")}
    artifacts.write_json(folder / "run.json", hashes | {"steps": 0, "diverged": [], "multiply_adds": {}})


if __name__ == "__main__":
    sys.exit(entry.stage(main, sys.argv[1:], "NAME"))
