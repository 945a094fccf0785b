"""How a stage ends: at once, with its exit code, after its threads, and with its temporary files gone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from pipeline_copy import ROOT

THREAD = """\
import sys, tempfile, threading, time
tempfile.mkstemp()
threading.Thread(target=lambda: (time.sleep(0.1), print("late"))).start()
print("early")
"""


def start(folder, text: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a stage, with temporary files in a folder of its own."""
    (folder / "script.py").write_text(text)
    command = [sys.executable, str(ROOT / "stages" / "start.py"), "script.py"]
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t") as temporary:  # a long path would be left as it is
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "TMPDIR": temporary}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert [*Path(temporary).iterdir()] == []
    return done


@pytest.mark.parametrize(
    ("last", "code", "said"),
    [
        ("", 0, ""),
        ("sys.exit()", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("sys.exit('words')", 1, "words\n"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero\n"),
    ],
)
def test_the_exit_code_is_that_of_the_script(tmp_path, last, code, said):
    done = start(tmp_path, f"import sys\nprint('out')\n{last}\n")
    assert (done.returncode, done.stdout) == (code, "out\n")
    assert done.stderr.endswith(said)
    assert bool(done.stderr) == bool(said)


def test_it_waits_for_threads_and_prints_all(tmp_path):
    done = start(tmp_path, THREAD)
    assert (done.returncode, done.stdout, done.stderr) == (0, "early\nlate\n", "")
