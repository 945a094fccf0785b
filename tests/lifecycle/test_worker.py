"""A worker that is still starting ends with its driver, and without a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from modescope.lifecycle import starter

ROOT = Path(__file__).resolve().parents[2]
# What its worker is given to begin with takes longer to read than anyone waits.
STAGE = """\
import multiprocessing, sys
from modescope import executors
from modescope.params import entry

class Slow:
    def __reduce__(self):
        note = "open('new', 'w').write(str(os.getpid())); os.rename('new', 'pid')"
        return exec, (f"import os, time; {note}; time.sleep(600)",)

def main():
    executors.warm("modescope.machine")
    process = multiprocessing.get_context("forkserver").Process(target=print, args=(Slow(),))
    process.start()
    process.join()

if __name__ == "__main__":
    sys.exit(entry.stage(main, []))
"""


def test_a_worker_that_starts_ends_with_a_driver_that_is_stopped(tmp_path):
    (tmp_path / "stage.py").write_text(STAGE)
    command = [sys.executable, str(ROOT / "stages" / "start.py"), "stage.py"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    stage = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        while stage.poll() is None and not (tmp_path / "pid").exists():
            time.sleep(0.02)
        worker = int((tmp_path / "pid").read_text())
        assert starter.running(worker)
    finally:
        stage.send_signal(signal.SIGTERM)
        said = stage.communicate(timeout=60)[1]
    assert stage.returncode == 128 + signal.SIGTERM
    assert said.startswith("modescope: stopped by SIGTERM; ")
    assert said.count("\n") == 1
    assert not starter.running(worker)
