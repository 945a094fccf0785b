"""The store of finished trainings: keyed by all that determines them, whole or not there, kept until dropped."""

import errno
import json

import pytest

from modescope.store import hashing, results
from modescope.store.results import Results

FILES = {"samples.npz": b"points", "history.csv": b"losses", "run.json": b"{}"}


@pytest.fixture
def root(tmp_path):
    """A root with the files that an identity is made of."""
    for name, content in {"plan/train/one": {"steps": 3}, "digests/training_code": {"a.py": "1"}}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "blob.npz").write_bytes(b"data")
    return tmp_path


@pytest.fixture
def store(tmp_path):
    return Results(tmp_path)


def fill(store, key, files=FILES):
    with store.writing(key) as folder:
        for name, content in files.items():
            (folder / name).write_bytes(content)


def key(root, variant="gan"):
    return results.key(results.identity(root, "one", "blob", variant))


def test_a_key_changes_with_everything_that_the_result_depends_on(root, monkeypatch):
    found = [key(root), key(root, "lsgan")]
    for path in ("plan/train/one.json", "digests/training_code.json", "data/blob.npz"):
        before = (root / path).read_bytes()
        (root / path).write_bytes(before + b" ")
        found.append(key(root))
        (root / path).write_bytes(before)
    for variable in ("MODESCOPE_DEVICE", "MODESCOPE_TF32"):
        with monkeypatch.context() as patch:
            patch.setenv(variable, "1")
            found.append(key(root))
    with monkeypatch.context() as patch:
        patch.setattr(results.importlib.metadata, "version", lambda package: "another")
        found.append(key(root))
    assert len(set(found)) == len(found) == 8
    assert key(root) == found[0]


def test_without_a_digest_all_code_of_the_package_counts(root, monkeypatch):
    (root / "digests" / "training_code.json").unlink()
    before = key(root)
    assert before == key(root)
    monkeypatch.setattr(results, "package", lambda: "another")
    assert key(root) != before


def test_the_package_hash_covers_names_and_contents(tmp_path, monkeypatch):
    package = tmp_path / "package"
    (package / "store").mkdir(parents=True)
    monkeypatch.setattr(hashing, "__file__", str(package / "store" / "hashing.py"))
    (package / "a.py").write_text("1")
    found = [hashing.package()]
    (package / "a.py").write_text("2")
    found.append(hashing.package())
    (package / "a.py").rename(package / "b.py")
    found.append(hashing.package())
    (package / "notes.txt").write_text("no code")
    assert hashing.package() == found[-1]
    assert len(set(found)) == 3


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"plan/train/one\.json"):
        key(tmp_path)


def test_a_result_counts_once_it_is_whole(store):
    with store.writing("k") as folder:
        (folder / "run.json").write_bytes(b"{}")
        assert not store.has("k")
    assert store.has("k")


def test_a_result_that_fails_halfway_is_none(store):
    def fail():
        with store.writing("k") as folder:
            (folder / "run.json").write_bytes(b"{}")
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        fail()
    assert not store.has("k")
    assert not list(store.folder.iterdir()), "what was written takes the space that the next call needs"
    fill(store, "k")
    assert store.has("k")


@pytest.mark.parametrize("links", [True, False])
def test_deliver_puts_every_file_into_its_place_and_keeps_it(store, tmp_path, monkeypatch, links):
    def refuse(*_):
        raise OSError("no links here")

    if not links:
        monkeypatch.setattr(results.os, "link", refuse)
    fill(store, "k")
    runs, history = tmp_path / "runs" / "one", tmp_path / "history" / "one.csv"
    for _ in range(2):  # a second time replaces the files
        store.deliver("k", runs, history)
        assert {path.name: path.read_bytes() for path in runs.iterdir()} == {
            "samples.npz": b"points",
            "run.json": b"{}",
        }
        assert history.read_bytes() == b"losses"
        assert list(history.parent.iterdir()) == [history]
    assert store.has("k")


def test_a_copy_that_does_not_fit_leaves_nothing(store, tmp_path, monkeypatch):
    """Another file system, on which there is no link and no space."""

    def full(source, target):
        if hasattr(target, "write"):
            target.write(b"lo")
        raise OSError(errno.ENOSPC, "No space left on device")

    fill(store, "k")
    monkeypatch.setattr(results.os, "link", full)
    monkeypatch.setattr(results.shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space") as raised:
        store.deliver("k", tmp_path / "runs", tmp_path / "history.csv")
    assert raised.value.filename == str(tmp_path / "history.csv")
    assert not (tmp_path / "history.csv").exists()
    assert not list(tmp_path.glob(".*.part"))


def test_keep_drops_the_others_and_clear_drops_all(store):
    for name in "abc":
        fill(store, name)
    store.keep({"a", "c", "never made"})
    assert [store.has(name) for name in "abc"] == [True, False, True]
    store.clear()
    assert not (store.root / results.FOLDER).exists()
    store.clear()  # a second call does nothing
    store.keep(set())
