"""Folders of pictures: order, sizes, and files that are damaged, too large or not pictures."""

import struct
import zlib

import numpy as np
import pytest
from footage import FRAMES, folder, source, street
from PIL import Image

from modescope.params.config import ConfigError


@pytest.fixture
def pictures(tmp_path):
    """A project with footage/street/frame0.png ... frame89.png; frame10 is the eleventh."""
    path = folder(tmp_path) / "street"
    path.mkdir()
    for i, frame in enumerate(street()):
        Image.fromarray(frame).save(path / f"frame{i}.png")
    return tmp_path


def folder_of(project):
    return project / "footage" / "street"


def kept(dataset, project):
    return np.stack(list(dataset.frames(folder_of(project))))


def pick(**fields):
    return source("street", "images", **fields)


def refused(project, **fields):
    dataset = pick(**fields)
    with pytest.raises(ConfigError) as caught:
        dataset.sets("street", project)
    line = str(caught.value)
    assert line.startswith("footage/street: ")
    assert "\n" not in line
    assert ";" in line
    return line


def test_frames_come_in_the_order_of_their_numbers(pictures):
    crop = {"x": 16, "y": 12, "width": 16, "height": 16}
    wanted = street()[:, 12:28, 16:32].transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(kept(pick(crop=crop), pictures), wanted)
    np.testing.assert_array_equal(kept(pick(crop=crop, period=7), pictures), wanted[::7])


def test_sets_are_those_of_the_same_frames_as_a_video(pictures):
    from footage import film

    film(folder(pictures) / "clip.mkv", street())
    filmed, still = source("clip.mkv").sets("name", pictures), pick().sets("name", pictures)
    for part in ("train", "test", "background"):
        np.testing.assert_array_equal(filmed[part], still[part])


def test_pictures_without_events_are_split_at_random(tmp_path):
    path = folder(tmp_path) / "street"
    path.mkdir()
    rng = np.random.default_rng(0)
    for i in range(60):
        Image.fromarray(rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)).save(path / f"{i}.png")
    sets = pick(events=False, exposure=False).sets("faces", tmp_path)
    assert (len(sets["train"]), len(sets["test"])) == (36, 24)
    assert len(np.unique(np.concatenate([sets["train"], sets["test"]]), axis=0)) == 60


def test_other_files_are_left_out(pictures):
    for name in ("notes.txt", ".frame3.png", "model.pkl"):
        (folder_of(pictures) / name).write_bytes(b"not a picture")
    (folder_of(pictures) / "more.png").mkdir()
    (folder_of(pictures) / ".thumbnails").mkdir()
    (folder_of(pictures) / ".thumbnails" / "1.png").write_bytes(b"not a picture")
    assert len(kept(pick(), pictures)) == FRAMES


@pytest.mark.parametrize(("suffix", "mode"), [("png", "L"), ("png", "RGBA"), ("png", "P"), ("webp", "RGB")])
def test_kinds_of_pictures(pictures, suffix, mode):
    for file in folder_of(pictures).iterdir():
        with Image.open(file) as image:
            image.convert(mode).save(file.with_suffix(f".{suffix}"))
        if suffix != "png":
            file.unlink()
    assert kept(pick(), pictures).shape == (FRAMES, 3, 16, 16)
    assert kept(pick(grey=True), pictures).shape == (FRAMES, 1, 16, 16)


def test_a_telephone_held_upright(tmp_path):
    path, exif = folder(tmp_path) / "street", Image.Exif()
    path.mkdir()
    exif[0x0112] = 6  # orientation: rotate clockwise
    Image.fromarray(street(1)[0]).save(path / "a.png", exif=exif)
    (frame,) = kept(pick(crop={"x": 0, "y": 0, "width": 40, "height": 40}, size=40), tmp_path)
    np.testing.assert_array_equal(frame, np.rot90(street(1)[0], -1)[:40].transpose(2, 0, 1))


def test_mixed_sizes(pictures):
    Image.new("RGB", (10, 12)).save(folder_of(pictures) / "frame45.png")
    assert "mixed sizes: frame0.png has 48 x 40 pixels, frame45.png 10 x 12" in refused(pictures)


def test_an_empty_folder_and_none(tmp_path):
    (folder(tmp_path) / "street").mkdir()
    assert "no pictures in the folder" in refused(tmp_path)
    (folder(tmp_path) / "street").rmdir()
    assert "there is no such file" in refused(tmp_path)
    (folder(tmp_path) / "street").write_text("a file")
    assert "not a folder" in refused(tmp_path)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda content: b"", "frame45.png is not a picture"),
        (lambda content: bytes(len(content)), "frame45.png is not a picture"),
        (lambda content: b"\x80\x04\x95pickled", "frame45.png is not a picture"),
        (lambda content: content[: len(content) // 2], "frame45.png is damaged"),
    ],
)
def test_a_damaged_picture_is_left_out_only_when_asked(pictures, damage, says):
    file = folder_of(pictures) / "frame45.png"
    file.write_bytes(damage(file.read_bytes()))
    assert says in refused(pictures)
    assert len(kept(pick(truncated=True), pictures)) == FRAMES - 1


@pytest.mark.parametrize("side", [9_500, 60_000])
def test_a_picture_that_claims_to_be_enormous_is_refused_by_its_header(pictures, side):
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    (folder_of(pictures) / "frame45.png").write_bytes(bomb + struct.pack(">I", 0) + b"IDAT")
    with pytest.raises(ConfigError, match=r"frame45\.png claims to have more than 89,478,485 pixels; make it smaller"):
        pick().check_source(pictures)


def test_a_link_out_of_the_folder(pictures):
    Image.new("RGB", (48, 40)).save(pictures / "elsewhere.png")
    (folder_of(pictures) / "frame45.png").unlink()
    (folder_of(pictures) / "frame45.png").symlink_to(pictures / "elsewhere.png")
    assert "frame45.png is a link that leads out" in refused(pictures)


def test_a_crop_outside_the_pictures(pictures):
    assert "outside the picture of 48 x 40" in refused(pictures, crop={"x": 1, "y": 0, "width": 48, "height": 40})


def test_classes_in_subfolders(tmp_path):
    for number in range(4):
        place = folder(tmp_path) / "street" / f"class{number}" / "deep"
        place.mkdir(parents=True)
        for i in (10, 9):
            Image.fromarray(street(1)[0] // (number + 1) - i).save(place / f"{i}.png")
    assert refused(tmp_path) == (
        "footage/street: its 4 subfolders hold pictures (class0, class1, class2, ...); set subfolders: true to read "
        "them too, false to leave them out, or name one of them in `path`"
    )
    frames = kept(pick(subfolders=True), tmp_path)
    assert len(frames) == 8
    brightness = frames[:, 0].mean(axis=(1, 2))
    np.testing.assert_array_equal(np.argsort(-brightness), np.arange(8))  # class by class, in each 9 before 10
    assert "no pictures in the folder" in refused(tmp_path, subfolders=False)
    Image.fromarray(street(1)[0]).save(folder_of(tmp_path) / "own.png")
    assert "its 4 subfolders hold pictures" in refused(tmp_path)
    assert len(kept(pick(subfolders=False), tmp_path)) == 1
    assert len(kept(pick(subfolders=True), tmp_path)) == 9
    (folder_of(tmp_path) / "more").symlink_to(tmp_path)
    assert "the subfolder more is a link; copy the folder itself" in refused(tmp_path, subfolders=True)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("IMG_1.HEIC", b"\0\0\0\x18ftypheic", "IMG_1.HEIC is a picture of a type that is not read; save it as PNG or"),
        ("frame", b"\x89PNG\r\n\x1a\n", "frame is a PNG picture without a suffix of one; rename it (allowed: .bmp"),
        ("a\nb\x1b[31m.png", b"", "a\\nb\\x1b[31m.png is not a picture"),
        ("latin\udce9.png", b"", "latin\\udce9.png is not a picture"),
    ],
)
def test_no_picture_is_left_out_without_a_word(pictures, name, content, says):
    (folder_of(pictures) / name).write_bytes(content)
    assert says in refused(pictures)


def test_a_link_to_nothing(pictures):
    (folder_of(pictures) / "frame90.png").symlink_to("gone.png")
    assert "frame90.png is no file, or a link to none" in refused(pictures)


def test_too_few_pictures_are_refused_before_one_is_opened(pictures):
    (folder_of(pictures) / "frame0.png").write_bytes(b"not a picture")
    with pytest.raises(ConfigError, match=r"only 30 frames kept; train and test need 20 each"):
        pick(period=3).check_source(pictures)
    with pytest.raises(ConfigError, match=r"only 1 frame kept"):
        pick(period=100).check_source(pictures)


def test_more_than_the_memory_holds_is_refused_with_the_figure(pictures, monkeypatch):
    from modescope.datasets.common import footage

    monkeypatch.setattr(footage, "memory_of_machine", lambda: 90 * 3 * 128 * 128 * 12 - 1)
    with pytest.raises(ConfigError, match=r"90 frames of 3 x 128 x 128 values take 0\.0 GiB of memory; this machine"):
        pick(size=128).check_source(pictures)
    pick(size=127).check_source(pictures)
