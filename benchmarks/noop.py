"""What DVC takes when nothing has changed, by the number of experiments.

No stage runs, so all of this time is DVC's own. It is split into its start (what the command takes in a project of one
stage without dependencies: Python, imports, settings), the reading of YAML (dvc.yaml, params.yaml and, above all,
dvc.lock), the locks that DVC takes around every stage, and hashing (a file whose size and time of change are known is
only looked up). The rest is the graph of the stages and their comparison with dvc.lock.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from benchmarks import scratch
from benchmarks.row import Row, Scale
from benchmarks.split import FILE
from modescope.formatting import plural

ENTRIES = (100, 200, 400)
ROUNDS = 3
UNCHANGED = "Data and pipelines are up to date."
PARTS = {"yaml": "reading YAML", "locks": "locks around stages", "hashing": "hashing"}


def rows(scale: Scale) -> Iterator[Row]:
    """Two commands a project against DVC's start, then where the time of `dvc repro` goes, as shares of it."""
    rounds = scale.pick(ROUNDS, 1)
    with scratch.folder() as folder:
        smallest = scratch.smallest(folder / "smallest")
        starts = {command: _least(smallest, command, rounds) for command in ("repro", "status")}
        texts: dict[str, str | None] = {"the checkout's params.yaml": None}
        texts |= {plural(n, "experiment"): scratch.generated(n) for n in ENTRIES}
        tiny: dict[str, str | None] = {"a tiny project": scratch.TINY}
        for i, (name, text) in enumerate(scale.pick(texts, tiny).items()):
            project = scratch.finished(folder / f"project_{i}", text)
            for command, start in starts.items():
                seconds = _least(project, command, rounds)
                yield Row(f"dvc {command}, {name}, against DVC's start", seconds, start, seconds / start, "s")
            yield from _split(project, f"dvc repro, {name}", starts["repro"], rounds)


def _split(project: scratch.Scratch, name: str, start: float, rounds: int) -> Iterator[Row]:
    """The parts of the fastest of some runs, each against the whole."""
    runs: list[tuple[float, dict[str, float]]] = []
    for _ in range(rounds):
        whole = _seconds(project, "-m", "benchmarks.split", "repro")
        runs.append((whole, json.loads((project.root / FILE).read_text(encoding="utf-8"))))
    whole, found = min(runs, key=lambda run: run[0])
    parts = {"start of DVC": start} | {label: found[key] for key, label in PARTS.items()}
    parts["graph and comparison"] = max(0.0, whole - sum(parts.values()))
    for label, seconds in parts.items():
        yield Row(f"{name}: {label}, share of it", seconds, whole, seconds / whole, "s")


def _least(project: scratch.Scratch, command: str, rounds: int) -> float:
    return min(_seconds(project, "-m", "dvc", command) for _ in range(rounds))


def _seconds(project: scratch.Scratch, *arguments: str) -> float:
    """Wall time of one call of Python. Raises RuntimeError where DVC says that something has changed."""
    start = time.perf_counter()
    printed = project.python(*arguments)
    elapsed = time.perf_counter() - start
    if UNCHANGED not in printed:
        raise RuntimeError(f"python {' '.join(arguments)}: not '{UNCHANGED}' but {printed.strip().splitlines()[-1:]}")
    return elapsed
