"""One stage of a project at a time, and no temporary file of a killed one stays."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading

import pytest

from modescope.lifecycle import turn

HOLD = """\
import sys, time
from pathlib import Path
from modescope.lifecycle import turn
with turn.taken(Path(sys.argv[1])):
    print("mine", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that has the turn."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "mine\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_lock_is_there_for_as_long_as_it_is_held(tmp_path):
    with turn.taken(tmp_path):
        assert (tmp_path / turn.NAME).read_text().startswith(f"process {os.getpid()}: ")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_keeps_nobody_from_his_turn(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(turn.os, "pwrite", full)
    with turn.taken(tmp_path):
        assert (tmp_path / turn.NAME).read_text() == ""
    assert list(tmp_path.iterdir()) == []


def test_it_is_given_back_after_a_fault(tmp_path):
    with pytest.raises(ZeroDivisionError), turn.taken(tmp_path):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_another_process_waits_and_a_kill_ends_the_wait(tmp_path, holder, monkeypatch, capsys):
    monkeypatch.setattr(turn, "PATIENCE_S", 0.0)
    monkeypatch.setattr(turn, "LOOK_EVERY_S", 0.02)
    (tmp_path / "runs" / "a").mkdir(parents=True)
    for name in ("runs/a/.samples.npz.part", "runs/a/samples.npz", ".metrics.json.part"):
        (tmp_path / name).touch()
    (tmp_path / ".checkpoints" / "results" / ".key.part" / "deep").mkdir(parents=True)
    (tmp_path / "reports" / ".compare.x1").mkdir(parents=True)
    waited = threading.Event()
    sleep = turn.time.sleep

    def look(seconds):
        waited.set()
        sleep(seconds)

    monkeypatch.setattr(turn.time, "sleep", look)
    taken = []

    def take():
        with turn.taken(tmp_path):
            taken.append(holder.poll())

    waiter = threading.Thread(target=take)
    waiter.start()
    assert waited.wait(60)
    assert taken == []
    holder.kill()
    waiter.join(60)
    assert len(taken) == 1
    assert capsys.readouterr().err == f"modescope: waits for process {holder.pid}: -c {tmp_path}, which writes here\n"
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"runs/a/samples.npz"}
    assert not any(tmp_path.glob("reports/.compare*"))
    assert not any(tmp_path.glob(".checkpoints/results/.key.part"))


def test_after_an_orderly_end_nothing_is_looked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(turn, "sweep", lambda root: pytest.fail("swept"))
    for _ in range(2):
        with turn.taken(tmp_path):
            pass
