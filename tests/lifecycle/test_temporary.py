"""Temporary files of a stage lie in one folder, which goes with its process or with the next call."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from modescope.lifecycle import temporary


@pytest.fixture
def base(tmp_path, monkeypatch):
    """The system's folder for temporary files; what is to run when the process ends is kept in a list."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(atexit, "register", lambda *_, **__: None)
    return tmp_path


def test_a_process_has_a_folder_that_its_children_share_and_nobody_else_reads(base):
    temporary.own(Path("a"))
    (folder,) = base.iterdir()
    assert tempfile.gettempdir() == os.environ["TMPDIR"] == str(folder)
    assert folder.name.endswith(f"_{os.getpid()}")
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_child_makes_its_own_beside_that_of_its_parent(base):
    temporary.own(Path("a"))
    temporary.own(Path("b"))
    assert len([*base.iterdir()]) == 2
    assert Path(tempfile.gettempdir()).parent == base


@pytest.mark.parametrize("asked", [True, False])
def test_what_a_killed_process_of_the_project_left_is_removed_and_nothing_else(base, asked):
    ended = subprocess.Popen(["true"])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | (0 if asked else os.WNOWAIT))
    temporary.own(Path("a"))
    (own,) = base.iterdir()
    project = own.name.removesuffix(str(os.getpid()))
    left = base / f"{project}{ended.pid}"
    kept = [base / f"{project}{os.getppid()}", base / f"{project}notes", base / f"{temporary.PREFIX}0_{ended.pid}"]
    for folder in (left, *kept):
        folder.mkdir()
        (folder / "file").touch()
    temporary.own(Path("a"))
    assert not left.exists()
    assert all((folder / "file").exists() for folder in kept)
    ended.wait()


def test_a_link_in_its_place_is_not_followed(base):
    temporary.own(Path("a"))
    (own,) = base.iterdir()
    own.rmdir()
    (base / "mine").mkdir()
    (base / "mine" / "file").touch()
    own.symlink_to(base / "mine")
    os.environ["TMPDIR"], tempfile.tempdir = str(base), str(base)
    temporary.own(Path("a"))
    assert tempfile.gettempdir() == str(base)
    assert (base / "mine" / "file").exists()


def test_it_is_gone_with_the_process(tmp_path):
    source = Path(temporary.__file__).resolve().parents[2]
    code = "from pathlib import Path; from modescope.lifecycle import temporary; temporary.own(Path())"
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(source)}
    subprocess.run([sys.executable, "-c", f"{code}; import tempfile; tempfile.mkstemp()"], env=environment, check=True)
    assert [*tmp_path.iterdir()] == []
