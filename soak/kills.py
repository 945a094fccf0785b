"""Kill each kind of stage at a random moment, then call it again: the same bytes, and nothing of the first is left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import cycle, islice
from signal import SIGINT, SIGKILL, SIGTERM

from benchmarks import scratch

from modescope.lifecycle import starter
from soak import processes
from soak.case import Row
from soak.stages import KINDS, Kind, content, environment, forget, pid_of, project, temporary

END_S = 3.0  # in which every process must have ended, on a machine with nothing else to do
START_S = 0.3  # in which Python starts, and a signal ends it without a word
LOST_S = 30.0  # most work that may be done again
# Besides SIGKILL to DVC or make alone, which each kind of stage gets. Ctrl-C reaches a whole group.
OTHERS = (
    (SIGTERM, "stage"),
    (SIGINT, "group"),
    (SIGKILL, "stage"),
    (SIGTERM, "group"),
    (SIGINT, "stage"),
    (SIGKILL, "group"),
    (SIGTERM, "starter"),
)


def rows(kinds: Sequence[Kind] = KINDS, kills: int = 3) -> Iterator[Row]:
    """So many kills of each kind, in a small project of its own; who gets which signal goes round."""
    others = cycle(OTHERS)
    with scratch.folder() as folder:
        made = project(folder / "project")
        try:
            for kind in kinds:
                whole, expected = undisturbed(made, kind)
                for number, whom in ((SIGKILL, "starter"), *islice(others, kills - 1)):
                    yield killed(made, kind, number, whom, whole, expected)
        finally:
            processes.end(folder)


def undisturbed(made: scratch.Scratch, kind: Kind) -> tuple[float, dict[str, bytes]]:
    """How many seconds the process of the stage runs, and what it writes."""
    forget(made.root, kind)
    log = made.root.parent / "undisturbed.log"
    process = processes.begin(kind.command, made.root, environment(made), log)
    processes.wait_for(lambda: process.poll() is not None or pid_of(made.root, kind))
    found = pid_of(made.root, kind)
    seconds = processes.wait_for(lambda: not starter.running(found)) if found else 0.0
    if process.wait():
        raise RuntimeError(f"{' '.join(kind.command)}: {log.read_text(encoding='utf-8')}")
    return seconds, content(made.root, kind)


def killed(
    made: scratch.Scratch, kind: Kind, number: signal.Signals, whom: str, whole: float, expected: dict[str, bytes]
) -> Row:
    """Send the signal at a random moment, call again, and look."""
    begun, root, log = time.monotonic(), made.root, made.root.parent / "log"
    process, stage, after = _caught(made, kind, random.Random(f"{kind.name} {number} {whom}").random() * whole)  # noqa: S311
    faults = []
    saved = [path.stat().st_mtime for path in (root / ".checkpoints").glob("*.pt")]
    lost = min(after, time.time() - min(saved)) if saved else after
    _send(number, whom, process.pid, stage)
    slow = processes.slowness()
    gone = processes.wait_for(lambda: process.poll() is not None and not processes.of(root))
    if gone > END_S * slow:
        faults.append(f"a process was left for {gone:.1f} s")
    if lost > LOST_S * slow:
        faults.append(f"{lost:.0f} s of work were lost")
    ended = content(root, kind) == expected  # before the signal came: there was nothing to stop
    faults += said(log.read_text(encoding="utf-8"), number, ended or after < START_S * slow)
    again = time.monotonic()
    code = processes.begin(kind.command, root, environment(made), log).wait()
    took = time.monotonic() - again
    if code:
        faults.append(f"the next call ended with {code}: {log.read_text(encoding='utf-8')[-300:]}")
    elif content(root, kind) != expected:
        faults.append("the next call wrote other bytes")
    faults += [f"left: {path}" for path in temporary(root)]
    saying = f"after {after:.1f} of {whole:.1f} s; all ended in {gone:.1f} s; done again {lost:.1f} s"
    saying += f"; next call {took:.0f} s"
    outcome = f"{saying}, same bytes" if not faults else f"{saying}; {'; '.join(faults)}"
    what = f"{kind.name}: {number.name} to {whom.replace('starter', f'{kind.command[0]} alone')}"
    return Row(what, " ".join(kind.command), outcome, time.monotonic() - begun, not faults)


def _caught(made: scratch.Scratch, kind: Kind, after: float) -> tuple[subprocess.Popen[bytes], int, float]:
    """The command, the process of its stage, and for how many seconds that has run: so many, if it runs so long."""
    log = made.root.parent / "log"
    forget(made.root, kind)
    log.unlink(missing_ok=True)
    process = processes.begin(kind.command, made.root, environment(made), log)
    processes.wait_for(lambda: pid_of(made.root, kind) or process.poll() is not None)
    stage, at = pid_of(made.root, kind), time.monotonic()
    time.sleep(after)
    if stage is not None and starter.running(stage):
        return process, stage, time.monotonic() - at
    if process.wait():
        raise RuntimeError(f"{' '.join(kind.command)}: {log.read_text(encoding='utf-8')}")
    return _caught(made, kind, after / 2)  # it came too late


def _send(number: int, whom: str, starter: int, stage: int) -> None:
    with suppress(ProcessLookupError):
        if whom == "group":
            os.killpg(starter, number)
        else:
            os.kill(starter if whom == "starter" else stage, number)


def said(text: str, number: int, may_be_silent: bool = False) -> list[str]:
    """What is wrong with what was printed: a traceback, or not one line of ours where the stage could still speak."""
    lines = [line for line in text.splitlines() if "modescope: stopped" in line]
    found = ["a traceback"] if "Traceback" in text else []
    return found + (
        ["it did not say in one line that it stopped"]
        if number != SIGKILL and len(lines) != 1 - (may_be_silent and not lines)
        else []
    )
