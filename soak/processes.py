"""Processes of a project, found by the folder that they work in, and how they are begun, killed and waited for."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from modescope.lifecycle import starter

PROC = Path("/proc")
LOOK_EVERY_S = 0.02
PATIENCE_S = 900.0  # for what must come sooner or later


def begin(command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, so that its group can be killed as Ctrl-C in a terminal does."""
    with log.open("ab") as file:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # A process that was started in the background of a shell takes no notice of Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )


def of(folder: Path) -> dict[int, str]:
    """Process -> its command line, of all that run in the folder or below."""
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and starter.running(int(entry.name)):
            try:
                where = (entry / "cwd").readlink()
                command = (entry / "cmdline").read_text(encoding="utf-8", errors="replace").replace("\0", " ").strip()
            except OSError:  # it has ended
                continue
            if where.is_relative_to(folder):
                found[int(entry.name)] = command
    return found


def end(folder: Path) -> None:
    """Kill what still runs in the folder or below, as after Ctrl-C: each command has a session of its own."""
    for pid in of(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def wait_for(condition: Callable[[], object]) -> float:
    """Wait until the condition holds; returns the seconds. Raises TimeoutError if it never does."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > PATIENCE_S:
            raise TimeoutError(f"waited {PATIENCE_S:.0f} s in vain")
        time.sleep(LOOK_EVERY_S)
    return time.monotonic() - begun


def slowness() -> float:
    """How many times longer than alone this machine takes now, because others use it: 1 on an idle one."""
    wall, cpu = time.perf_counter(), time.process_time()
    while time.process_time() - cpu < 0.2:
        pass
    return max(1.0, (time.perf_counter() - wall) / (time.process_time() - cpu))
