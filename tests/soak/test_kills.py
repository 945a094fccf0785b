"""The soak's kills at a small scale: one stage that make starts, and what would count as a fault."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.scratch import Scratch  # noqa: E402
from soak import kills, stages, together  # noqa: E402

STAGE = """\
import sys, time
from pathlib import Path
from modescope.params import entry
from modescope.store import artifacts

def main():
    Path("out").mkdir(exist_ok=True)
    Path("out/.two.txt.part").touch()
    time.sleep(0.4)
    Path("out/.two.txt.part").rename("out/two.txt")
    artifacts.write_bytes(Path("out/one.txt"), b"one")

if __name__ == "__main__":
    sys.exit(entry.stage(main, sys.argv[1:]))
"""
ONE = stages.Kind("one", ("make", "one"), "stages/start.py stages/one.py", ("out",))


@pytest.fixture
def made(tmp_path):
    root = tmp_path / "project"
    (root / "stages").mkdir(parents=True)
    (tmp_path / "temporary").mkdir()
    (root / "src").symlink_to(ROOT / "src")
    for name in ("python.sh", "start.py"):
        shutil.copy(ROOT / "stages" / name, root / "stages" / name)
    (root / "stages" / "one.py").write_text(STAGE)
    (root / "Makefile").write_text("one:\n\tsh stages/python.sh stages/one.py\n")
    return Scratch(root)


@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are found by /proc")
def test_a_stage_that_is_killed_ends_in_the_same_bytes(made):
    row = kills.killed(made, ONE, SIGKILL, "starter", 0.3, {"out/one.txt": b"one", "out/two.txt": b""})
    assert row.ok, row.outcome
    assert row.what == "one: SIGKILL to make alone"
    assert "same bytes" in row.outcome


@pytest.mark.parametrize(
    ("text", "number", "faults"),
    [
        ("modescope: stopped by SIGTERM; more\n", SIGTERM, 0),
        ("", SIGKILL, 0),
        ("", SIGINT, 1),
        ("modescope: stopped by Ctrl-C\nmodescope: stopped by Ctrl-C\n", SIGINT, 1),
        ("Traceback (most recent call last):\nmodescope: stopped by Ctrl-C\n", SIGINT, 1),
        ("Traceback (most recent call last):\n", SIGTERM, 2),
    ],
)
def test_what_is_printed_is_judged(text, number, faults):
    assert len(kills.said(text, number)) == faults


def test_what_is_left_is_found(made):
    for name in ("reports/.compare.ab/x", "runs/a/.samples.npz.part", ".turn", "runs/a/samples.npz", ".git/x.tmp"):
        (made.root / name).parent.mkdir(parents=True, exist_ok=True)
        (made.root / name).touch()
    (made.root.parent / "temporary" / "tmpx").touch()
    found = ["project/.turn", "project/reports/.compare.ab", "project/runs/a/.samples.npz.part", "temporary/tmpx"]
    assert sorted(stages.temporary(made.root)) == found


def test_two_make_setup_take_turns(tmp_path):
    row = together.setups(tmp_path / "setups")
    assert row.ok, row.outcome


@pytest.mark.parametrize("kind", stages.KINDS, ids=lambda kind: kind.name)
def test_every_kind_is_a_stage_of_dvc_or_make(kind):
    words = kind.script.split()
    assert words[1] == "-m" or (ROOT / words[1]).is_file()
    text = (ROOT / ("dvc.yaml" if kind.stages else "Makefile")).read_text()
    assert f"sh stages/python.sh {' '.join(words[1:2])}" in text
