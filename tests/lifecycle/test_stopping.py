"""A signal ends a script like an exception: cleaned up, one line, the code that shells give it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from modescope.lifecycle import stopping
from modescope.params import entry

LINE = "stopped by SIGTERM; nothing half-written is left, and the next call goes on from what is saved"
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("number", "code", "name"), [(signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM")], ids=str
)
def test_a_signal_is_one_line_and_a_code(capsys, number, code, name):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background of a shell ignores it
    before, cleaned = signal.getsignal(number), []

    def main():
        try:
            os.kill(os.getpid(), number)
        finally:
            os.kill(os.getpid(), number)  # a second one does not disturb
            cleaned.append("up")

    assert entry.run(main, []) == code
    assert capsys.readouterr() == ("", f"modescope: stopped by {name}\n")
    assert cleaned == ["up"]
    assert signal.getsignal(number) == before


def test_no_handler_of_faults_takes_it_for_one():
    def main():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except Exception:
            return 0

    assert entry.run(main, []) == 143


def test_what_the_caller_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        assert entry.run(lambda: os.kill(os.getpid(), signal.SIGHUP), []) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_block_within_a_block_leaves_the_line_to_the_outer_one():
    with pytest.raises(stopping.Stopped, match="stopped by SIGTERM"), stopping.raised(), stopping.raised():
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_script_that_swallows_it_is_ended_all_the_same(tmp_path):
    script = tmp_path / "deaf.py"
    script.write_text(
        "import os, signal, time\n"
        "try:\n    os.kill(os.getpid(), signal.SIGTERM)\nexcept BaseException:\n    print('deaf', flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, str(ROOT / "stages" / "start.py"), str(script)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (143, "deaf\n", f"modescope: {LINE}\n")
