"""Train every run of one experiment; writes samples, snapshots and weights into runs/, losses into history/."""

from __future__ import annotations

import sys
from pathlib import Path

from modescope import executors
from modescope.params import entry
from modescope.store import artifacts
from modescope.store.plan import TrainingPage, read_page


def main(name: str, root: Path = Path()) -> None:
    """Run the experiment's tasks on this machine and write the results; checkpoints survive an interruption."""
    executors.warm("modescope.engine.experiments")  # workers import PyTorch at the same time as this process
    from modescope.engine.experiments import collect, device, prepare, work
    from modescope.engine.work import by_arm

    page = read_page(root, TrainingPage, name)
    experiment = page.experiment
    data = root / "data" / f"{experiment.dataset}.npz"
    jobs = prepare(
        name,
        experiment,
        data,
        effort=page.effort,
        n_samples=page.samples,
        checkpoints=root / ".checkpoints",
    )
    results = executors.run(
        work,
        jobs,
        units=sum(job.task.steps * len(job.task.seeds) for job in jobs),
        unit="steps",
        describe=name,
        preload="modescope.engine.experiments",
        in_process=device().type == "cuda",
    )
    folder = root / "runs" / experiment.study / name
    collected = collect([job.task for job in jobs], results)
    artifacts.write_npz(folder / "samples.npz", collected.samples)
    artifacts.write_npz(folder / "snapshots.npz", collected.snapshots)
    artifacts.write_npz(folder / "weights.npz", collected.weights)
    artifacts.write_csv(root / "history" / experiment.study / f"{name}.csv", collected.history)
    hashes = {"data_sha256": artifacts.sha256(data), "samples_sha256": artifacts.sha256(folder / "samples.npz")}
    record = {"steps": jobs[0].task.steps, "diverged": collected.diverged}
    cost = {"multiply_adds": by_arm(experiment, jobs[0].train_set.shape[1:])}
    artifacts.write_json(folder / "run.json", hashes | record | cost)
    for job in jobs:
        job.checkpoint.remove()


if __name__ == "__main__":
    sys.exit(entry.run(main, sys.argv[1:], "NAME"))
