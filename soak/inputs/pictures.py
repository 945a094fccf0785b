"""Pictures and films as people have them."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from soak.case import Case

PARAMS = """\
effort: 0.01
evaluation: {{samples: 20, floor_repeats: 2}}
datasets:
  plain: {{kind: gaussian, n_train: 20, n_test: 20}}
  mine: {entry}
metrics: {{moments: {{}}}}
studies: {{latent: {{title: Latent}}}}
experiments:
  one:
    study: latent
    dataset: plain
    variant: gan
    seeds: 1
    steps: 10
    latent_dim: 2
    discriminator_batch: 8
    generator_batch: 8
    networks: {{generator: {{hidden: [4]}}, discriminator: {{hidden: [4]}}}}
    optimizers: {{generator: {{learning_rate: 0.01}}, discriminator: {{learning_rate: 0.01}}}}
samplers: {{}}
classifiers: {{}}
"""
FOLDER = "{kind: images, path: mine, size: 16, events: false, exposure: false%s}"
FILM = "{kind: video, path: %s, size: 16, period: 0.1%s}"
N = 40
HUGE = 36_000  # pixels a side; squared, more than 10^9
Fill = Callable[[Path], object]


def check(entry: str, fill: Fill) -> Callable[[Path], Sequence[str]]:
    """`check` of a dataset `entry`, after `fill` has put files into the folder footage/."""

    def make(folder: Path) -> Sequence[str]:
        (folder / "footage").mkdir()
        (folder / "own").mkdir()
        fill(folder / "footage")
        (folder / "params.yaml").write_text(PARAMS.format(entry=entry), encoding="utf-8")
        return ["check", "params.yaml"]

    return make


def pixels(number: int = 0) -> Any:
    """(24, 32, 3) uint8: a slope, brighter with the number."""
    return np.broadcast_to((np.arange(32) * 5 + number)[None, :, None], (24, 32, 3)).astype(np.uint8)


def folder(
    last: Callable[[Path], object] | None = None,
    suffix: str = "png",
    save: Callable[[Any, Path], object] = lambda values, file: Image.fromarray(values).save(file),
    settings: str = "",
) -> Callable[[Path], Sequence[str]]:
    """`check` of a folder of forty pictures, to which `last` may add."""

    def fill(footage: Path) -> None:
        (footage / "mine").mkdir()
        for number in range(N):
            save(pixels(number), footage / "mine" / f"{number}.{suffix}")
        if last is not None:
            last(footage / "mine")

    return check(FOLDER % settings, fill)


def one(name: str, content: bytes) -> Fill:
    """One more file of the folder."""
    return lambda place: (place / name).write_bytes(content)


def claims(width: int, height: int) -> bytes:
    """The header of a PNG file of that size, without pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + bytes(4) + b"IDAT"
    )


def classes(place: Path) -> None:
    """The pictures of the folder, sorted into two subfolders."""
    for number, file in enumerate(sorted(place.iterdir())):
        (place / ("cats", "dogs")[number % 2]).mkdir(exist_ok=True)
        file.rename(place / ("cats", "dogs")[number % 2] / file.name)


def animated(place: Path) -> None:
    """A GIF of two pictures."""
    first, second = (Image.fromarray(pixels(number)) for number in (0, 90))
    first.save(place / "moves.gif", save_all=True, append_images=[second])


def turned(values: Any, file: Path) -> None:
    """A picture on its side that says so; every other one is upright."""
    exif = Image.Exif()
    if int(file.stem) % 2:
        exif[0x0112], values = 6, np.ascontiguousarray(np.rot90(values))
    Image.fromarray(values).save(file, exif=exif)


def see_through(values: Any, file: Path) -> None:
    """A picture whose left half is transparent."""
    alpha = np.where(np.arange(32) < 16, 0, 255).astype(np.uint8)
    Image.fromarray(np.dstack([values, np.broadcast_to(alpha, (24, 32))])).save(file)


def film(path: Path, n: int = 90, **options: str) -> Path:
    """A film of n frames, 10 a second; a bright car passes every second."""
    with av.open(str(path), "w", options=options) as container:
        stream: Any = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 48, 40, "yuv420p"
        for number in range(n):
            values = np.full((40, 48, 3), 60, np.uint8)
            values[10:20, 10:30] = 250 if number % 20 < 6 else 60
            frame = av.VideoFrame.from_ndarray(values, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def filmed(name: str, change: Callable[[Path], object] = lambda path: None, settings: str = "", **options: Any) -> Any:
    """`check` of a film, after a change to the file."""
    return check(FILM % (name, settings), lambda footage: change(film(footage / name, **options)))


def raw(width: int, height: int, n: int) -> Callable[[Path], object]:
    """A film of n black frames without compression; the file takes no space on the disk."""

    def fill(footage: Path) -> None:
        with (footage / "raw.y4m").open("wb") as file:
            file.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 Cmono\n".encode())
            for _ in range(n):
                file.write(b"FRAME\n")
                file.truncate(file.tell() + width * height)
                file.seek(0, 2)

    return fill


def shorter(path: Path) -> None:
    """Cut off the last fifth."""
    path.write_bytes(path.read_bytes()[: int(0.8 * path.stat().st_size)])


def without_its_beginning(path: Path) -> None:
    """Leave out the first five frames, the key frame among them."""
    whole = path.with_name("whole.mkv")
    path.rename(whole)
    with av.open(str(whole)) as old, av.open(str(path), "w") as new:
        copy = new.add_stream_from_template(old.streams.video[0])
        for number, packet in enumerate(old.demux(old.streams.video[0])):
            if packet.dts is not None and number >= 5:
                packet.stream = copy
                new.mux(packet)


def sound(path: Path) -> None:
    """A second of silence."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("pcm_s16le", rate=8_000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 8_000), np.int16), format="s16", layout="mono")
        silence.sample_rate = 8_000
        container.mux(stream.encode(silence))


def idx(content: bytes) -> Callable[[Path], Sequence[str]]:
    """`check` of Stacked MNIST whose first file has this content."""

    def fill(footage: Path) -> None:
        place = footage.parent / "own" / "mnist"
        place.mkdir()
        for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
            (place / f"{name}-ubyte").write_bytes(content)

    return check("{kind: stacked_mnist}", fill)


VALID = "params.yaml: valid"
BOMB = gzip.compress(b"\0\0\x08\x03" + struct.pack(">3I", 9, 28, 28) + bytes(20_000_000), mtime=0)
PLAIN = b"\x89PNG\r\n\x1a\n"
CASES = [
    Case("pictures in subfolders of classes", folder(classes), "its 2 subfolders hold pictures (cats, dogs); set sub"),
    Case("pictures in subfolders, wanted", folder(classes, settings=", subfolders: true"), VALID, False),
    Case("pictures named .jfif", folder(suffix="jfif"), VALID, False),
    Case("pictures named .TIF", folder(suffix="TIF"), VALID, False),
    Case(
        "pictures of 16 bits",
        folder(save=lambda v, f: Image.fromarray(v[..., 0] * np.uint16(257)).save(f)),
        VALID,
        False,
    ),
    Case("pictures with a palette", folder(save=lambda v, f: Image.fromarray(v).quantize(16).save(f)), VALID, False),
    Case(
        "pictures of inks", folder(None, "jpg", lambda v, f: Image.fromarray(v).convert("CMYK").save(f)), VALID, False
    ),
    Case("pictures some of which lie on their sides", folder(save=turned), VALID, False),
    Case("transparent pictures", folder(save=see_through), "0.png has transparent pixels; set backdrop: white or"),
    Case("transparent pictures before a backdrop", folder(None, "png", see_through, ", backdrop: white"), VALID, False),
    Case(
        "a telephone's HEIC among them", folder(one("a.heic", b"\0\0\0\x18ftypheic")), "a.heic is a picture of a type"
    ),
    Case("a HEIC under the name of a JPEG", folder(one("a.jpg", b"\0\0\0\x18ftypheic")), "but a HEIC picture"),
    Case("an animated GIF among them", folder(animated), "moves.gif holds more than one picture"),
    Case("a picture without a suffix among them", folder(one("a", PLAIN)), "a is a PNG picture without a suffix"),
    Case("a text under the name of a picture", folder(one("a.png", b"<html>not found")), "a.png is not a picture"),
    Case("an empty picture", folder(one("a.png", b"")), "a.png is not a picture"),
    Case("a picture cut off in its header", folder(one("a.png", claims(32, 24)[:20])), "a.png is"),
    Case("a picture that claims 10^9 pixels", folder(one("a.png", claims(HUGE, HUGE))), "claims to have more than"),
    Case(
        "a picture that claims 10^7 pixels and has none",
        folder(one("a.png", claims(100_000, 100))),
        "a.png is damaged (image file is trunc",
    ),
    Case("a name with a line break", folder(one("a\nb.png", b"")), "a\\nb.png is not a picture"),
    Case("a link out of footage/", folder(lambda at: (at / "a.png").symlink_to("/etc/hostname")), "leads out of the"),
    Case("a link to nothing", folder(lambda at: (at / "a.png").symlink_to("gone")), "a.png is no file, or a link to"),
    Case(
        "a folder linked to another", folder(lambda at: (at / "sub").symlink_to("/usr")), "the subfolder sub is a link"
    ),
    Case("a folder that is not there", check(FOLDER % "", lambda at: None), "footage/mine: there is no such file"),
    Case("a folder of too few pictures", folder(settings=", period: 9"), "only 5 frames kept; train and test need 20"),
    Case("`..` out of footage/", check(FILM % ("a/../../etc/passwd", ""), lambda at: None), "no `..`"),
    Case("a path with an escape", check(FILM % ('"a\\e[31m.mp4"', ""), lambda at: None), "other control characters"),
    Case("a film", filmed("film.mp4"), VALID, False),
    Case("a film without content", check(FILM % ("film.mp4", ""), one("film.mp4", b"")), "the file is empty"),
    Case("a film of one frame", filmed("film.mp4", n=1), "only 1 frame kept; train and test need 20 each"),
    Case(
        "a film cut off", filmed("film.mkv", shorter), "bytes that it announces; copy it again, or set truncated: true"
    ),
    Case("a film cut off, wanted", filmed("film.mkv", shorter, ", truncated: true"), VALID, False),
    Case("a film without a length", filmed("film.mkv", live="1"), VALID, False),
    Case("a film from within a scene", filmed("film.mkv", without_its_beginning), "it begins within a scene, without"),
    Case(
        "sound alone", check(FILM % ("a.wav", ""), lambda at: sound(at / "a.wav")), "it has no video stream but sound"
    ),
    Case("a playlist", check(FILM % ("a.m3u8", ""), one("a.m3u8", b"#EXTM3U\n/etc/passwd\n")), "not a video, or its"),
    Case("a film of 4K", check(FILM % ("raw.y4m", ""), raw(3840, 2160, 45)), VALID, False),
    Case("a film of 16K", check(FILM % ("raw.y4m", ""), raw(15_360, 8_640, 1)), "a picture of 15360 x 8640 pixels; at"),
    Case("a film of 32K", check(FILM % ("raw.y4m", ""), raw(30_720, 17_280, 1)), "not a video, or its beginning"),
    Case(
        "a film of 12K", check(FILM % ("raw.y4m", ""), raw(9_000, 5_000, 1)), "a picture of 9000 x 5000 pixels; at most"
    ),
    Case("an idx file of other bytes", idx(b"<html>not found"), "it begins with 0x3c68746d"),
    Case(
        "an idx file that claims 10^28 bytes", idx(b"\0\0\x08\x03" + b"\xff" * 12), "the header announces 4,294,967,295"
    ),
    Case("an idx file with a gzip bomb", idx(BOMB), "the header announces 9 x 28 x 28 bytes, the file has more"),
]
