"""Videos that cannot be used: damaged files and wrong formats give a one-line error before anything is trained."""

import re
import sys

import numpy as np
import pytest
from footage import FRAMES, film, folder, source, street
from pydantic import ValidationError

from modescope.params.config import ConfigError


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


def refused(dataset, project):
    """The one-line error before anything is trained."""

    def use():
        dataset.check_source(project)
        dataset.sets("clip", project)

    with pytest.raises(ConfigError) as caught:
        use()
    line = str(caught.value)
    assert line.startswith(dataset.label + ": ")
    assert "\n" not in line
    assert ";" in line
    return line


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"lane,car\n" * 500, "not a video"),
        (bytes(20_000), "not a video"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nclip.mkv\n#EXT-X-ENDLIST\n", "not a video"),
        (b"ffconcat version 1.0\nfile clip.mkv\n", "not a video"),
    ],
)
def test_a_file_that_is_no_video(project, content, says):
    film(folder(project) / "clip.mkv", street(10))  # what the playlists point to
    (project / "footage" / "bad.mp4").write_bytes(content)
    assert says in refused(source("bad.mp4"), project)


def test_nothing_there(project):
    assert "there is no such file" in refused(source("gone.mp4"), project)
    (project / "footage" / "pictures").mkdir()
    assert "not a file" in refused(source("pictures"), project)


def test_sound_alone(project):
    import av

    with av.open(str(folder(project) / "song.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8_000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 8_000), np.int16), format="s16", layout="mono")
        sound.sample_rate = 8_000
        container.mux(stream.encode(sound))
    assert "it has no video stream" in refused(source("song.wav"), project)


@pytest.mark.parametrize("name", ["cut.mkv", "cut.avi", "cut.mp4"])
def test_a_cut_file_is_used_only_when_asked(project, name):
    options = {"movflags": "faststart"} if name.endswith("mp4") else {}
    path = film(folder(project) / name, street(), "ffv1" if name.endswith("mkv") else "mpeg4", **options)
    path.write_bytes(path.read_bytes()[: int(0.8 * path.stat().st_size)])
    assert re.search(
        r"the file has [\d,]+ of the [\d,]+ bytes that it announces; .*truncated: true", refused(source(name), project)
    )
    sets = source(name, truncated=True).sets("clip", project)
    assert 50 < len(sets["train"]) + len(sets["test"]) < FRAMES


def test_zeros_in_the_middle_are_used_only_when_asked(project):
    path = film(folder(project) / "holes.mp4", street(noise=9.0), "mpeg4")
    content = bytearray(path.read_bytes())
    third = len(content) // 3
    content[third : third + 2_000] = bytes(2_000)
    path.write_bytes(content)
    assert "truncated: true" in refused(source("holes.mp4"), project)
    sets = source("holes.mp4", truncated=True).sets("clip", project)
    assert 40 <= len(sets["train"]) + len(sets["test"]) < FRAMES


def test_a_zeroed_header(project):
    path = film(folder(project) / "head.mkv", street(20))
    path.write_bytes(bytes(400) + path.read_bytes()[400:])
    assert "not a video" in refused(source("head.mkv"), project)


@pytest.mark.parametrize("crop", [{"x": 40, "width": 16, "height": 16}, {"y": 30, "width": 8, "height": 16}])
def test_a_crop_outside_the_picture(filmed, crop):
    assert "outside the picture of 48 x 40" in refused(source("clip.mkv", crop=crop), filmed)


@pytest.mark.parametrize(
    ("events", "fields", "says"),
    [
        ((), {}, "no event found"),
        ((), {"threshold": 0.5}, "no event found: no residual exceeds 0.500"),
        (((10, 16), (40, 46)), {"threshold": 1e-4, "exposure": False}, "no empty frame found"),
        (((40, 46),), {}, "only one event found"),
    ],
)
def test_no_events(project, events, fields, says):
    film(folder(project) / "quiet.mkv", street(events=events, noise=2.0))
    assert says in refused(source("quiet.mkv", **fields), project)


def test_too_few_frames(filmed):
    assert "only 18 frames kept" in refused(source("clip.mkv", period=0.5), filmed)
    assert "20 are needed" in refused(source("clip.mkv", test_share=0.01, period=0.2), filmed)


def test_an_enormous_picture_is_refused_before_it_is_decoded(filmed, monkeypatch):
    from modescope.datasets import video

    monkeypatch.setattr(video, "MOST_PIXELS", 48 * 40 - 1)
    assert "a picture of 48 x 40 pixels; at most 1,919" in refused(source("clip.mkv"), filmed)


def test_a_link_out_of_the_folder(project, filmed):
    (project / "footage" / "away.mkv").symlink_to(filmed / "footage" / "clip.mkv")
    assert "a link that leads out" in refused(source("away.mkv"), project)
    (project / "footage" / "loop.mkv").symlink_to("loop.mkv")
    assert "there is no such file" in refused(source("loop.mkv"), project)


@pytest.mark.parametrize("path", ["/etc/clip.mp4", "../clip.mp4", "a/../../b.mp4", "", ".", "https://x/a.mp4", "a\nb"])
def test_a_path_out_of_the_folder(path):
    with pytest.raises(ValidationError, match=r"must be relative|at least 1 character"):
        source(path)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"size": 7}, "greater than or equal to 8"),
        ({"size": 129}, "less than or equal to 128"),
        ({"period": 0.0}, "greater than or equal to 0.001"),
        ({"test_share": 1.0}, "less than 1"),
        ({"cells": {"a": [8, 0, 9, 4]}}, "does not lie in 16 x 16"),
        ({"cells": {"a": [0, 0, 4, 4]}, "events": False}, "needs events: true"),
        ({"crop": {"width": 0, "height": 3}}, "greater than or equal to 1"),
        ({"n_test": 19}, "greater than or equal to 20"),
    ],
)
def test_bad_fields(fields, says):
    with pytest.raises(ValidationError, match=says):
        source("clip.mkv", **fields)


def test_without_pyav_one_line_says_so(filmed, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ConfigError, match=r"PyAV, which is not installed: pip install"):
        source("clip.mkv").check_source(filmed)


def test_the_check_of_all_parameters_opens_the_file(filmed):
    from tiny import settings

    from modescope.plan.check import check

    street = {"kind": "video", "path": "clip.mkv", "size": 16, "period": 0.2}
    content = {
        "effort": 1.0,
        "evaluation": {},
        "datasets": {"blob": {"kind": "gaussian"}, "street": street},
        "metrics": {},
        "experiments": {"tiny": settings()},
        "studies": {"latent": {"title": "Latent"}},
    }
    check(content, filmed)
    street["path"] = "gone.mkv"
    with pytest.raises(ConfigError, match=r"^datasets\.street: footage/gone\.mkv: there is no such file; put it"):
        check(content, filmed)
