"""What the system says of a file becomes one line with the file, the reason and what to do."""

import copy
import errno
import os
from types import SimpleNamespace

import pytest

from modescope.params import faults


def error(number, *names):
    return OSError(number, os.strerror(number), *names)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.EDQUOT, "quota"),
        (errno.EFBIG, "ulimit -f"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "no permission"),
        (errno.EPERM, "no permission"),
        (errno.EIO, "the disk reports an error"),
        (errno.EISDIR, "a folder, where a file belongs"),
        (errno.EEXIST, "a file, where a folder belongs"),
        (errno.ENAMETOOLONG, "choose a shorter one"),
        (errno.EMFILE, "ulimit -n"),
    ],
)
def test_every_reason_has_its_line(number, says):
    line = faults.line(error(number, "runs/a/samples.npz"))
    assert line.startswith("runs/a/samples.npz: ")
    assert says in line
    assert "\n" not in line


def test_a_full_disk_says_how_much_is_free_where_the_file_would_lie(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        faults.shutil, "disk_usage", lambda folder: asked.append(folder) or SimpleNamespace(free=2_340_000)
    )
    line = faults.line(error(errno.ENOSPC, str(tmp_path / "runs" / "a" / "b.npz")))
    assert asked == [tmp_path]  # its folders do not exist yet
    assert line == (
        f"{tmp_path}/runs/a/b.npz: too little space on the disk: 2.3 MB free in {tmp_path}; make room, and run this "
        f"again: nothing is half-written, and it continues with what is missing"
    )
    monkeypatch.setattr(faults.shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    assert "disk: 0 bytes free in" in faults.line(error(errno.ENOSPC, str(tmp_path / "a")))


def test_a_disk_that_can_name_no_more_files_is_not_said_to_have_space(tmp_path, monkeypatch):
    found = SimpleNamespace(f_files=1_000, f_favail=0, f_bavail=1, f_blocks=1, f_bfree=1, f_frsize=1)
    monkeypatch.setattr(faults.os, "statvfs", lambda folder: found)
    assert f"{tmp_path} can hold no more files" in faults.line(error(errno.ENOSPC, tmp_path / "a"))


def test_the_second_name_is_the_one_that_was_written(tmp_path):
    found = copy.copy(error(errno.EISDIR, "a.part", None, "a"))  # as pickle copies it on its way from a worker
    assert faults.line(found).startswith("a: a folder")


def test_the_file_that_stands_in_the_place_of_a_folder_is_named(tmp_path):
    (tmp_path / "runs").write_bytes(b"")
    path = tmp_path / "runs" / "a" / "b"
    assert faults.line(error(errno.ENOTDIR, str(path))).startswith(f"{tmp_path / 'runs'}: a file, where")


def test_an_error_without_a_name_is_about_what_is_printed_or_temporary():
    assert faults.line(error(errno.ENOSPC)).startswith("standard output or a temporary file: too little space on")


@pytest.mark.parametrize("other", [OSError("of a library"), error(errno.EPIPE), error(errno.EINVAL, "a")])
def test_what_may_be_a_fault_of_this_program_has_no_line(other):
    assert faults.line(other) is None
