"""Files: whole or not at all, equal content equal bytes, and nothing pickled."""

import csv
import errno
import hashlib
import json
import os
import resource
import time
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from modescope.store import artifacts

ARRAYS = {
    "floats": np.array([[1.5, np.nan], [-np.inf, 0.1]], dtype=np.float32),
    "integers": np.arange(3, dtype=np.int64),
    "text": np.array(["latent_dim=1", "base", "ü"]),
    "nothing": np.zeros((0, 2)),
    "scalar": np.array(3.0),
    "a/b.c": np.ones(2, dtype=bool),
}


def files(folder):
    return sorted(path.name for path in folder.iterdir())


# Whole or not at all


@pytest.mark.parametrize("kept", [None, b"old"])
def test_a_write_that_fails_halfway_leaves_all_as_it_was(tmp_path, kept):
    path = tmp_path / "file.bin"
    if kept is not None:
        path.write_bytes(kept)

    def fill(file):
        file.write(b"half")
        file.flush()
        assert files(tmp_path) == sorted([".file.bin.part"] + ["file.bin"] * (kept is not None))
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        artifacts.write(path, fill)
    assert files(tmp_path) == (["file.bin"] if kept else [])
    assert not kept or path.read_bytes() == kept


def test_a_write_replaces_the_file_and_makes_its_folder(tmp_path):
    path = tmp_path / "a" / "b" / "file.bin"
    for content in (b"one", b"two"):
        artifacts.write_bytes(path, content)
        assert path.read_bytes() == content
    assert files(path.parent) == ["file.bin"]


def test_a_reader_sees_the_old_file_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def fill(file):
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"

    artifacts.write(path, fill)
    assert path.read_bytes() == b"new"


@contextmanager
def room(size):
    """Files of this process take at most `size` bytes: to a writer the same as a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


WRITERS = {
    "bytes": lambda path: artifacts.write_bytes(path, b"x" * 50_000),
    "json": lambda path: artifacts.write_json(path, list(range(20_000))),
    "csv": lambda path: artifacts.write_csv(path, pd.DataFrame({"a": np.arange(20_000)})),
    "npz": lambda path: artifacts.write_npz(path, {"a": np.ones(5), "b": np.arange(9_000), "c": np.arange(9_000)}),
    "torch": lambda path: artifacts.write(path, lambda f: torch.save([torch.arange(500), torch.arange(9_000)], f)),
}


@pytest.mark.parametrize("size", [0, 10_000, 30_000])
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_full_disk_is_told_with_the_name_and_the_next_call_writes_the_same_bytes(tmp_path, capfd, writer, size):
    path, other = tmp_path / "here" / "file.bin", tmp_path / "there" / "file.bin"
    with room(size), pytest.raises(OSError, match=r"file\.bin") as raised:
        WRITERS[writer](path)
    assert (raised.value.errno, raised.value.filename) == (errno.EFBIG, str(path))
    assert files(path.parent) == []
    assert capfd.readouterr() == ("", "")
    WRITERS[writer](path)
    WRITERS[writer](other)
    assert path.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_failed_write_names_its_file_and_one_about_another_file_that_one(tmp_path, number):
    for name, told in ((None, str(tmp_path / "a.bin")), ("/elsewhere", "/elsewhere")):

        def fill(file, name=name):
            raise OSError(number, os.strerror(number), name)

        with pytest.raises(OSError, match=r"a\.bin|elsewhere") as raised:
            artifacts.write(tmp_path / "a.bin", fill)
        assert (raised.value.errno, raised.value.filename) == (number, told)
    assert files(tmp_path) == []


def test_what_is_in_the_way_is_named(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"kept")
    long = tmp_path / ("n" * 255)
    for path, error in (
        (tmp_path / "folder", IsADirectoryError),
        (tmp_path / "file" / "a", FileExistsError),
        (tmp_path / "file" / "a" / "b", NotADirectoryError),
        (type(tmp_path)("/"), IsADirectoryError),
        (long, OSError),
    ):
        with pytest.raises(error) as raised:
            artifacts.write_bytes(path, b"new")
        assert str(raised.value.filename) == str(
            tmp_path / "file" if error is FileExistsError else raised.value.filename
        )
        assert ".part" not in str(raised.value.filename)
    assert files(tmp_path) == ["file", "folder"]
    assert (tmp_path / "file").read_bytes() == b"kept"


@pytest.mark.parametrize("fails", [False, True])
def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path, fails):
    for left in (".page.part", ".page.old", "page"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "old.html").touch()

    def make():
        with artifacts.folder(tmp_path / "page") as new:
            assert list(new.iterdir()) == [], "left by a process that was killed"
            artifacts.write_bytes(new / "a" / "new.html", b"")
            assert (tmp_path / "page" / "old.html").exists()
            if fails:
                raise OSError("disk full")

    if fails:
        with pytest.raises(OSError, match="disk full"):
            make()
    else:
        make()
    assert files(tmp_path) == ["page"]
    assert files(tmp_path / "page") == (["old.html"] if fails else ["a"])


# Arrays


def test_arrays_come_back(tmp_path):
    artifacts.write_npz(tmp_path / "a.npz", ARRAYS)
    back = artifacts.read_npz(tmp_path / "a.npz")
    assert list(back) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype
        assert back[name].shape == array.shape


def test_equal_arrays_give_equal_bytes_at_any_time(tmp_path, monkeypatch):
    artifacts.write_npz(tmp_path / "a.npz", ARRAYS)
    later = time.time() + 1e8
    monkeypatch.setattr(time, "time", lambda: later)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(later))
    artifacts.write_npz(tmp_path / "b.npz", {name: array.copy() for name, array in ARRAYS.items()})
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


ANY_ARRAY = npst.arrays(
    dtype=st.sampled_from([np.float32, np.float64, np.int64, np.bool_, "U3"]),
    shape=npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


@given(ANY_ARRAY)
def test_any_array_comes_back_and_its_order_in_memory_does_not_count(tmp_path_factory, array):
    folder = tmp_path_factory.mktemp("any")
    artifacts.write_npz(folder / "c.npz", {"x": np.asarray(array, order="C")})
    artifacts.write_npz(folder / "f.npz", {"x": np.asarray(array, order="F")})
    assert (folder / "c.npz").read_bytes() == (folder / "f.npz").read_bytes()
    back = artifacts.read_npz(folder / "f.npz")["x"]
    np.testing.assert_array_equal(back, array)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)


@pytest.mark.parametrize(
    "bad", [np.array([{"a": 1}]), np.array([None, "text"]), np.array([(1, None)], dtype=[("a", "i4"), ("b", "O")])]
)
def test_object_arrays_are_refused_and_nothing_is_written(tmp_path, bad):
    with pytest.raises(ValueError, match="object arrays cannot be written: bad"):
        artifacts.write_npz(tmp_path / "a.npz", {"good": np.ones(2), "bad": bad})
    assert files(tmp_path) == []


def test_pickled_arrays_are_not_read(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        artifacts.read_npz(tmp_path / "a.npz")


def test_reading_closes_the_file(tmp_path):
    artifacts.write_npz(tmp_path / "a.npz", ARRAYS)
    back = artifacts.read_npz(tmp_path / "a.npz")
    (tmp_path / "a.npz").unlink()
    np.testing.assert_array_equal(back["integers"], [0, 1, 2])


# Text


def test_json_keeps_its_order_and_ends_with_a_line_break(tmp_path):
    artifacts.write_json(tmp_path / "a.json", {"b": 1, "a": [0.1, None, "ü"]})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"b": 1, "a": [0.1, None, "ü"]}
    assert text.index('"b"') < text.index('"a"')
    assert text.endswith("}\n")


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_json_refuses_what_is_no_json(tmp_path, bad):
    (tmp_path / "a.json").write_text("old")
    with pytest.raises(ValueError, match="not JSON compliant"):
        artifacts.write_json(tmp_path / "a.json", {"a": [bad]})
    assert (tmp_path / "a.json").read_text() == "old"


@given(st.lists(st.floats(allow_infinity=False, allow_nan=False), min_size=1, max_size=20))
def test_tables_read_back_to_the_same_floats(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    frame = pd.DataFrame({"metric": ["a, b"] * len(values), "value": values})
    artifacts.write_csv(path, frame)
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["metric", "value"]
    assert [(metric, float(value)) for metric, value in rows] == [("a, b", value) for value in values]


def test_tables_have_neither_index_nor_carriage_returns(tmp_path):
    artifacts.write_csv(tmp_path / "a.csv", pd.DataFrame({"a": [1, 2], "b": [0.1, np.nan]}, index=[7, 8]))
    assert (tmp_path / "a.csv").read_bytes() == b"a,b\n1,0.1\n2,\n"


def test_sha256_is_that_of_the_bytes(tmp_path):
    content = bytes(range(256)) * 5_000
    (tmp_path / "a").write_bytes(content)
    assert artifacts.sha256(tmp_path / "a") == hashlib.sha256(content).hexdigest()
