"""One queue for the tasks of many experiments: longest first, over all workers, into the store of results."""

from __future__ import annotations

import csv
import io
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from modescope.engine import finished
from modescope.engine.checkpoint import Checkpoint
from modescope.engine.experiments import Job, collect, prepare, work
from modescope.engine.training import Trained
from modescope.engine.work import by_arm
from modescope.executors import POLL_S, Report
from modescope.params import environment, faults
from modescope.params.config import ConfigError
from modescope.queue import pools
from modescope.queue.progress import Progress
from modescope.store import artifacts, results
from modescope.store.plan import TrainingPage, read_page
from modescope.store.results import Results

TIMINGS = "timings.csv"


@dataclass
class Training:
    """One experiment in the queue."""

    name: str
    key: str
    jobs: list[Job]
    multiply_adds: dict[str, int]  # of a step, by arm
    data_sha256: str
    missing: list[Job] = field(default_factory=list)

    def cost(self, job: Job) -> int:
        """Multiply-adds of a whole job."""
        return self.multiply_adds[job.task.arm] * job.task.steps * len(job.task.seeds)


def train(root: Path, names: Sequence[str]) -> list[str]:
    """Train the experiments `names` and put their files into the store; returns what crashed, a line each.

    A task that crashes leaves its experiment unfinished and the others alone. What is finished, and the checkpoints
    of what is not, wait for the next call. Raises ConfigError for an environment variable that says no device.
    """
    environment.check()
    folder, store = root / results.FOLDER, Results(root)
    trainings, crashed = _planned(root, names, None if pools.remote() else folder)
    for training in trainings:
        training.missing = [job for job in training.jobs if not _path(folder, job).is_file()]
        if not training.missing:  # finished task by task, then interrupted
            _finish(store, folder, training, {})
    waiting = [(training, job) for training in trainings for job in training.missing]
    waiting.sort(key=lambda pair: -pair[0].cost(pair[1]))
    if not waiting:
        return crashed
    jobs = [job for _, job in waiting]
    seconds: dict[int, float] = {}  # by slot
    costs = [training.multiply_adds[job.task.arm] for training, job in waiting]  # of a model-step
    total = sum(training.cost(job) for training, job in waiting)
    with pools.opened(jobs) as pool, Progress(len(trainings), total) as progress:
        futures: dict[Future[tuple[Trained, float]], int] = {
            pool.submit(timed, job, slot): slot for slot, job in enumerate(jobs)
        }
        while futures:
            for future in wait(futures, timeout=POLL_S, return_when="FIRST_COMPLETED").done:
                slot = futures.pop(future)
                training, job = waiting[slot]
                error = future.exception()
                if error is not None and _ends_all(error):
                    raise error
                if error is not None:
                    crashed.append(_told(_name(job), error))
                else:
                    result, seconds[slot] = future.result()
                    _keep(store, folder, training, job, result)
            done = pool.done()
            whole = sum(not training.missing for training in trainings)
            progress.show(whole, sum(n * c for n, c in zip(done, costs, strict=True)), sum(done), pool.size())
    _note(root, [(jobs[slot], seconds[slot]) for slot in sorted(seconds)])
    return crashed


def timed(job: Job, report: Report) -> tuple[Trained, float]:
    """On a worker: the result of a job, and the seconds that it took."""
    begun = time.perf_counter()
    return work(job, report), time.perf_counter() - begun


def _planned(root: Path, names: Sequence[str], checkpoints: Path | None) -> tuple[list[Training], list[str]]:
    """The experiments with their tasks, and what crashed: to count a step's multiply-adds is to take a step."""
    sets: dict[str, Mapping[str, NDArray[Any]]] = {}
    planned: list[Training] = []
    crashed: list[str] = []
    for name in names:
        page = read_page(root, TrainingPage, name)
        dataset = page.experiment.dataset
        if dataset not in sets:
            sets[dataset] = artifacts.read_npz(root / "data" / f"{dataset}.npz")
        identity = results.identity(root, name, dataset, page.experiment.variant)
        try:
            jobs = prepare(page, sets[dataset], identity, checkpoints)
            cost = by_arm(page.experiment, sets[dataset]["train"].shape[1:])
        except Exception as error:
            if _ends_all(error):
                raise
            crashed.append(_told(name, error))
        else:
            planned.append(Training(name, results.key(identity), jobs, cost, identity["data"]))
    return planned, crashed


def _path(folder: Path, job: Job) -> Path:
    return folder / f"{job.key}.npz"


def _keep(store: Results, folder: Path, training: Training, job: Job, result: Trained) -> None:
    """Write a result: to a file of its own, or with those of the other tasks if it is the last of its experiment."""
    training.missing.remove(job)
    if training.missing:
        finished.write(_path(folder, job), result)
    else:
        _finish(store, folder, training, {job.key: result})
    Checkpoint(folder, job.key).remove()


def _finish(store: Results, folder: Path, training: Training, fresh: Mapping[str, Trained]) -> None:
    """Join the results of all tasks and write the files of the experiment."""
    found = [fresh.get(job.key) or finished.read(_path(folder, job)) for job in training.jobs]
    damaged = [job for job, result in zip(training.jobs, found, strict=True) if result is None]
    for job in damaged:
        _path(folder, job).unlink(missing_ok=True)
    if damaged:
        raise ConfigError(f"{_path(folder, damaged[0])}: damaged, now removed; the next call trains it again")
    collected = collect([job.task for job in training.jobs], [result for result in found if result is not None])
    with store.writing(training.key) as into:
        artifacts.write_npz(into / "samples.npz", collected.samples)
        artifacts.write_npz(into / "snapshots.npz", collected.snapshots)
        artifacts.write_npz(into / "weights.npz", collected.weights)
        artifacts.write_csv(into / results.HISTORY, collected.history)
        hashes = {"data_sha256": training.data_sha256, "samples_sha256": artifacts.sha256(into / "samples.npz")}
        record = {"steps": training.jobs[0].task.steps, "diverged": collected.diverged}
        artifacts.write_json(into / results.RUN, hashes | record | {"multiply_adds": training.multiply_adds})
    for job in training.jobs:
        _path(folder, job).unlink(missing_ok=True)


def _note(root: Path, seconds: Sequence[tuple[Job, float]]) -> None:
    """Add what each task took to timings.csv, in the order of the queue. No stage reads it, and git ignores it."""
    file, lines = root / TIMINGS, io.StringIO(newline="")
    before = file.read_bytes() if file.is_file() else b""
    writer = csv.writer(lines)
    if not before:
        writer.writerow(["experiment", "arm", "first_seed", "seeds", "steps", "seconds"])
    for job, took in seconds:
        task = job.task
        writer.writerow([task.experiment, task.arm, task.seeds[0], len(task.seeds), task.steps, round(took, 3)])
    artifacts.write_bytes(file, before + lines.getvalue().encode())


def _name(job: Job) -> str:
    task = job.task
    seeds = f"seeds {task.seeds[0]} to {task.seeds[-1]}" if len(task.seeds) > 1 else f"seed {task.seeds[0]}"
    return f"{task.experiment}, arm {task.arm}, {seeds}"


def _ends_all(error: BaseException) -> bool:
    """Whether the other trainings would end in the same way: the cluster is lost, or the disk is full."""
    return isinstance(error, ConfigError) or (isinstance(error, OSError) and faults.line(error) is not None)


def _told(what: str, error: BaseException) -> str:
    """One line about a crash, printed at once after its traceback."""
    line = f"{what}: {type(error).__name__}: {error}"
    print(*traceback.format_exception(error), sep="", file=sys.stderr)
    print(f"modescope: {line}; the other trainings go on", file=sys.stderr, flush=True)
    return line


def summary(crashed: Sequence[str]) -> str:
    """The last words of a call in which something crashed."""
    lines = "\n".join(f"  {line}" for line in crashed)
    return f"modescope: crashed: {len(crashed)}\n{lines}\nThe next call continues with what is missing."
