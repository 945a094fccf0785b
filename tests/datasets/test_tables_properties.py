"""Whatever is written in a table or an archive: the same numbers, or one line that refuses it."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from written_tables import Written, tables

from modescope.datasets.common.pointfiles import PointFile, Read
from modescope.params.config import ConfigError

FEW = settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
LETTERS = "0123456789" * 2 + ".,;-+ \n" * 3 + "\t\r|'\"#%eExna\u00a0\u2212"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def opened(folder: Path, name: str, content: bytes) -> Read | None:
    """The points of a file with this content, all finite, or None where it is refused in one line."""
    file = folder / name
    file.write_bytes(content)
    try:
        read = PointFile(file, name).open()
    except ConfigError as error:
        line = str(error)
        assert line.startswith(f"{name}: ")
        assert line.isprintable()
        assert len(line) < 700
        return None
    assert read.points.ndim >= 2
    assert read.points.size > 0
    assert np.isfinite(read.points).all()
    assert all(sentence.isprintable() for sentence in read.taken)
    return read


@FEW
@given(tables())
def test_a_table_in_any_dialect_gives_its_own_numbers_or_is_refused(folder: Path, written: Written) -> None:
    read = opened(folder, "a.csv", written.content)
    if written.clear:
        assert read is not None
    if read is not None:
        assert read.points.tolist() == written.points


@FEW
@given(st.text(LETTERS, max_size=40))
def test_any_text_is_points_or_one_line(folder: Path, text: str) -> None:
    opened(folder, "a.csv", text.encode())


@FEW
@given(st.sampled_from([".csv", ".npy", ".npz"]), st.binary(max_size=60))
def test_any_bytes_are_points_or_one_line(folder: Path, suffix: str, content: bytes) -> None:
    beginning = {".csv": b"", ".npy": b"\x93NUMPY\x01\x00", ".npz": b"PK\x03\x04"}[suffix]
    opened(folder, f"a{suffix}", beginning + content)


@FEW
@given(
    st.sampled_from(["<f2", "<f4", ">f8", "<i8", "|u1", "<c8", "|b1", "<U2", "|V3"]),
    arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    st.booleans(),
    st.data(),
)
def test_an_array_in_any_form_gives_its_own_numbers_or_is_refused(
    folder: Path, dtype: str, shape: tuple[int, ...], in_columns: bool, data: st.DataObject
) -> None:
    values = data.draw(arrays.arrays(np.int8, shape)).astype("|u1" if dtype == "|u1" else "<i8")
    array = np.zeros(shape, dtype) if dtype == "|V3" else values.astype(dtype)
    array = np.array(array, order="F" if in_columns else "C")
    usable = dtype[1] in "fiu" and bool(shape) and array.size > 0
    for name, save in (("a.npy", lambda file: np.save(file, array)), ("a.npz", lambda file: np.savez(file, array))):
        file = io.BytesIO()
        save(file)
        read = opened(folder, name, file.getvalue())
        assert (read is not None) == usable
        if read is not None:
            expected = np.asarray(array, np.float64)
            np.testing.assert_array_equal(read.points, expected[:, None] if expected.ndim == 1 else expected)


@FEW
@given(st.sampled_from(["plain", "compressed"]), st.integers(0, 2**32), st.integers(1, 6))
def test_a_damaged_archive_is_points_or_one_line(folder: Path, how: str, seed: int, changes: int) -> None:
    rng, file = np.random.default_rng(seed), io.BytesIO()
    (np.savez if how == "plain" else np.savez_compressed)(file, a=rng.standard_normal((6, 2)))
    content = np.frombuffer(file.getvalue(), np.uint8).copy()
    content[rng.integers(len(content), size=changes)] = rng.integers(256, size=changes)
    assume(content.tobytes() != file.getvalue())
    opened(folder, "a.npz", content.tobytes())
