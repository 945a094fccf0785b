"""Train every run of one experiment: runs/<study>/<experiment>/ gets samples, snapshots, history and weights."""

from __future__ import annotations

import sys
from pathlib import Path

from modescope import artifacts, entry, executors
from modescope.validation import load, pick


def main(name: str, root: Path = Path()) -> None:
    """Run the experiment's tasks on this machine and write what they leave; finished tasks survive an interruption."""
    executors.warm("modescope.experiments")  # workers import PyTorch while this process does
    from modescope.experiments import collect, device, prepare, work

    params = load(root / "params.yaml")
    experiment = pick(params.experiments, "experiments", name)
    data = root / "data" / f"{experiment.dataset}.npz"
    jobs = prepare(
        name,
        experiment,
        data,
        effort=params.effort,
        n_samples=params.evaluation.samples,
        checkpoints=root / ".checkpoints",
    )
    results = executors.run(
        work,
        jobs,
        units=sum(job.task.steps * len(job.task.seeds) for job in jobs),
        unit="steps",
        describe=name,
        preload="modescope.experiments",
        in_process=device().type == "cuda",
    )
    folder = root / "runs" / experiment.study / name
    collected = collect([job.task for job in jobs], results)
    artifacts.write_npz(folder / "samples.npz", collected.samples)
    artifacts.write_npz(folder / "snapshots.npz", collected.snapshots)
    artifacts.write_npz(folder / "weights.npz", collected.weights)
    artifacts.write_csv(folder / "history.csv", collected.history)
    hashes = {"data_sha256": artifacts.sha256(data), "samples_sha256": artifacts.sha256(folder / "samples.npz")}
    artifacts.write_json(folder / "run.json", hashes | {"steps": jobs[0].task.steps, "diverged": collected.diverged})
    for job in jobs:
        job.checkpoint.remove()


if __name__ == "__main__":
    sys.exit(entry.run(main, sys.argv[1:], "NAME"))
