"""Stacked MNIST from small files in the format of the real ones: where they lie, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from idx_files import write, write_mnist
from pydantic import ValidationError

from modescope import datasets
from modescope.datasets.common.stacks import Stacks
from modescope.datasets.stacked_mnist import StackedMnist
from modescope.params.config import ConfigError

NAMES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
HEAVY = [0.37, *[0.07] * 9]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


def refusal(project: Path, dataset: StackedMnist) -> str:
    with pytest.raises(ConfigError) as caught:
        dataset.check_source(project)
    line = str(caught.value)
    assert line.startswith(f"own/{dataset.path}/")
    assert "\n" not in line
    return line.removeprefix(f"own/{dataset.path}/")


def test_defaults_are_stacks_of_28_pixels():
    dataset = datasets.build({"kind": "stacked_mnist"})
    assert isinstance(dataset, Stacks)
    assert (dataset.shape, dataset.n_train, dataset.n_test) == ((3, 28, 28), 20_000, 10_000)
    assert dataset.from_files
    with pytest.raises(NotImplementedError, match="own/mnist: no new stacks"):
        dataset.sample(1, np.random.default_rng(0))


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_the_files_are_stacked_by_part(own: Path, tmp_path: Path, suffix: str):
    arrays = write_mnist(own / "mnist", suffix)
    dataset = StackedMnist(n_train=400, n_test=200)
    dataset.check_source(tmp_path)
    assert dataset.sources(tmp_path) == {
        f"own/mnist/{name}{suffix}": own / "mnist" / f"{name}{suffix}" for name in NAMES
    }
    sets = dataset.sets("mnist", tmp_path)
    for part, prefix, n in (("train", "train", 400), ("test", "t10k", 200)):
        images, labels = arrays[f"{prefix}-images-idx3-ubyte"], arrays[f"{prefix}-labels-idx1-ubyte"]
        np.testing.assert_allclose(sets[f"pictures_{part}"], images / 127.5 - 1, atol=1e-6)
        np.testing.assert_array_equal(sets[f"labels_{part}"], labels)
        assert sets[part].shape == (n, 3, 28, 28)
        assert sets[part].dtype == np.float32
        assert (sets[part].min(), sets[part].max()) == (-1, 1)
        singles = {picture.tobytes() for picture in sets[part].reshape(-1, 28, 28)}
        assert singles == {picture.tobytes() for picture in sets[f"pictures_{part}"]}


def test_the_margin_is_background(own: Path, tmp_path: Path):
    write_mnist(own / "mnist")
    small, large = (StackedMnist(n_train=20, n_test=20, size=size).sets("mnist", tmp_path) for size in (28, 32))
    for part in ("train", "test", "pictures_train", "pictures_test"):
        np.testing.assert_array_equal(large[part][..., 2:30, 2:30], small[part])
        outside = np.ones((32, 32), bool)
        outside[2:30, 2:30] = False
        assert np.all(large[part][..., outside] == -1)
    assert StackedMnist(size=32).shape == (3, 32, 32)


def test_the_seed_draws_other_stacks_of_the_same_pictures(own: Path, tmp_path: Path):
    write_mnist(own / "digits" / "mnist")
    first, again, other = (
        StackedMnist(path="digits/mnist", n_train=50, n_test=20, seed=seed).sets("mnist", tmp_path)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first["train"], again["train"])
    assert not np.array_equal(first["train"], other["train"])
    np.testing.assert_array_equal(first["pictures_train"], other["pictures_train"])


def test_weights_are_those_of_the_digits(own: Path, tmp_path: Path):
    arrays = write_mnist(own / "mnist")
    images, labels = arrays["train-images-idx3-ubyte"], arrays["train-labels-idx1-ubyte"]
    dataset = StackedMnist(n_train=3000, digit_weights=HEAVY)
    known = {(p / np.float32(127.5) - 1).astype(np.float32).tobytes(): k for p, k in zip(images, labels, strict=True)}
    digits = [known[picture.tobytes()] for picture in dataset.sets("mnist", tmp_path)["train"].reshape(-1, 28, 28)]
    assert np.mean(np.array(digits) == 0) == pytest.approx(0.37, abs=4 * np.sqrt(0.37 * 0.63 / 9000))


def test_a_plain_file_is_preferred_and_forms_may_be_mixed(own: Path, tmp_path: Path):
    write_mnist(own / "mnist")
    (own / "mnist" / f"{NAMES[0]}.gz").write_bytes(b"not read")
    StackedMnist().check_source(tmp_path)
    (own / "mnist" / NAMES[0]).unlink()
    assert refusal(tmp_path, StackedMnist()).startswith(f"{NAMES[0]}.gz: not the IDX file that belongs here")


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(own: Path, tmp_path: Path, name: str):
    write_mnist(own / "mnist")
    (own / "mnist" / name).unlink()
    assert refusal(tmp_path, StackedMnist()).startswith(f"{name}: there is no such file; put it into the folder own/")


@pytest.mark.parametrize(
    ("name", "array", "line"),
    [
        (NAMES[0], np.zeros((30, 28, 27)), f"{NAMES[0]}: pictures of 28 x 27 pixels; allowed: 28 x 28"),
        (NAMES[2], np.zeros((20, 32, 32)), f"{NAMES[2]}: pictures of 32 x 32 pixels; allowed: 28 x 28"),
        (NAMES[0], np.zeros(30), f"{NAMES[0]}: not the IDX file that belongs here: it begins with 0x00000801"),
        (
            NAMES[1],
            np.zeros((30, 28, 28)),
            f"{NAMES[1]}: not the IDX file that belongs here: it begins with 0x00000803",
        ),
        (
            NAMES[1],
            np.arange(29) % 10,
            f"{NAMES[1]}: 29 labels for the 30 pictures of own/mnist/{NAMES[0]}; allowed: one a picture",
        ),
        (NAMES[3], np.arange(20) % 11, f"{NAMES[3]}: label 10 (from 0) is 10; allowed: 0 to 9"),
        (NAMES[3], np.arange(20) % 8, f"{NAMES[3]}: no picture of 8, 9; every digit needs one, to be stacked"),
    ],
)
def test_files_that_do_not_fit_are_refused(own: Path, tmp_path: Path, name: str, array: np.ndarray, line: str):
    write_mnist(own / "mnist")
    write(own / "mnist" / name, array)
    assert refusal(tmp_path, StackedMnist()).startswith(line)


def test_a_truncated_file_is_refused_before_and_in_the_stage(own: Path, tmp_path: Path):
    write_mnist(own / "mnist")
    file = own / "mnist" / NAMES[2]
    file.write_bytes(file.read_bytes()[:-100])
    wrong = f"{NAMES[2]}: the header announces 20 x 28 x 28 bytes, the file has 15,580 bytes; copy it again"
    assert refusal(tmp_path, StackedMnist()) == wrong
    with pytest.raises(ConfigError, match="the file has 15,580 bytes"):
        StackedMnist().sets("mnist", tmp_path)


def test_a_link_out_of_the_folder_is_refused(own: Path, tmp_path: Path):
    write_mnist(own / "mnist")
    (own / "mnist" / NAMES[1]).rename(tmp_path / "outside")
    (own / "mnist" / NAMES[1]).symlink_to(tmp_path / "outside")
    assert "a link that leads out of the folder" in refusal(tmp_path, StackedMnist())
    with pytest.raises(ConfigError, match="a link that leads out of the folder"):
        StackedMnist().sources(tmp_path)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"path": "/data/mnist"}, "relative to the folder own/"),
        ({"path": "../mnist"}, "relative to the folder own/"),
        ({"path": "."}, "relative to the folder own/"),
        ({"path": ""}, "at least 1 character"),
        ({"size": 30}, "28 or 32"),
        ({"digit_weights": [0.2] * 10}, "must sum to 1"),
    ],
)
def test_bad_fields_are_refused(bad: dict[str, object], why: str):
    with pytest.raises(ValidationError, match=why):
        StackedMnist(**bad)
