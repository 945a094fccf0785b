"""Disks that are full or read-only, and files in the way, at each place that the pipeline writes to.

A row takes a copy of a finished tiny project, removes what a command makes, and runs the command: first on a small
disk, then with enough room. It must end in one line that names a file, leave no part of one, and then make the same
bytes as in the project that it was copied from.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import pipeline_copy
from pipeline_copy import Copy

from soak import mounts
from soak.case import Row

EXTRA = pipeline_copy.EXTRA.replace("steps: 12000", "steps: 200")  # trains in a second
Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Point:
    """A command that writes below `folder`, after `removed` there is gone, and what keeps it from writing."""

    what: str
    folder: str
    command: tuple[str, ...]
    removed: str
    room: int | None = 8_192  # bytes left on a disk of its own; 0: read-only; None: no such disk
    folder_at: str = ""  # below `folder`: a folder in the place of a file
    file_at: str = ""  # a file in the place of a folder


TRAIN = ("stages/train.py", "latent_spiral")
STAGES = {
    "plan": ("plan", ("-m", "modescope", "check", "--plan", "plan"), "*"),
    "data": ("data", ("stages/dataset.py", "digits"), "digits.npz"),
    "runs, by a training": ("runs", TRAIN, "latent/latent_spiral"),
    "runs, by a sampler": ("runs", ("stages/sample.py", "sampling_inverse"), "sampling/sampling_inverse"),
    "runs, by a classifier": ("runs", ("stages/classifier.py", "few_digits"), "sampling/few_digits"),
    "history": ("history", TRAIN, "latent/latent_spiral.csv"),
    "scores": ("scores", ("stages/evaluate.py", "latent"), "**/latent.csv"),
    "media": ("media", ("stages/render.py", "latent"), "latent"),
    "reports, the pages": ("reports", ("stages/report.py",), "html"),
    "reports, one file": ("reports", ("stages/page_file.py",), "modescope.html"),
    "reports, a comparison": ("reports", ("stages/compare.py", "HEAD", "workspace"), "compare"),
    ".checkpoints": (".checkpoints", TRAIN, "*"),
}
DVC = {
    "runs, under DVC": ("runs", ("-m", "dvc", "repro", "-s", "-f", "train@latent_spiral"), "latent/latent_spiral"),
    "data, under DVC": ("data", ("-m", "dvc", "repro", "-s", "-f", "dataset@digits"), "digits.npz"),
    "DVC's cache": (".dvc/cache", ("-m", "dvc", "repro", "-s", "-f", "dataset@digits"), "files"),
}
DIGEST = ("digests", ("stages/digest.py", "training_code"), "training_code.json")
POINTS = [
    Point("full: digests", *DIGEST, room=4_096),
    *(Point(f"full: {what}", *stage) for what, stage in (STAGES | DVC).items()),
    *(Point(f"full: .checkpoints after {n:,} bytes", *STAGES[".checkpoints"], room=n) for n in (40_960, 204_800)),
    *(Point(f"read-only: {what}", *stage, room=0) for what, stage in (STAGES | DVC).items()),
    Point("a folder in the way: data", *STAGES["data"], room=None, folder_at="digits.npz"),
    Point("a folder in the way: scores", *STAGES["scores"], room=None, folder_at="floors/latent.csv"),
    Point("a file in the way: runs", *STAGES["runs, by a training"], room=None, file_at="latent/latent_spiral"),
    Point("a file in the way: media", *STAGES["media"], room=None, file_at="latent"),
    Point("a file in the way: .checkpoints", *STAGES[".checkpoints"], room=None, file_at="results"),
]
SAME = "then the same bytes"
ROOMS = (0, 40_960, 819_200)  # bytes that an extra finds free in call after call, each less than it needs


def rows() -> Iterator[Row]:
    """Every point in turn, in copies of one finished project; none where nothing may be mounted, and why."""
    if reason := mounts.allowed():
        yield Row("disks that are full or read-only", "mount", f"skipped: {reason}", 0.0, ok=True)
        return
    with tempfile.TemporaryDirectory(prefix="modescope_soak_") as name:
        finished = project(Path(name) / "finished")
        for point in POINTS:
            yield tried(point, pipeline_copy.duplicate(finished, Path(name) / "copy"), finished)
            shutil.rmtree(Path(name) / "copy")
        yield from extra(pipeline_copy.duplicate(finished, Path(name) / "copy"), finished)


def project(root: Path) -> Copy:
    """A tiny project with all that its stages and commands make."""
    made = pipeline_copy.make(root)
    (root / "extra" / "long" / "params.yaml").write_text(EXTRA, encoding="utf-8")
    run(made, "stages/extra.py", "long")
    made.repro()
    run(made, "stages/page_file.py")
    run(made, "stages/compare.py", "HEAD", "workspace")
    return made


def tried(point: Point, copy: Copy, finished: Copy) -> Row:
    """One point: the row of its table."""
    begun, folder = time.monotonic(), copy.root / point.folder
    with trouble(point, folder) as mend:
        first = run(copy, *point.command)
        wrong = list(bad_end(first, point.folder, by_dvc="dvc" in point.command))
        wrong += parts(folder) if point.folder != ".checkpoints" else []  # there a worker may be ended while it writes
        mend()
        second = run(copy, *point.command)
        wrong += [f"the next call fails: {second.stderr.strip()}"] if second.returncode else []
        wrong += parts(copy.root)
        for name in {*pipeline_copy.OUTPUTS, point.folder} - {".checkpoints", ".dvc/cache"}:
            wrong += unlike(copy.root / name, finished.root / name)
    return row(point.what, point.command, copy, first, wrong, begun, SAME)


@contextmanager
def trouble(point: Point, folder: Path) -> Iterator[Callable[[], None]]:
    """Keep a command from writing below the folder; yields what mends that."""
    if point.room is None:
        folder.mkdir(exist_ok=True)
        remove(folder, point.removed)
        path = folder / (point.folder_at or point.file_at)
        remove(folder, path.relative_to(folder).as_posix())
        path.mkdir(parents=True) if point.folder_at else path.write_bytes(b"")
        yield partial(remove, folder, path.relative_to(folder).as_posix())
        return
    with mounts.mounted(folder) as disk:
        remove(folder, point.removed)
        disk.leave(point.room) if point.room else disk.protect()
        yield disk.widen


def extra(copy: Copy, finished: Copy) -> Iterator[Row]:
    """An extra on a disk of its own, which gets more room from call to call until the extra is done."""
    folder, command = copy.root / "extra" / "long", ("stages/extra.py", "long")
    with mounts.mounted(folder) as disk:
        for path in folder.iterdir():
            if path.name != "params.yaml":
                remove(folder, path.name)
        for room in ROOMS:
            begun = time.monotonic()
            disk.leave(room)
            done = run(copy, *command)
            wrong = [*bad_end(done, "extra/long"), *(one for one in parts(folder) if ".checkpoints" not in one)]
            yield row(f"full: extra/long, {room:,} bytes more", command, copy, done, wrong, begun)
        begun = time.monotonic()
        disk.widen()
        done = run(copy, *command)
        wrong = [f"fails: {done.stderr.strip()}"] * (done.returncode != 0)
        wrong += [*parts(folder), *unlike(folder, finished.root / "extra" / "long")]
        yield row("room for all of extra/long", command, copy, done, wrong, begun, SAME)


def row(
    what: str, command: tuple[str, ...], copy: Copy, done: Done, wrong: list[str], begun: float, then: str = ""
) -> Row:
    """A row of the table: what was said and came `then`, or what is wrong with it."""
    told = " ".join(said(done)).replace(str(copy.root), "PROJECT")
    outcome = "; ".join(wrong or filter(None, (told, then)))
    return Row(what, " ".join(("python", *command)), outcome, time.monotonic() - begun, ok=not wrong)


def remove(folder: Path, pattern: str) -> None:
    """Remove what is at a pattern."""
    for path in [*folder.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def run(copy: Copy, *command: str) -> Done:
    """Run Python in a copy, as a stage does."""
    return subprocess.run(
        [sys.executable, *command], cwd=copy.root, env=copy.environment, text=True, capture_output=True, check=False
    )


def said(done: Done) -> list[str]:
    """The lines by which the program, or DVC, says why it ended."""
    return [line for line in done.stderr.splitlines() if line.startswith(("modescope: ", "ERROR: "))]


def bad_end(done: Done, folder: str, *, by_dvc: bool = False) -> Iterator[str]:
    """What is wrong with how a command ended that could not write below the folder. What DVC says is its own."""
    lines = said(done)
    if "Traceback" in done.stderr:
        yield f"a traceback: {done.stderr.strip().splitlines()[-1]}"
    if by_dvc:
        yield from [] if done.returncode and lines else [f"exit code {done.returncode}, {len(lines)} lines"]
    elif done.returncode != 1 or len(lines) != 1:
        yield f"exit code {done.returncode}, {len(lines)} lines that begin with modescope"
    elif not lines[0].startswith(f"modescope: {folder}") and "of the disk, for" not in lines[0]:  # refused beforehand
        yield f"names no file below {folder}: {lines[0]}"


def parts(folder: Path) -> list[str]:
    """Files of which only a part was written."""
    return [f"{path.relative_to(folder)} is left over" for path in folder.rglob(".*.part")]


def unlike(path: Path, expected: Path) -> Iterator[str]:
    """How the files at a path differ from those expected."""
    found, wanted = contents(path), contents(expected)
    yield from (f"{path.name}/{name} is left over" for name in found.keys() - wanted.keys())
    yield from (f"{path.name}/{name} is missing" for name in wanted.keys() - found.keys())
    yield from (f"{path.name}/{name} differs" for name in found.keys() & wanted.keys() if found[name] != wanted[name])


def contents(path: Path) -> dict[str, bytes]:
    """Path -> content of every file below a folder, or of the file itself; timings are different each time."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return {f.relative_to(path).as_posix(): f.read_bytes() for f in files if f.name != "timings.csv"}
