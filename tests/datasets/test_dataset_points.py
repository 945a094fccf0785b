"""Points of one's own: every format to the same split, and one line for each way in which a file can be wrong."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from modescope import datasets
from modescope.config import ConfigError
from modescope.datasets._pointfiles import PointFile
from modescope.datasets.points import Points

WINDOW = [-9.0, 99.0, -9.0, 99.0]
TABLE = np.arange(200.0).reshape(100, 2) / 4  # no two points alike


def points(path: str = "mine.csv", **changes: object) -> Points:
    if not {"columns", "point_shape"} & set(changes):
        changes["columns"] = [0, 1]
    found = datasets.build({"kind": "points", "path": path, "window": WINDOW, **changes})
    assert isinstance(found, Points)
    return found


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def lines(table: np.ndarray, header: str = "") -> str:
    rows = [",".join(repr(float(value)) for value in row) for row in table]
    return "\n".join([header, *rows] if header else rows) + "\n"


def refusal(project: Path, dataset: Points) -> str:
    with pytest.raises(ConfigError) as caught:
        dataset.check_source(project)
    line = str(caught.value)
    assert line.startswith(f"own/{dataset.path}: ")
    assert "\n" not in line
    return line.removeprefix(f"own/{dataset.path}: ")


def test_train_and_test_share_out_all_points_and_the_seed_says_which(own: Path, tmp_path: Path) -> None:
    write(own / "mine.csv", lines(TABLE))
    sets = points().sets("name", tmp_path)
    assert {part: values.shape for part, values in sets.items()} == {"train": (70, 2), "test": (30, 2)}
    both = np.concatenate([sets["train"], sets["test"]])
    np.testing.assert_array_equal(both[np.argsort(both[:, 0])], TABLE)
    assert not np.array_equal(both, TABLE)
    np.testing.assert_array_equal(points().sets("name", tmp_path)["test"], sets["test"])
    assert not np.array_equal(points(seed=1).sets("name", tmp_path)["test"], sets["test"])
    assert not np.array_equal(points().sets("other", tmp_path)["test"], sets["test"])


def test_more_than_is_asked_for_is_left_out(own: Path, tmp_path: Path) -> None:
    write(own / "mine.csv", lines(TABLE))
    sets = points(n_train=25, n_test=20, test_share=0.5).sets("name", tmp_path)
    assert (len(sets["train"]), len(sets["test"])) == (25, 20)


def test_every_format_gives_the_same_points(own: Path, tmp_path: Path) -> None:
    write(own / "mine.csv", lines(TABLE))
    write(own / "headed.csv", "\ufeff" + lines(TABLE, "x, y") + "\n\n")  # as spreadsheets write it
    np.save(own / "array.npy", TABLE.astype(np.float32))
    np.savez(own / "arrays.npz", a=TABLE, b=-TABLE)
    expected = points().sets("name", tmp_path)["train"]
    for dataset in (
        points("headed.csv", columns=["x", "y"]),
        points("array.npy"),
        points("array.npy", point_shape=[2]),
        points("arrays.npz", key="a"),
    ):
        np.testing.assert_array_equal(dataset.sets("name", tmp_path)["train"], expected)


def test_columns_are_the_coordinates_in_their_order(own: Path, tmp_path: Path) -> None:
    write(own / "mine.csv", lines(np.column_stack([TABLE, -TABLE[:, 0]]), "a,b,c"))
    swapped = points(columns=["c", "a"]).sets("name", tmp_path)["test"]
    np.testing.assert_array_equal(swapped[:, 0], -swapped[:, 1])
    line = points(columns=["b"], window=None)
    assert line.shape == (1,)
    np.testing.assert_array_equal(line.sets("name", tmp_path)["test"][:, 0], swapped[:, 1] + 0.25)


def test_rows_of_an_array_may_have_any_shape(own: Path, tmp_path: Path) -> None:
    images = np.random.default_rng(0).normal(size=(80, 1, 8, 8))
    np.save(own / "images.npy", images)
    dataset = points("images.npy", point_shape=[1, 8, 8], window=None)
    assert dataset.shape == (1, 8, 8)
    assert dataset.sets("name", tmp_path)["train"].shape == (56, 1, 8, 8)
    assert refusal(tmp_path, points("images.npy", point_shape=[8, 8], window=None)) == (
        "points of shape (1, 8, 8); allowed: (8, 8), as point_shape says"
    )


def test_parquet_is_read_where_pyarrow_is_there(own: Path, tmp_path: Path) -> None:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {"x": TABLE[:, 0], "y": TABLE[:, 1], "word": ["a"] * 100, "gap": [None, *TABLE[1:, 0]]}
    parquet.write_table(pyarrow.table(columns), own / "mine.parquet")
    write(own / "mine.csv", lines(TABLE))
    found = points("mine.parquet", columns=["x", "y"]).sets("name", tmp_path)["train"]
    np.testing.assert_array_equal(found, points().sets("name", tmp_path)["train"])
    assert "column word holds string" in refusal(tmp_path, points("mine.parquet", columns=["x", "word"]))
    assert refusal(tmp_path, points("mine.parquet", columns=["x", "gap"])).startswith("row 1, column gap: empty")
    write(own / "text.parquet", "x,y\n1,2\n")
    assert "not a Parquet file" in refusal(tmp_path, points("text.parquet"))


def test_without_pyarrow_parquet_says_how_to_get_it(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    write(own / "mine.parquet", "PAR1")
    assert "pip install 'modescope[parquet]'" in refusal(tmp_path, points("mine.parquet"))


GOOD = lines(TABLE)
BAD = [
    ("", "the file is empty"),
    ("\n\n", "no rows of numbers"),
    ("x,y\n", "no rows of numbers"),
    (GOOD + "1.0,nan\n", "row 101, column 1: 'nan'; allowed: finite numbers"),
    (GOOD + "1.0,\n", "row 101, column 1: empty; allowed: finite numbers"),
    (GOOD + "1.0\n", "row 101, column 1: empty; allowed: finite numbers"),
    (GOOD + "\n" + GOOD, "row 101, column 0: empty"),
    (GOOD + "1.0,inf\n", "row 101, column 1: 'inf'"),
    (GOOD + "1e39,1.0\n", "row 101, column 0: '1e39'"),  # beyond single precision
    (GOOD + "1.0,two\n", "row 101, column 1: 'two'"),
    ("x,y\n" + GOOD + "1.0,two\n", "row 102, column y: 'two'"),
    ("x,1\n" + GOOD, "row 1, column 0: 'x'"),  # half a header is none
    (GOOD + "1.0,2.0,3.0\n", "not a table of numbers separated by commas"),
    ("0,1\n" + GOOD, "row 1 counts the columns"),
    (GOOD.replace(",", ";"), "columns: there is no column 1; allowed: 0 to 0"),
    (lines(TABLE[:50]), "50 points with test_share 0.3 leave 35 to train and 15 to test; 20 of each are needed"),
]


@pytest.mark.parametrize(("text", "expected"), BAD, ids=[words[:30] for _, words in BAD])
def test_a_bad_table_is_refused_with_the_place(own: Path, tmp_path: Path, text: str, expected: str) -> None:
    write(own / "mine.csv", text)
    assert expected in refusal(tmp_path, points())


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["x", "z"], "columns: 'z' is not there; allowed: x, y, y"),
        (["x", "y"], "columns: 'y' is there twice"),
        ([0, 3], "columns: there is no column 3; allowed: 0 to 2"),
        ([0, -1], "columns: there is no column -1"),
    ],
)
def test_columns_that_are_not_there_are_refused(
    own: Path, tmp_path: Path, columns: list[str | int], expected: str
) -> None:
    write(own / "mine.csv", lines(np.column_stack([TABLE, TABLE[:, 0]]), "x,y,y"))
    assert expected in refusal(tmp_path, points(columns=columns))


def test_bad_arrays_are_refused_and_no_pickle_is_ever_read(own: Path, tmp_path: Path) -> None:
    class Loud:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(tmp_path / "executed"),)  # type: ignore[return-value]

    (own / "pickle.npy").write_bytes(pickle.dumps(Loud()))
    np.save(own / "objects.npy", np.array([[Loud()], [Loud()]], dtype=object), allow_pickle=True)
    np.savez(own / "objects.npz", np.array([[Loud()]], dtype=object))
    np.save(own / "complex.npy", TABLE * 1j)
    np.save(own / "text.npy", np.array([["1.0", "2.0"]]))
    np.save(own / "none.npy", np.empty((0, 2)))
    np.save(own / "scalar.npy", np.array(1.0))
    np.save(own / "nan.npy", np.where(np.isclose(TABLE, TABLE[7, 1]), np.nan, TABLE))
    np.savez(own / "two.npz", a=TABLE, b=TABLE)
    whole = (own / "nan.npy").read_bytes()
    (own / "half.npy").write_bytes(whole[: len(whole) // 2])
    (own / "header.npy").write_bytes(whole[:30])
    archive = (own / "two.npz").read_bytes()
    (own / "half.npz").write_bytes(archive[: len(archive) // 2])
    (own / "mine.xlsx").write_bytes(b"PK")
    (own / "folder.npy").mkdir()
    for name, expected in {
        "pickle.npy": "not an npy file; a pickle is never read",
        "objects.npy": "Python objects, which are pickled",
        "objects.npz": "Python objects, which are pickled",
        "complex.npy": "an array of complex128; allowed: integers and real",
        "text.npy": "an array of <U3",
        "none.npy": "shape (0, 2)",
        "scalar.npy": "shape ()",
        "nan.npy": "row 7, column 1 (from 0): nan; allowed: finite numbers",
        "two.npz": "which array? key is missing; there are: a, b",
        "half.npy": "copy it again",
        "header.npy": "copy it again",
        "half.npz": "copy it again",
        "mine.xlsx": ".xlsx is not read; allowed: .csv, .npy, .npz, .parquet",
        "folder.npy": "not a file",
        "gone.npy": "there is no such file; put it into the folder own/",
    }.items():
        assert expected in refusal(tmp_path, points(name)), name
    assert "there is no array 'c'; there are: a, b" in refusal(tmp_path, points("two.npz", key="c"))
    assert "key names an array of an npz" in refusal(tmp_path, points("nan.npy", key="c"))
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("ending", ["npy", "npz", "csv"])
def test_damage_is_refused_in_one_line_or_leaves_finite_points(own: Path, ending: str) -> None:
    rng, file = np.random.default_rng(0), own / f"mine.{ending}"
    np.save(own / "whole.npy", TABLE[:20])
    np.savez_compressed(own / "whole.npz", TABLE[:20])
    write(own / "whole.csv", lines(TABLE[:20], "x,y"))
    whole, refused = (own / f"whole.{ending}").read_bytes(), 0
    for _ in range(150):
        content = np.frombuffer(whole, np.uint8).copy()
        content[rng.integers(len(content), size=3)] = rng.integers(256, size=3)
        file.write_bytes(content[: rng.integers(1, 2 * len(content))].tobytes())
        try:
            found = PointFile(file, "own/it").read()
        except ConfigError as error:
            refused += 1
            assert str(error).startswith("own/it: ")
            assert str(error).isprintable()
        else:
            assert np.isfinite(found).all()
    assert refused > 30


def test_a_link_out_of_the_folder_is_refused(own: Path, tmp_path: Path) -> None:
    write(tmp_path / "outside.csv", GOOD)
    (own / "mine.csv").symlink_to(tmp_path / "outside.csv")
    assert "a link that leads out of the folder" in refusal(tmp_path, points())
    (own / "loop.csv").symlink_to("loop.csv")
    assert "there is no such file" in refusal(tmp_path, points("loop.csv"))
    write(own / "inside.csv", GOOD)
    (own / "link.csv").symlink_to("inside.csv")
    points("link.csv").check_source(tmp_path)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../mine.csv", "a/../../b.csv", "C:\\mine.csv", "", "a\nb.csv", "a\0b"]
)
def test_paths_out_of_the_folder_are_refused(path: str) -> None:
    with pytest.raises(ValidationError, match=r"relative to the folder own/|at least 1 character"):
        points(path)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"columns": None}, "either columns"),
        ({"columns": [0, 1], "point_shape": [2]}, "either columns"),
        ({"columns": []}, "at least 1 item"),
        ({"columns": ["x", "x"]}, "named twice"),
        ({"window": [1.0, 0.0, 0.0, 1.0]}, "x_min < x_max"),
        ({"columns": [0]}, "window: for points of two coordinates"),
        ({"modes": {"centres": [[0.0]], "std": 1.0}}, "every centre must have 2 coordinates"),
        ({"modes": {"centres": [[0.0, 0.0]], "std": 0.0}}, "greater than 0"),
        ({"modes": {"centres": [[0.0, 0.0]], "std": 1.0, "weights": [0.5, 0.5]}}, "2 given for 1 modes"),
        ({"modes": {"centres": [[0.0, 0.0]], "std": 1.0, "weights": [0.5]}}, "must sum to 1"),
        ({"test_share": 1.0}, "less than 1"),
        ({"n_test": 19}, "greater than or equal to 20"),
    ],
)
def test_bad_fields_are_refused(changes: dict[str, object], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        points(**changes)


def test_without_a_window_points_of_the_plane_get_one_suggested(own: Path, tmp_path: Path) -> None:
    write(own / "mine.csv", GOOD)  # x from 0 to 49.5, y from 0.25 to 49.75
    line = refusal(tmp_path, points(window=None))
    assert line == "points of the plane are drawn: add window: [-2.5, 52.0, -2.2, 52.2]"
    with pytest.raises(NotImplementedError, match="without a window"):
        _ = points(window=None).extent
    assert points().extent == tuple(WINDOW)


def test_known_modes_are_those_of_a_mixture_and_nothing_can_be_drawn() -> None:
    dataset = points(modes={"centres": [[0.0, 1.0], [2.0, 3.0]], "std": 0.5})
    np.testing.assert_array_equal(dataset.centres, [[0.0, 1.0], [2.0, 3.0]])
    np.testing.assert_array_equal(dataset.mode_weights, [0.5, 0.5])
    assert (dataset.mode_std, dataset.from_files, dataset.has_density, dataset.has_quantile) == (
        0.5,
        True,
        False,
        False,
    )
    assert (points().centres, points().mode_weights, points().mode_std) == (None, None, None)
    with pytest.raises(NotImplementedError, match="no further points"):
        dataset.sample(3, np.random.default_rng(0))
