"""Two at once in one project: each ends well or with one line, and the outputs are those of one alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import scratch

from soak import kills, processes, stages
from soak.case import Row

KIND = {kind.name: kind for kind in stages.KINDS}
PYTHON = ("sh", "stages/python.sh")
# In the part of the Python that makes the environment: it notes when each step begins and ends, and takes a while.
STUB = """\
#!/bin/sh
case "$*" in
  -c*sys.version_info*) exit 0 ;;
  -c*) exec {python} "$@" ;;
esac
echo "begin $*" >> steps; sleep 0.2; echo "end $*" >> steps
case "$*" in "-m venv .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python ;; esac
"""


def rows() -> Iterator[Row]:
    """Each pair that a user may well start."""
    with scratch.folder() as folder:
        try:
            yield setups(folder / "setups")
            yield from _pairs(stages.project(folder / "project"))
        finally:
            processes.end(folder)


def _pairs(made: scratch.Scratch) -> Iterator[Row]:
    expected = {name: kills.undisturbed(made, KIND[name])[1] for name in ("train", "report", "extra")}
    yield repro_twice(made, expected)
    yield stages_at_once(made, expected)
    yield extra_beside(made, expected)
    yield extra_twice(made, expected)
    yield scored_while_written(made)
    yield compared_while_written(made)


def pair(made: scratch.Scratch, first: stages.Kind, second: Sequence[str]) -> tuple[int, int, str, float]:
    """Both exit codes, what the second printed and its seconds; it starts once the stage of the first runs."""
    one = begin(made, first.command, "first.log")
    processes.wait_for(lambda: stages.pid_of(made.root, first) or one.poll() is not None)
    begun = time.monotonic()
    two = begin(made, second, "second.log")
    codes = two.wait(), time.monotonic() - begun
    return one.wait(), codes[0], (made.root.parent / "second.log").read_text(encoding="utf-8"), codes[1]


def begin(made: scratch.Scratch, command: Sequence[str], log: str) -> subprocess.Popen[bytes]:
    file = made.root.parent / log
    file.unlink(missing_ok=True)
    return processes.begin(command, made.root, stages.environment(made), file)


def row(what: str, command: Sequence[str], begun: float, said: str, faults: Sequence[str]) -> Row:
    return Row(what, " ".join(command), "; ".join([said, *faults]), time.monotonic() - begun, not faults)


def bytes_of(made: scratch.Scratch, expected: dict[str, dict[str, bytes]], *names: str) -> list[str]:
    """The outputs that are not those of one alone, and temporary files that are left."""
    wrong = [f"{name}: other bytes" for name in names if stages.content(made.root, KIND[name]) != expected[name]]
    return wrong + [f"left: {path}" for path in stages.temporary(made.root)]


def repro_twice(made: scratch.Scratch, expected: dict[str, dict[str, bytes]]) -> Row:
    """DVC refuses the second call, since the first has locked what it writes."""
    begun, command = time.monotonic(), ("dvc", "repro")
    stages.forget(made.root, KIND["train"])
    one, two, said, _ = pair(made, KIND["train"], command)
    faults = [f"the first ended with {one}"] * bool(one) + ["a traceback"] * ("Traceback" in said)
    faults += ["the second was not refused"] * (not two or "is busy" not in said)
    line = next((line for line in said.splitlines() if "is busy" in line), "").replace(str(made.root), "PROJECT")
    return row("a second `dvc repro`", command, begun, line, faults + bytes_of(made, expected, "train"))


def stages_at_once(made: scratch.Scratch, expected: dict[str, dict[str, bytes]]) -> Row:
    """DVC lets stages of other outputs run beside each other; ours take turns."""
    begun, command = time.monotonic(), ("dvc", "repro", "--single-item", "--force", "sample@sampling_inverse")
    stages.forget(made.root, KIND["train"])
    one, two, said, took = pair(made, KIND["train"], command)
    faults = [f"ended with {one} and {two}: {said[-200:]}"] * bool(one or two)
    faults += ["it did not say that it waits"] * (took > 5 and "modescope: waits for process" not in said)
    line = next((line for line in said.splitlines() if "modescope: waits" in line), "no wait")
    return row("a stage beside another", command, begun, line, faults + bytes_of(made, expected, "train"))


def extra_beside(made: scratch.Scratch, expected: dict[str, dict[str, bytes]]) -> Row:
    begun, command = time.monotonic(), KIND["extra"].command
    stages.forget(made.root, KIND["train"])
    stages.forget(made.root, KIND["extra"])
    one, two, said, took = pair(made, KIND["train"], command)
    faults = [f"ended with {one} and {two}: {said[-200:]}"] * bool(one or two)
    faults += bytes_of(made, expected, "train", "extra")
    return row("`make extra` beside `dvc repro`", command, begun, f"both ended well, {took:.0f} s", faults)


def extra_twice(made: scratch.Scratch, expected: dict[str, dict[str, bytes]]) -> Row:
    begun, kind = time.monotonic(), KIND["extra"]
    stages.forget(made.root, kind)
    one, two, said, took = pair(made, kind, kind.command)
    faults = [f"ended with {one} and {two}: {said[-200:]}"] * bool(one or two) + bytes_of(made, expected, "extra")
    line = next((line for line in said.splitlines() if "modescope: waits" in line), f"both ended well, {took:.0f} s")
    return row("`make extra` twice", kind.command, begun, line, faults)


def scored_while_written(made: scratch.Scratch) -> Row:
    """A score is of the old file or of the new one, or says that there is none."""
    begun, samples = time.monotonic(), "runs/latent/latent_spiral/samples.npz"
    score = (*PYTHON, "-m", "modescope", "score", "--real", "data/spiral.npz", "--fake", samples)
    command, kind, faults = (*score, "--fake-key", "samples[0]", "--points", "100", "--json"), KIND["train"], []
    outcomes = {0: 0, 1: 0}
    stages.forget(made.root, kind)
    one = begin(made, kind.command, "first.log")
    ended = False
    while not ended:
        ended = one.poll() is not None
        code = begin(made, command, "second.log").wait()
        outcomes[code] = outcomes.get(code, 0) + 1
        said = (made.root.parent / "second.log").read_text(encoding="utf-8")
        if code not in (0, 1) or "Traceback" in said or (code == 1 and (ended or "there is no such file" not in said)):
            faults.append(f"{code}: {said[-200:]}")
    said = f"{outcomes[1]} times there was no file yet, {outcomes[0]} times a score"
    return row("`score` while a stage writes", command, begun, said, faults)


def compared_while_written(made: scratch.Scratch) -> Row:
    """Two comparisons at once, while the report is written."""
    begun, kind = time.monotonic(), KIND["compare"]
    kills.undisturbed(made, KIND["report"])
    stages.forget(made.root, KIND["report"])
    writer = begin(made, KIND["report"].command, "writer.log")
    one, two, said, _ = pair(made, kind, kind.command)
    faults, wrote = [f"ended with {one} and {two}: {said[-200:]}"] * bool(one or two), writer.wait()
    faults += [f"the report ended with {wrote}"] * bool(wrote)
    faults += ["no page"] * (not (made.root / "reports" / "compare" / "index.html").is_file())
    faults += [f"left: {path}" for path in stages.temporary(made.root)]
    return row("`make compare` twice beside `dvc repro`", kind.command, begun, "all ended well", faults)


def setups(folder: Path) -> Row:
    """The second waits for the first, then has nothing to do. Python is a stand-in, which installs nothing."""
    begun, command = time.monotonic(), ("make", "setup", "PYTHON=./python")
    folder.mkdir()
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        (folder / name).write_bytes((scratch.ROOT / name).read_bytes())
    (folder / "python").write_text(STUB.format(python=sys.executable))
    (folder / "python").chmod(0o755)
    running = [processes.begin(command, folder, os.environ, folder / f"log{i}") for i in range(2)]
    codes = [process.wait() for process in running]
    steps = (folder / "steps").read_text().splitlines()
    faults = [f"ended with {codes}: {(folder / 'log0').read_text()[-300:]}"] * any(codes)
    pairs = list(zip(steps[::2], steps[1::2], strict=True))
    faults += ["steps at the same time"] * any(a.removeprefix("begin") != b.removeprefix("end") for a, b in pairs)
    faults += [f"{len(pairs)} steps, not 3"] * (len(pairs) != 3)
    return row("two `make setup`", command, begun, "one after the other, installed once", faults)
