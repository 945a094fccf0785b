"""The IDX reader: what is written is read, and every fault is one line that says how to mend it."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from idx_files import encoded

from modescope.datasets.common import idx
from modescope.params.config import ConfigError

FOUR = np.arange(4 * 2 * 3).reshape(4, 2, 3)


def refusal(tmp_path: Path, content: bytes, axes: int = 3) -> str:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        idx.read(file, "own/file", axes)
    line = str(caught.value)
    assert line.startswith("own/file: ")
    assert "\n" not in line
    return line.removeprefix("own/file: ")


@given(
    array=array_shapes(min_dims=1, max_dims=4, max_side=6).flatmap(lambda shape: arrays(np.uint8, shape)),
    zipped=st.booleans(),
)
def test_what_is_written_is_read(array: np.ndarray, zipped: bool, tmp_path_factory: pytest.TempPathFactory):
    file = tmp_path_factory.getbasetemp() / "round_trip"  # its name does not say whether it is compressed
    file.write_bytes(gzip.compress(encoded(array), mtime=0) if zipped else encoded(array))
    found = idx.read(file, "own/file", array.ndim)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, array)


def test_a_file_by_hand(tmp_path: Path):
    # two pictures of 1 x 3 pixels, as the format's description has them: magic 2051, then lengths, then rows
    file = tmp_path / "file"
    file.write_bytes(b"\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x03\x00\x7f\xff\x01\x02\x03")
    np.testing.assert_array_equal(idx.read(file, "own/file", 3), [[[0, 127, 255]], [[1, 2, 3]]])


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (
            b"",
            "not the IDX file that belongs here: the file is empty; allowed: 0x00000803, unsigned bytes along 3 axes",
        ),
        (encoded(FOUR[0]), "it begins with 0x00000802; allowed: 0x00000803"),
        (encoded(FOUR[0, 0]), "it begins with 0x00000801; allowed: 0x00000803"),
        (b"\x00\x00\x0d\x03" + encoded(FOUR)[4:], "it begins with 0x00000d03"),  # floating-point numbers
        (encoded(FOUR)[3::-1] + encoded(FOUR)[4:], "it begins with 0x03080000"),  # little-endian
        (b"<html>", "it begins with 0x3c68746d"),  # what a download sometimes is
        (encoded(FOUR)[:3], "it begins with 0x000008"),
        (encoded(FOUR)[:15], "truncated in the header, after 15 bytes; copy the file again"),
        (encoded(FOUR)[:-1], "the header announces 4 x 2 x 3 bytes, the file has 23 bytes; copy it again"),
        (encoded(FOUR)[:16], "the header announces 4 x 2 x 3 bytes, the file has 0 bytes; copy it again"),
        (encoded(FOUR) + b"\0", "the header announces 4 x 2 x 3 bytes, the file has more; copy it again"),
        (encoded(FOUR[:0]), "the header announces 0 x 2 x 3 bytes; allowed: 1 to 268,435,456"),
        (
            b"\x00\x00\x08\x03" + b"\xff" * 12,
            "the header announces 4,294,967,295 x 4,294,967,295 x 4,294,967,295 bytes",
        ),
        (
            gzip.compress(encoded(FOUR), mtime=0)[:-9],
            "damaged gzip (Compressed file ended before the end-of-stream marker",
        ),
        (gzip.compress(encoded(FOUR), mtime=0)[:-8] + bytes(8), "damaged gzip (CRC check failed"),
        (b"\x1f\x8b\x00" + bytes(20), "damaged gzip (Unknown compression method)"),
        (gzip.compress(encoded(FOUR)[:-1], mtime=0), "the header announces 4 x 2 x 3 bytes, the file has 23 bytes"),
        (gzip.compress(encoded(FOUR) + b"\0", mtime=0), "the header announces 4 x 2 x 3 bytes, the file has more"),
        (gzip.compress(gzip.compress(encoded(FOUR), mtime=0), mtime=0), "it begins with 0x1f8b08"),
    ],
)
def test_a_fault_is_one_line(tmp_path: Path, content: bytes, line: str):
    assert line in refusal(tmp_path, content)


@given(
    content=st.binary(max_size=64),
    head=st.sampled_from([b"", b"\0\0\x08\x03", b"\x1f\x8b", gzip.compress(b"abc", mtime=0)]),
)
def test_any_bytes_are_read_or_refused(content: bytes, head: bytes, tmp_path_factory: pytest.TempPathFactory):
    file = tmp_path_factory.getbasetemp() / "anything"
    file.write_bytes(head + content)
    try:
        found = idx.read(file, "own/file", 3)
    except ConfigError as error:
        found, line = None, str(error)
    if found is None:
        assert line.startswith("own/file: ")
        assert "\n" not in line
    else:
        assert encoded(found) == head + content


def test_no_more_is_decompressed_than_announced(tmp_path: Path):
    bomb = gzip.compress(encoded(FOUR) + bytes(50_000_000), mtime=0)
    assert len(bomb) < 100_000
    tracemalloc.start()
    assert "the file has more" in refusal(tmp_path, bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_what_is_no_file_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="own/folder: not a file; allowed: an IDX file, plain or gzip"):
        idx.read(tmp_path, "own/folder", 3)
