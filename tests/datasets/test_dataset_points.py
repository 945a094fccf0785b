"""The user's own points: every format gives the same split, and a one-line error for an invalid entry."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from modescope import datasets
from modescope.datasets.points import Points
from modescope.params.config import ConfigError

WINDOW = [-9.0, 99.0, -9.0, 99.0]
TABLE = np.arange(200.0).reshape(100, 2) / 4  # all points differ


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


def test_what_the_file_says_is_wrong_comes_with_its_name(own: Path, tmp_path: Path) -> None:
    write(own / "mine.csv", lines(TABLE) + "1.0,nan\n")
    assert refusal(tmp_path, points()) == "row 101, column 1: 'nan'; allowed: finite numbers"
    assert refusal(tmp_path, points("gone.csv")) == (
        "there is no such file; put it into the folder own/, or correct `path` (git ignores it: `dvc add` and a commit "
        "bring it to other worktrees)"
    )
    write(own / "few.csv", lines(TABLE[:50]))
    assert refusal(tmp_path, points("few.csv")) == (
        "50 points with test_share 0.3 leave 35 to train and 15 to test; 20 of each are needed"
    )


def test_a_link_out_of_the_folder_is_refused(own: Path, tmp_path: Path) -> None:
    write(tmp_path / "outside.csv", lines(TABLE))
    (own / "mine.csv").symlink_to(tmp_path / "outside.csv")
    assert "a link that leads out of the folder" in refusal(tmp_path, points())
    (own / "loop.csv").symlink_to("loop.csv")
    assert "there is no such file" in refusal(tmp_path, points("loop.csv"))
    write(own / "inside.csv", lines(TABLE))
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
        ({"columns": [0]}, "window: only for points with two coordinates"),
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
    write(own / "mine.csv", lines(TABLE))  # x from 0 to 49.5, y from 0.25 to 49.75
    line = refusal(tmp_path, points(window=None))
    assert line == "points in the plane are plotted; add window: [-2.5, 52.0, -2.2, 52.2]"
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
    with pytest.raises(NotImplementedError, match="no new points"):
        dataset.sample(3, np.random.default_rng(0))


def cached(content: bytes, name: str, tmp_path: Path) -> Path:
    """A file in a DVC cache somewhere else, under this hash."""
    file = tmp_path / "elsewhere" / "files" / "md5" / name[:2] / name[2:]
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return file


def test_a_link_into_a_cache_is_followed_where_the_name_is_the_hash_of_the_content(own: Path, tmp_path: Path) -> None:
    content = lines(TABLE).encode()
    name = hashlib.md5(content, usedforsecurity=False).hexdigest()
    (own / "mine.csv").symlink_to(cached(content, name, tmp_path))
    points().check_source(tmp_path)
    (own / "forged.csv").symlink_to(cached(content, "0" * 32, tmp_path))
    assert "a link that leads out of the folder" in refusal(tmp_path, points("forged.csv"))
