"""Odd and hostile input, one process a case: what it says, how long it takes, how much memory.

Each file here lists cases of one kind; the tests run the same cases in their own process.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from soak.case import Case, Row, fault, in_short

KINDS = ["params", "tables", "pictures"]
MOST_S = 2.0  # of a processor, beyond what the command takes to print its help: importing PyTorch alone takes two
MOST_MIB = 1024.0  # of memory at once
WAIT_S = 120
ROOT = Path(__file__).resolve().parents[2]


def cases(kind: str) -> list[Case]:
    """The cases of one file."""
    found: list[Case] = importlib.import_module(f"soak.inputs.{kind}").CASES
    return found


def rows(before: Path | None = None) -> Iterator[Row]:
    """A row a case; with `before`, the `src` of another checkout, also how that ends."""
    for kind in KINDS:
        for case in cases(kind):
            now = _run(case, ROOT / "src")
            earlier = _run(case, before).short if before is not None else ""
            outcome = now.wrong or now.outcome
            yield Row(f"{kind}: {case.name}", now.command, outcome, now.seconds, not now.wrong, now.mib, earlier)


class End(NamedTuple):
    """How a case ended."""

    command: str
    outcome: str  # the last line
    seconds: float  # of a processor
    mib: float
    wrong: str  # what is wrong with it, empty if nothing is
    short: str  # the end in a few words


def _run(case: Case, source: Path) -> End:
    """Run a case in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        arguments = [str(argument) for argument in case.make(folder)]
        code, out, err, seconds, mib = process(
            [sys.executable, "-m", "modescope", *arguments],
            folder,
            {**case.environment, "PYTHONPATH": str(source)},
        )
        command = " ".join(["modescope", *arguments]).replace(f"{folder}/", "")
        wrong = fault(case, code, out, err)
        if not wrong and (seconds > _start(arguments[0], source) + MOST_S or mib > MOST_MIB):
            wrong = f"took {seconds:.1f} s and {mib:.0f} MiB"
        outcome = (err.strip() or out.strip()).splitlines()[-1:] or [f"exit code {code}"]
        short = in_short(wrong, code, err)
        return End(command, outcome[0].replace(f"{folder}/", ""), seconds, mib, wrong, short.replace(f"{folder}/", ""))


@cache
def _start(command: str, source: Path) -> float:
    """Seconds of a processor until a command prints its help."""
    return process([sys.executable, "-m", "modescope", command, "--help"], source, {"PYTHONPATH": str(source)})[3]


def process(command: list[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str, str, float, float]:
    """Exit code, both outputs, seconds of a processor, and the most MiB at once; killed after two minutes."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = subprocess.Popen(command, cwd=folder, env=os.environ | environment, stdout=out, stderr=err)
        timer = threading.Timer(WAIT_S, child.kill)
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        seconds = usage.ru_utime + usage.ru_stime
        return child.returncode, out.read(), err.read(), seconds, usage.ru_maxrss / 1024
