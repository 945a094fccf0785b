"""Points from files: what is read, and a one-line error with the place for every kind of wrong file."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from modescope.datasets.common.pointfiles import Column, PointFile
from modescope.params.config import ConfigError

TABLE = np.arange(200.0).reshape(100, 2) / 4  # all points differ
GOOD = "".join(f"{x!r},{y!r}\n" for x, y in TABLE.tolist())


def refusal(path: Path, columns: Sequence[Column] | None = None, key: str | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        PointFile(path, "own/it", columns, key).read()
    line = str(caught.value)
    assert line.startswith("own/it: ")
    assert line.isprintable()
    return line.removeprefix("own/it: ")


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def test_parquet_is_read_where_pyarrow_is_there(tmp_path: Path) -> None:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {"x": TABLE[:, 0], "y": TABLE[:, 1], "word": ["a"] * 100, "gap": [None, *TABLE[1:, 0]]}
    file = tmp_path / "mine.parquet"
    parquet.write_table(pyarrow.table(columns), file)
    np.testing.assert_array_equal(PointFile(file, "own/it", ["x", "y"]).read(), TABLE)
    assert "column word holds string" in refusal(file, ["x", "word"])
    assert refusal(file, ["x", "gap"]).startswith("row 1, column gap: empty")
    write(file, "x,y\n1,2\n")
    assert "not a Parquet file" in refusal(file)


def test_without_pyarrow_parquet_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    write(tmp_path / "mine.parquet", "PAR1")
    assert "pip install 'modescope[parquet]'" in refusal(tmp_path / "mine.parquet")


BAD = [
    ("", "the file is empty"),
    ("\n\n", "no rows of numbers"),
    ("x,y\n", "no rows of numbers"),
    (GOOD + "1.0,nan\n", "row 101, column 1: 'nan'; allowed: finite numbers"),
    (GOOD + "1.0,\n", "row 101, column 1: empty; allowed: finite numbers"),
    (GOOD + "1.0\n", "row 101 has 1 of 2 cells; allowed: as many in every row"),
    (GOOD + "\n" + GOOD, "row 101 is empty"),
    (GOOD + "1.0,inf\n", "row 101, column 1: 'inf'"),
    (GOOD + "1e39,1.0\n", "row 101, column 0: '1e39'"),  # beyond single precision
    (GOOD + "1.0,two\n", "row 101, column 1: 'two'"),
    ("x,y\n" + GOOD + "1.0,two\n", "row 102, column y: 'two'"),
    ("x,1\n" + GOOD, "row 1 has names, such as 'x', and '1'; give every column a name"),  # a partial header is an error
    (GOOD + "1.0,2.0,3.0\n", "row 101 has 3 of 2 cells"),
    ("0,1\n" + "1.5,2.5\n", "row 1 numbers the columns: names or a point"),
    (GOOD.replace(",", "/"), "columns: there is no column 1; allowed: 0 to 0"),
]


@pytest.mark.parametrize(("text", "expected"), BAD, ids=[words[:30] for _, words in BAD])
def test_a_bad_table_is_refused_with_the_place(tmp_path: Path, text: str, expected: str) -> None:
    write(tmp_path / "mine.csv", text)
    assert expected in refusal(tmp_path / "mine.csv", [0, 1])


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["x", "z"], "columns: 'z' does not exist; allowed: x, y, y"),
        (["x", "y"], "columns: 'y' occurs twice"),
        ([0, 3], "columns: there is no column 3; allowed: 0 to 2"),
        ([0, -1], "columns: there is no column -1"),
    ],
)
def test_columns_that_are_not_there_are_refused(tmp_path: Path, columns: list[str | int], expected: str) -> None:
    write(tmp_path / "mine.csv", "x,y,y\n1,2,2\n")
    assert expected in refusal(tmp_path / "mine.csv", columns)


def test_bad_arrays_are_refused_and_no_pickle_is_ever_read(tmp_path: Path) -> None:
    class Loud:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(tmp_path / "executed"),)  # type: ignore[return-value]

    (tmp_path / "pickle.npy").write_bytes(pickle.dumps(Loud()))
    np.save(tmp_path / "objects.npy", np.array([[Loud()], [Loud()]], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "objects.npz", np.array([[Loud()]], dtype=object))
    np.save(tmp_path / "complex.npy", TABLE * 1j)
    np.save(tmp_path / "text.npy", np.array([["1.0", "2.0"]]))
    np.save(tmp_path / "none.npy", np.empty((0, 2)))
    np.save(tmp_path / "scalar.npy", np.array(1.0))
    np.save(tmp_path / "nan.npy", np.where(np.isclose(TABLE, TABLE[7, 1]), np.nan, TABLE))
    np.savez(tmp_path / "two.npz", a=TABLE, b=TABLE)
    whole = (tmp_path / "nan.npy").read_bytes()
    (tmp_path / "half.npy").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "header.npy").write_bytes(whole[:30])
    archive = (tmp_path / "two.npz").read_bytes()
    (tmp_path / "half.npz").write_bytes(archive[: len(archive) // 2])
    (tmp_path / "mine.xlsx").write_bytes(b"PK")
    (tmp_path / "folder.npy").mkdir()
    for name, expected in {
        "pickle.npy": "not an npy file (a pickle is never read)",
        "objects.npy": "Python objects (a pickle is never read)",
        "objects.npz": "Python objects (a pickle is never read)",
        "complex.npy": "an array of complex128; allowed: integers and real",
        "text.npy": "an array of <U3",
        "none.npy": "shape (0, 2)",
        "scalar.npy": "shape ()",
        "nan.npy": "row 7, column 1 (from 0): nan; allowed: finite numbers",
        "two.npz": "key is missing; allowed: a, b",
        "half.npy": "copy it again",
        "header.npy": "copy it again",
        "half.npz": "copy it again",
        "mine.xlsx": ".xlsx files are not read; allowed: .csv, .tsv, .txt, .npy, .npz, .parquet",
        "folder.npy": "not a file",
        "gone.npy": "there is no such file",
    }.items():
        assert expected in refusal(tmp_path / name), name
    assert "there is no array 'c'; allowed: a, b" in refusal(tmp_path / "two.npz", key="c")
    assert "key is only for npz files" in refusal(tmp_path / "nan.npy", key="c")
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("ending", ["npy", "npz", "csv"])
def test_damage_is_refused_in_one_line_or_leaves_finite_points(tmp_path: Path, ending: str) -> None:
    rng, file = np.random.default_rng(0), tmp_path / f"mine.{ending}"
    np.save(tmp_path / "whole.npy", TABLE[:20])
    np.savez_compressed(tmp_path / "whole.npz", TABLE[:20])
    write(tmp_path / "whole.csv", "x,y\n" + "".join(GOOD.splitlines(keepends=True)[:20]))
    whole, refused = (tmp_path / f"whole.{ending}").read_bytes(), 0
    for _ in range(150):
        content = np.frombuffer(whole, np.uint8).copy()
        content[rng.integers(len(content), size=3)] = rng.integers(256, size=3)
        file.write_bytes(content[: rng.integers(1, 2 * len(content))].tobytes())
        try:
            found = PointFile(file, "own/it").read()
        except ConfigError:
            refused += 1
            refusal(file)
        else:
            assert np.isfinite(found).all()
    assert refused > 30
