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
def base(monkeypatch):
    """The system's folder for temporary files, with a path as short as it has there; nothing runs at the end."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", None)
        monkeypatch.setattr(atexit, "register", lambda *_, **__: None)
        yield Path(folder)


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


def test_a_path_that_leaves_no_room_for_a_socket_is_not_made(base):
    """The server of workers would end with `AF_UNIX path too long`."""
    room = temporary.LONGEST - len(os.fsencode(base)) - len(f"/{temporary.PREFIX}12345678_{os.getpid()}") - 1
    for length, made in ((room, 1), (room + 1, 0)):
        deep = base / ("x" * length)
        deep.mkdir()
        tempfile.tempdir = str(deep)
        temporary.own(Path("a"))
        assert len([*deep.iterdir()]) == made


def test_workers_start_where_the_path_is_as_long_as_it_may_be(base, monkeypatch):
    folder = base / ("x" * (temporary.LONGEST - len(os.fsencode(base)) - 1))
    folder.mkdir()
    code = "from multiprocessing import forkserver as f; f.ensure_running()"
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"TMPDIR": str(folder)}, check=True)


def test_it_is_gone_with_the_process(base):
    source = Path(temporary.__file__).resolve().parents[2]
    code = "from pathlib import Path; from modescope.lifecycle import temporary; temporary.own(Path())"
    environment = os.environ | {"PYTHONPATH": str(source)}
    subprocess.run([sys.executable, "-c", f"{code}; import tempfile; tempfile.mkstemp()"], env=environment, check=True)
    assert [*base.iterdir()] == []
