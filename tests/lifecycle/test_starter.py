"""What DVC started ends with DVC, workers and all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from modescope.lifecycle import starter

ROOT = Path(__file__).resolve().parents[2]
# In the part of DVC: it starts a stage through a shell that does not make room for its command, then it is killed.
PARENT = "import subprocess, sys; subprocess.run(['sh', '-c', sys.argv[1] + '; true'])"
STAGE = """\
import os, sys, time
from pathlib import Path
from modescope import executors
from modescope.params import entry

def main(folder):
    with executors.process_pool(1, "modescope.machine") as pool:
        pids = [os.getpid(), pool.submit(os.getpid).result(), pool.submit(os.getppid).result()]
        Path(folder, "half.part").write_text(" ".join(map(str, pids)))
        Path(folder, "half.part").rename(Path(folder, "pids"))
        pool.submit(time.sleep, 600).result()

if __name__ == "__main__":
    sys.exit(entry.stage(main, sys.argv[1:], "FOLDER"))
"""


def wait_for(condition) -> bool:
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_a_stage_ends_with_the_process_that_started_it(tmp_path):
    (tmp_path / "hold.py").write_text(STAGE)
    command = f"sh {ROOT}/stages/python.sh hold.py {tmp_path}"
    environment = os.environ | {"DVC_STAGE": "hold", "PYTHONPATH": str(ROOT / "src")}
    environment |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    with (tmp_path / "log").open("w") as log:
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, command], cwd=tmp_path, env=environment, stdout=log, stderr=log
        )
    try:
        assert wait_for((tmp_path / "pids").exists), (tmp_path / "log").read_text()
        pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
        assert len(pids) == 3
        assert all(map(starter.running, pids))
        assert (tmp_path / ".turn").exists()
    finally:
        parent.kill()
        parent.wait()
    assert wait_for(lambda: not any(map(starter.running, pids)))
    said = (tmp_path / "log").read_text()
    assert said.startswith("modescope: stopped since the process that started it has ended; ")
    assert said.count("\n") == 1
    assert not (tmp_path / ".turn").exists()


def test_the_line_of_processes_goes_up_through_shells(monkeypatch):
    about = {70: ("dash", 60), 60: ("bash", 50), 50: ("dvc", 40), 40: ("bash", 1)}
    monkeypatch.setattr(starter, "_about", lambda pid: about.get(pid, ("", 0)))
    assert starter.ancestors(70) == [os.getpid(), 70, 60, 50]
    assert starter.ancestors(50) == [os.getpid(), 50]
    assert starter.ancestors(999) == [os.getpid(), 999]  # already gone, or a system without /proc
    monkeypatch.setattr(os, "getppid", lambda: 70)
    assert not starter.orphaned([os.getpid(), 70, 60, 50])
    about[60] = ("bash", 1)
    assert starter.orphaned([os.getpid(), 70, 60, 50])
    assert starter.orphaned([os.getpid(), 50])
    assert not starter.orphaned([os.getpid()])  # nobody is minded
