"""Films as recorders and editors leave them: the frames of their plain twin, or one line that names the cause."""

import struct

import av
import numpy as np
import pytest
from footage import FRAMES, film, folder, source, street

from modescope.datasets.common import films
from modescope.datasets.common.clock import Due
from modescope.params.config import ConfigError


@pytest.fixture
def project(tmp_path):
    folder(tmp_path)
    return tmp_path


def kept(name, project, **fields):
    return np.stack(list(source(name, **fields).frames(project / "footage" / name)))


def refusal(name, project, **fields):
    dataset = source(name, **fields)
    with pytest.raises(ConfigError) as caught:
        list(dataset.frames(project / "footage" / name))
    line = str(caught.value)
    assert "\n" not in line
    return line.removeprefix(f"footage/{name}: ")


def written(path, frames, codec="png", prepare=lambda stream: None, frame_is=lambda frame: None, first=0, **options):
    """A film of these frames at 10 a second; `prepare` changes the stream, `frame_is` every frame."""
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=10)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = {"ffv1": "bgr0", "png": "rgb24"}.get(codec, "yuv420p")
        prepare(stream)
        for index, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=stream.pix_fmt)
            frame.pts = first + index
            frame_is(frame)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


SQUARE = {"crop": {"x": 0, "y": 0, "width": 40, "height": 40}, "size": 40}


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_film_is_shown_as_its_upright_twin(project, degrees, mirrored):
    frames = street(2, events=((0, 2),))[:, :, :40]
    frames[:, :5, :9] = 7  # a corner, so that every turn differs
    written(folder(project) / "a.mov", frames, prepare=lambda s: s.set_display_rotation(degrees, hflip=mirrored))
    upright = np.rot90(frames, degrees // 90, axes=(1, 2))
    upright = upright[:, :, ::-1] if mirrored else upright
    np.testing.assert_array_equal(kept("a.mov", project, **SQUARE), upright.transpose(0, 3, 1, 2))


def test_a_film_at_a_slant_is_refused(project):
    written(folder(project) / "a.mov", street(2), prepare=lambda stream: stream.set_display_rotation(30))
    assert refusal("a.mov", project) == "the picture is to be shown at a slant; turn it upright"


def test_a_still_scene_is_the_same_interlaced(project):
    frames = np.broadcast_to(np.linspace(40, 200, 40).round().astype(np.uint8)[None, :, None, None], (3, 40, 48, 3))

    def woven(stream):
        stream.codec_context.flags |= 1 << 29 | 1 << 18  # interlaced motion estimation and transform
        stream.bit_rate = 4_000_000

    written(folder(project) / "plain.mkv", frames, "mpeg2video", lambda stream: setattr(stream, "bit_rate", 4_000_000))
    written(folder(project) / "woven.mkv", frames, "mpeg2video", woven)
    with av.open(str(project / "footage" / "woven.mkv")) as container:
        assert next(container.decode(video=0)).interlaced_frame
    plain, still = (kept(f"{name}.mkv", project, **SQUARE).astype(int) for name in ("plain", "woven"))
    assert np.abs(plain - still)[:, :, :-1].max() <= 2  # the last line, of the lower field, has none below it


def test_an_interlaced_frame_shows_one_instant(project):
    frames = np.full((3, 40, 48, 3), 40, np.uint8)
    frames[:, 1::2] = 200  # the lower field, of another instant

    def woven(stream):
        stream.codec_context.flags |= 1 << 29 | 1 << 18
        stream.bit_rate = 8_000_000

    written(folder(project) / "woven.mkv", frames, "mpeg2video", woven)
    assert np.abs(kept("woven.mkv", project, **SQUARE).astype(int) - 40).max() <= 8


def test_matroska_without_any_length(project):
    film(folder(project) / "plain.mkv", street(30))
    film(folder(project) / "live.mkv", street(30), live="1")
    np.testing.assert_array_equal(kept("live.mkv", project), kept("plain.mkv", project))


def with_sound(path, n, seconds, **options):
    """A film of n frames at 10 a second beside this many seconds of silence."""
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.height, stream.width, stream.pix_fmt = 40, 48, "bgr0"
        sound = container.add_stream("pcm_s16le", rate=8_000)
        for index, pixels in enumerate(street(n)):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="bgr0")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 8_000 * seconds), np.int16), format="s16", layout="mono")
        silence.sample_rate = 8_000
        container.mux(sound.encode(silence))
        container.mux(sound.encode(None))
    return path


def test_sound_may_last_longer_than_the_picture(project):
    path = with_sound(folder(project) / "long.mkv", 20, 9)
    path.write_bytes(path.read_bytes().replace(b"DURATION", b"DURATIOX"))  # so that only the whole states its length
    film(folder(project) / "plain.mkv", street(20))
    np.testing.assert_array_equal(kept("long.mkv", project), kept("plain.mkv", project))


def test_a_length_that_cannot_be_read_is_ignored(project):
    path = film(folder(project) / "odd.mkv", street(20))
    path.write_bytes(path.read_bytes().replace(b"00:00:02.000000000", b"about two seconds."))
    assert len(kept("odd.mkv", project)) == 20


def test_a_title_that_is_no_text_is_no_error(project):
    path = film(folder(project) / "odd.mkv", street(20))
    path.write_bytes(path.read_bytes().replace(b"Lavf", b"\xff\xfe\xff\xfe"))
    assert len(kept("odd.mkv", project)) == 20


def test_a_format_without_a_decoder_is_refused(project):
    path = film(folder(project) / "odd.mkv", street(20))
    path.write_bytes(path.read_bytes().replace(b"V_FFV1", b"V_XYZ1"))
    assert refusal("odd.mkv", project).startswith("its pictures have a format that PyAV does not know; convert it")


def test_an_edit_list_says_which_frames_are_shown(project):
    frames = street(40, events=())
    frames += 3 * np.arange(40, dtype=np.uint8)[:, None, None, None]
    path = written(folder(project) / "a.mov", frames, first=5)  # an empty edit, then all frames
    content = bytearray(path.read_bytes())
    place = content.index(b"elst") + 8
    edits = struct.unpack_from(">I", content, place)[0]
    assert edits == 2
    scale = struct.unpack_from(">I", content, content.index(b"mvhd") + 16)[0]
    struct.pack_into(">Ii", content, place + 4 + 12, 2 * scale, 10 * ticks(path))  # two seconds from the second on
    path.write_bytes(content)
    found = kept("a.mov", project)[:, 0, 8, 8].astype(int)
    np.testing.assert_array_equal(found - found[0], 3 * np.arange(20))
    assert found[0] - street(1)[0][20, 24, 0] == pytest.approx(30, abs=3)


def ticks(path):
    """Units of the stream's time a frame."""
    with av.open(str(path)) as container:
        return round(1 / container.streams.video[0].time_base / 10)


def cut(path, target, leave_out):
    """A copy of the film without its first packets."""
    with av.open(str(path)) as old, av.open(str(target), "w") as new:
        stream = old.streams.video[0]
        copy = new.add_stream_from_template(stream)
        for number, packet in enumerate(old.demux(stream)):
            if packet.dts is not None and number >= leave_out:
                packet.stream = copy
                new.mux(packet)


@pytest.mark.parametrize("codec", ["mpeg4", "libx264", "mpeg2video", "ffv1"])
def test_frames_before_the_first_key_frame_are_not_made_up(project, codec):
    path = written(folder(project) / "a.mkv", street(40), codec, lambda s: setattr(s.codec_context, "gop_size", 10))
    cut(path, project / "footage" / "b.mkv", 5)
    line = refusal("b.mkv", project)
    assert line.startswith("it begins within a scene, without the key frame that its frames build on; ")
    whole, found = kept("a.mkv", project), kept("b.mkv", project, truncated=True)
    np.testing.assert_array_equal(found, whole[-len(found) :])
    assert 25 <= len(found) <= 30


def test_one_frame_is_too_few(project):
    for name, codec in (("one.mov", "png"), ("one.mkv", "ffv1")):
        written(folder(project) / name, street(1), codec)
        with pytest.raises(ConfigError, match=r"only 1 frame kept; train and test need 20 each; lower `period`"):
            source(name).check_source(project)


def test_a_film_without_frames(project):
    written(folder(project) / "none.mkv", street(1)[:0].reshape(0, 40, 48, 3), "ffv1")
    with pytest.raises(ConfigError, match=r"footage/none\.mkv: "):
        source("none.mkv").check_source(project)


def test_a_cover_is_no_film(project):
    path = folder(project) / "song.mp4"
    with_sound_and_cover(path)
    assert refusal("song.mp4", project) == "it has no video stream but a cover picture; name a video file"


def with_sound_and_cover(path):
    with av.open(str(path), "w") as container:
        sound, cover = container.add_stream("aac", rate=8_000), container.add_stream("png", rate=1)
        cover.height, cover.width, cover.pix_fmt = 40, 48, "rgb24"
        cover.disposition = av.stream.Disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame.from_ndarray(street(1)[0], format="rgb24")))
        container.mux(cover.encode(None))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 8_000), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 8_000
        container.mux(sound.encode(silence))
        container.mux(sound.encode(None))


def test_a_file_that_grows_while_it_is_read(project):
    path = film(folder(project) / "live.mkv", street(30), live="1")
    frames = source("live.mkv", truncated=True).frames(path)
    next(frames)
    with path.open("ab") as file:
        file.write(bytes(100))
    with pytest.raises(ConfigError, match="the file changed while it was read; wait until it is complete"):
        list(frames)


def test_the_last_frame_may_last_as_long_as_any_other(project):
    times = [*range(20), 30, 60]
    film(folder(project) / "slides.mkv", street(22), times=times)
    path = project / "footage" / "slides.mkv"
    path.write_bytes(path.read_bytes().replace(b"00:00:06.100000000", b"00:00:09.000000000"))
    assert len(kept("slides.mkv", project)) == 22
    path.write_bytes(path.read_bytes().replace(b"00:00:09.000000000", b"00:00:19.000000000"))
    assert "the file ends at" in refusal("slides.mkv", project)


def test_a_film_that_would_need_much_memory_is_refused_by_its_stated_length(project, monkeypatch):
    from modescope.datasets.common import footage

    film(folder(project) / "clip.mkv", street())
    monkeypatch.setattr(footage, "memory_of_machine", lambda: 1 << 20)
    with pytest.raises(ConfigError, match=rf"{FRAMES + 1} frames of 3 x 64 x 64 values take 0\.0 GiB of memory"):
        source("clip.mkv", size=64).check_source(project)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mkv", "ffv1"), ("a.avi", "mpeg4"), ("a.mp4", "mpeg4"), ("a.mov", "png")]
)
def test_a_whole_file_has_the_bytes_that_it_announces(project, name, codec):
    path = film(folder(project) / name, street(20), codec)
    assert films.announced(path) == path.stat().st_size


def test_bytes_that_announce_nothing(tmp_path):
    for content in (
        b"",
        b"RIFF\xff\xff\xff\xff",
        b"\x1aE\xdf\xa3",
        b"\x1aE\xdf\xa3\x18\x53\x80\x67\x01" + b"\xff" * 7,
        bytes(99),
    ):
        (tmp_path / "a").write_bytes(content)
        assert films.announced(tmp_path / "a") == 0
    (tmp_path / "a").write_bytes(struct.pack(">I4sQ", 1, b"mdat", 1 << 40))
    assert films.announced(tmp_path / "a") == 1 << 40


def test_what_is_due():
    due = Due(0.5)
    assert [due(time) for time in (3.0, 3.1, 3.5, 3.6, 4.7, 4.9, 5.0)] == [True, False, True, False, True, False, True]
