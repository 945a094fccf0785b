"""Clips written by the tests: which frames are read, and how they become train and test sets."""

import subprocess
import sys

import numpy as np
import pytest
from footage import EVENTS, FRAMES, film, folder, source, street


@pytest.fixture
def project(tmp_path):
    folder(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def filmed(tmp_path_factory):
    """A project with the street as clip.mkv, lossless; read-only."""
    project = tmp_path_factory.mktemp("filmed")
    film(folder(project) / "clip.mkv", street())
    return project


def kept(dataset, project):
    return np.stack(list(dataset.frames(project / "footage" / dataset.path)))


def test_frames_are_what_was_filmed(filmed):
    crop = {"x": 16, "y": 12, "width": 16, "height": 16}
    frames = kept(source("clip.mkv", crop=crop), filmed)
    assert frames.dtype == np.uint8
    np.testing.assert_array_equal(frames, street()[:, 12:28, 16:32].transpose(0, 3, 1, 2))


def test_a_reduced_frame_is_near_the_mean_of_its_blocks(filmed):
    frames = kept(source("clip.mkv", crop={"x": 0, "y": 0, "width": 48, "height": 40}, size=8), filmed)
    means = street().reshape(FRAMES, 8, 5, 8, 6, 3).mean(axis=(2, 4)).transpose(0, 3, 1, 2)
    assert np.abs(frames[0] - means[0])[:, :, 1:-1].max() <= 1  # a slope: the mean is its middle
    assert np.abs(frames[:, :, 1:-1, 1:-1] - means[:, :, 1:-1, 1:-1]).mean() < 2


def test_sets_are_arrays_of_the_simulators_kind(filmed):
    dataset = source("clip.mkv", cells={"left": [0, 0, 8, 16], "car": [8, 6, 3, 2]})
    sets = dataset.sets("clip", filmed)
    assert dataset.shape == (3, 16, 16)
    assert set(sets) == {"train", "test", "background", "train_label", "test_label"}
    for part in ("train", "test"):
        assert sets[part].shape == (len(sets[f"{part}_label"]), *dataset.shape)
        assert sets[part].dtype == np.float32
        assert -1 <= sets[part].min() < sets[part].max() <= 1
        assert set(sets[f"{part}_label"]) == {0, 2}  # the car fills the second cell, and little of the first
    assert len(sets["train"]) + len(sets["test"]) == FRAMES
    cars = sum((sets[f"{part}_label"] == 2).sum() for part in ("train", "test"))
    assert cars == sum(end - begin for begin, end in EVENTS)
    empty = sets["train"][sets["train_label"] == 0]
    np.testing.assert_allclose(empty, np.broadcast_to(sets["background"], empty.shape), atol=1e-6)


def test_the_split_keeps_events_whole(filmed):
    sets = source("clip.mkv", cells={"car": [8, 6, 3, 2]}).sets("clip", filmed)
    cars = [int(sets[f"{part}_label"].sum()) for part in ("train", "test")]
    assert sorted(cars) == [12, 12]  # 0.4 of 90 frames: two of four events of six frames


def test_same_seed_same_split(filmed):
    found = [source("clip.mkv", seed=seed).sets("clip", filmed)["test"].tobytes() for seed in (0, 0)]
    assert found[0] == found[1]


@pytest.mark.parametrize(("period", "step"), [(0.1, 1), (0.3, 3), (0.25, 2.5), (1.0, 10)])
def test_a_period_takes_the_first_frame_at_or_after_its_time(project, period, step):
    frames = street(60, events=())
    frames += np.arange(60, dtype=np.uint8)[:, None, None, None]  # the brightness of a frame is its number
    film(folder(project) / "counted.mkv", frames)
    taken = kept(source("counted.mkv", period=period), project)[:, 0, 8, 8]
    wanted = np.ceil(np.arange(0, 60, step) - 1e-9).astype(int)
    np.testing.assert_array_equal(taken - taken[0], wanted)


def test_the_time_of_a_frame_counts_and_not_its_number(project):
    frames = street(60, events=())
    frames += np.arange(60, dtype=np.uint8)[:, None, None, None]
    times = [*range(30), *range(30, 150, 4)]  # the second half at a quarter of the rate
    film(folder(project) / "variable.mkv", frames, times=times)
    taken = kept(source("variable.mkv", period=1.0), project)[:, 0, 8, 8]
    wanted = [next(i for i, t in enumerate(times) if t >= due) for due in range(0, 147, 10)]
    np.testing.assert_array_equal(taken - taken[0], wanted)


def test_reading_stops_after_max_frames(filmed):
    sets = source("clip.mkv", max_frames=60, test_share=0.5).sets("clip", filmed)
    assert len(sets["train"]) + len(sets["test"]) == 60


def test_at_most_n_train_and_n_test_at_even_distances(filmed):
    sets = source("clip.mkv", n_train=25, n_test=20, cells={"car": [8, 6, 3, 2]}).sets("clip", filmed)
    assert (len(sets["train"]), len(sets["test"])) == (25, 20)
    assert all(0 < sets[f"{part}_label"].sum() < len(sets[part]) for part in ("train", "test"))


def test_grey(filmed):
    dataset = source("clip.mkv", grey=True)
    assert dataset.shape == dataset.sets("clip", filmed)["train"].shape[1:] == (1, 16, 16)


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "mpeg4"), ("a.mp4", "libx264"), ("a.avi", "mjpeg")])
def test_lossy_containers_give_the_same_events(project, name, codec):
    film(folder(project) / name, street(noise=2.0), codec)
    sets = source(name, cells={"car": [8, 6, 3, 2]}).sets("clip", project)
    assert sum(sets[f"{part}_label"].sum() for part in ("train", "test")) == 24


def test_a_clip_held_upright_is_turned(project):
    """Phones store a picture on its side, and a matrix in the track header that rotates it."""
    frames = street(4, events=())
    path = film(folder(project) / "turned.mov", frames, "png")
    one = (1 << 16).to_bytes(4, "big")
    unit = one + bytes(12) + one + bytes(12) + (1 << 30).to_bytes(4, "big")
    quarter = bytes(4) + one + bytes(4) + (-(1 << 16)).to_bytes(4, "big", signed=True) + bytes(16) + unit[-4:]
    head, track = path.read_bytes().split(b"tkhd")
    path.write_bytes(head + b"tkhd" + track.replace(unit, quarter, 1))
    turned = kept(source("turned.mov", crop={"x": 0, "y": 0, "width": 40, "height": 40}, size=40), project)[0]
    np.testing.assert_array_equal(turned, np.rot90(frames[0], -1)[:40].transpose(2, 0, 1))  # clockwise


def test_footage_cannot_be_drawn_afresh():
    dataset = source("clip.mkv")
    assert dataset.from_files
    with pytest.raises(NotImplementedError, match=r"footage/clip\.mkv is footage"):
        dataset.sample(3, np.random.default_rng(0))


def test_datasets_of_other_kinds_do_not_import_pyav():
    code = "import sys; from modescope import datasets; datasets.build({'kind': 'video', 'path': 'a'}); "
    subprocess.run([sys.executable, "-c", code + "sys.exit('av' in sys.modules)"], check=True)


def test_the_stage_writes_pixels_as_float32_and_labels_as_integers(filmed, tmp_path, monkeypatch):
    from pathlib import Path

    from tiny import settings

    from modescope.params.config import Params
    from modescope.plan import pages
    from modescope.store.artifacts import read_npz

    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "stages"))
    import dataset as stage

    video = {"kind": "video", "path": "clip.mkv", "size": 16, "period": 0.1, "cells": {"car": [8, 6, 3, 2]}}
    content = {
        "effort": 1.0,
        "evaluation": {},
        "datasets": {"street": video, "blob": {"kind": "gaussian", "n_train": 30, "n_test": 20}},
        "metrics": {},
        "experiments": {"tiny": settings()},
        "studies": {"latent": {"title": "Latent"}},
    }
    pages.write(tmp_path / "plan", pages.pages(Params.model_validate(content), filmed))
    for name in ("street", "blob"):
        stage.main(name, tmp_path, filmed)
    written = read_npz(tmp_path / "data" / "street.npz")
    assert {name: array.dtype.name for name, array in written.items()} == {
        **dict.fromkeys(("train", "test", "background"), "float32"),
        **dict.fromkeys(("train_label", "test_label"), "int64"),
    }
    assert read_npz(tmp_path / "data" / "blob.npz")["train"].dtype == np.float32
    sys.modules.pop("dataset")
