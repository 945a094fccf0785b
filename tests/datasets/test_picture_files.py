"""One picture file: the same pixels whatever its format, depth and orientation, or one refusal by name."""

import io
import os
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from modescope.datasets.common import pictures
from modescope.datasets.common.pictures import DamagedError, PictureError

# 6 x 4 pixels with one bright corner, so that every turn of them differs.
PIXELS = np.add.outer(10 * np.arange(4), 30 * np.arange(6))[..., None] + np.array([0, 5, 11])
PIXELS = np.where(np.arange(6)[None, :, None] + np.arange(4)[:, None, None] == 0, 255, PIXELS).astype(np.uint8)
GREY = PIXELS[..., 0]


def read(file, backdrop=None, mode="RGB"):
    return np.asarray(pictures.decoded(file, backdrop).convert(mode))


def opened(file, backdrop=None):
    return pictures.size(file), pictures.decoded(file, backdrop)


def refusal(file, backdrop=None):
    with pytest.raises(PictureError) as caught:
        opened(file, backdrop)
    return f"{caught.value.wrong}; {caught.value.mend}"


@pytest.mark.parametrize("suffix", ["png", "tiff", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations(tmp_path, suffix, orientation):
    # The stored picture is the upright one under the inverse of what the orientation asks for (EXIF 2.3, tag 0x0112).
    stored = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: lambda a: np.rot90(a, -1),
    }[orientation](PIXELS)
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = tmp_path / f"turned.{suffix}"
    options = {"lossless": True, "exact": True} if suffix == "webp" else {}
    Image.fromarray(np.ascontiguousarray(stored)).save(file, exif=exif, **options)
    assert pictures.size(file) == (6, 4)
    np.testing.assert_array_equal(read(file), PIXELS)


def test_an_orientation_that_is_none_is_ignored(tmp_path):
    for value in (0, 9):
        exif = Image.Exif()
        exif[0x0112] = value
        Image.fromarray(PIXELS).save(tmp_path / "odd.png", exif=exif)
        assert pictures.size(tmp_path / "odd.png") == (6, 4)
        np.testing.assert_array_equal(read(tmp_path / "odd.png"), PIXELS)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_are_as_their_twin_of_eight(tmp_path, suffix):
    values = np.random.default_rng(0).integers(0, 1 << 16, (30, 40), dtype=np.uint16)
    Image.fromarray(values).save(tmp_path / f"deep.{suffix}")
    np.testing.assert_array_equal(read(tmp_path / f"deep.{suffix}", mode="L"), np.floor(values / 257 + 0.5))


def test_the_bytes_of_a_number_of_sixteen_bits_may_stand_in_either_order(tmp_path):
    for order, mark in (("<", b"II"), (">", b"MM")):
        (tmp_path / "a.tif").write_bytes(tiff(GREY.astype(np.uint16) * 257, order, mark, photometric=1, bits=16))
        np.testing.assert_array_equal(read(tmp_path / "a.tif", mode="L"), GREY)


def test_white_may_be_zero(tmp_path):
    (tmp_path / "a.tif").write_bytes(tiff(65535 - GREY.astype(np.uint16) * 257, "<", b"II", photometric=0, bits=16))
    np.testing.assert_array_equal(read(tmp_path / "a.tif", mode="L"), GREY)


def tiff(values, order, mark, photometric, bits):
    """An uncompressed TIFF file with one strip of these whole numbers (height, width)."""
    content = values.astype(f"{order}u2").tobytes()
    height, width = values.shape
    tags = [(256, width), (257, height), (258, bits), (259, 1), (262, photometric), (273, 8), (277, 1), (278, height)]
    tags += [(279, len(content))]
    entries = b"".join(struct.pack(f"{order}HHII", tag, 4, 1, value) for tag, value in tags)
    head = mark + struct.pack(f"{order}HI", 42, 8 + len(content))
    return head + content + struct.pack(f"{order}H", len(tags)) + entries + bytes(4)


def png(values, colour, bits, *chunks):
    """A PNG file of values (height, width, channels) of that many bits, with further chunks before the pixels."""
    rows = values.astype(">u2" if bits == 16 else np.uint8)
    lines = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    head = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], bits, colour, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", lines), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def test_colours_of_sixteen_bits(tmp_path):
    (tmp_path / "a.png").write_bytes(png(PIXELS.astype(int) * 257, 2, 16))
    np.testing.assert_array_equal(read(tmp_path / "a.png"), PIXELS)


def test_a_transparent_value_of_sixteen_bits_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(png(GREY[..., None].astype(int) * 257, 0, 16, (b"tRNS", b"\0\0")))
    assert refusal(tmp_path / "a.png") == "has transparent pixels of 16 bits; convert it to 8 bits a channel"


@pytest.mark.parametrize(
    ("suffix", "mode"), [("png", "RGB"), ("bmp", "RGB"), ("dib", "RGB"), ("tif", "RGB"), ("gif", "P"), ("png", "P")]
)
def test_lossless_formats_have_the_same_pixels(tmp_path, suffix, mode):
    image = Image.fromarray(PIXELS)
    # 24 colours fit a palette without loss
    (image if mode == "RGB" else image.quantize(24, dither=Image.Dither.NONE)).save(tmp_path / f"a.{suffix}")
    found = read(tmp_path / f"a.{suffix}").astype(int)
    assert np.abs(found - PIXELS).max() <= (0 if mode == "RGB" else 4)


def test_inks_become_colours(tmp_path):
    # red, green and blue are what cyan, magenta and yellow, and then black, leave: (255 - ink) (255 - black) / 255
    inks = np.random.default_rng(0).integers(0, 256, (4, 6, 4), dtype=np.uint8)
    Image.frombytes("CMYK", (6, 4), inks.tobytes()).save(tmp_path / "a.tif")
    left = (255 - inks.astype(float)) / 255
    assert np.abs(read(tmp_path / "a.tif") - 255 * left[..., :3] * left[..., 3:]).max() <= 1
    Image.frombytes("CMYK", (6, 4), np.broadcast_to(inks[:1, :1], (4, 6, 4)).tobytes()).save(tmp_path / "a.jfif")
    assert np.abs(read(tmp_path / "a.jfif") - 255 * left[0, 0, :3] * left[0, 0, 3]).max() <= 3  # JPEG is lossy


def test_transparent_pixels_need_a_backdrop(tmp_path):
    alpha = np.full((4, 6, 1), 255, np.uint8)
    file = tmp_path / "a.png"
    Image.fromarray(np.concatenate([PIXELS, alpha], axis=2)).save(file)
    np.testing.assert_array_equal(read(file), PIXELS)  # none is transparent
    alpha[:, :3], alpha[:, 3] = 0, 51
    Image.fromarray(np.concatenate([PIXELS, alpha], axis=2)).save(file)
    assert refusal(file).startswith("has transparent pixels; set backdrop: white or backdrop: black")
    for backdrop, value in (("black", 0), ("white", 255)):
        expected = PIXELS.astype(float)
        expected[:, :3] = value
        expected[:, 3] = 0.2 * PIXELS[:, 3] + 0.8 * value
        assert np.abs(read(file, backdrop) - expected).max() <= 1


def test_a_transparent_colour_of_a_palette_needs_a_backdrop(tmp_path):
    palette = Image.fromarray((GREY > 100).astype(np.uint8), "P")
    palette.putpalette([200, 0, 0, 0, 100, 0])
    palette.save(tmp_path / "a.png", transparency=0)
    assert "has transparent pixels" in refusal(tmp_path / "a.png")
    expected = np.where((GREY > 100)[..., None], [0, 100, 0], 255)
    np.testing.assert_array_equal(read(tmp_path / "a.png", "white"), expected)


def test_a_picture_that_moves_is_refused(tmp_path):
    still = [Image.fromarray(PIXELS), Image.fromarray(255 - PIXELS)]
    for suffix in ("gif", "png", "webp", "tiff"):
        still[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=still[1:])
        assert refusal(tmp_path / f"a.{suffix}").startswith("holds more than one picture; save each as a file")
    still[0].save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=still[1:])  # as telephones write
    assert np.abs(read(tmp_path / "a.jpg").astype(int) - PIXELS).mean() < 25


def test_values_without_a_fixed_white_are_refused(tmp_path):
    for dtype, says in ((np.float32, "floating-point numbers"), (np.int32, "integers of 32 bits or with a sign")):
        Image.fromarray(GREY.astype(dtype)).save(tmp_path / "a.tiff")
        assert refusal(tmp_path / "a.tiff") == f"has pixels that are {says}; convert it to 8 bits a channel"


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"\0\0\0\x18ftypheic", "is not a picture of these types but a HEIC picture"),
        (b"\0\0\0\x18ftypisom", "is not a picture of these types but a video"),
        (b"%PDF-1.7", "is not a picture of these types but a PDF document"),
        (b"\xff\xd8\xff\xe0", "is a damaged JPEG picture"),
        (b"<html>", "is not a picture"),
        (b"", "is not a picture"),
    ],
)
def test_a_suffix_that_lies(tmp_path, head, says):
    (tmp_path / "a.png").write_bytes(head + bytes(300))
    assert refusal(tmp_path / "a.png").split(";")[0] == says
    Image.fromarray(PIXELS).save(tmp_path / "a.jpg", "PNG")
    np.testing.assert_array_equal(read(tmp_path / "a.jpg"), PIXELS)


def test_a_text_that_is_a_bomb_is_not_unpacked(tmp_path):
    (tmp_path / "a.png").write_bytes(png(PIXELS, 2, 8, (b"zTXt", b"a\0\0" + zlib.compress(bytes(2_000_000)))))
    assert PngImagePlugin.MAX_TEXT_CHUNK < 2_000_000
    assert "is damaged (Decompressed data too large" in refusal(tmp_path / "a.png")


def test_libtiff_writes_no_lines_of_its_own(tmp_path, capfd):
    file = tmp_path / "a.tiff"
    Image.fromarray(np.tile(PIXELS, (9, 9, 1))).save(file, compression="tiff_lzw")
    content = bytearray(file.read_bytes())
    content[20:60] = bytes(range(200, 240))
    file.write_bytes(content)
    assert refusal(file).startswith("is damaged (")
    assert capfd.readouterr().err == ""
    os.write(2, b"and afterwards stderr is as before")
    assert capfd.readouterr().err == "and afterwards stderr is as before"


def encoded(suffix):
    stream = io.BytesIO()
    Image.fromarray(PIXELS).save(stream, suffix)
    return stream.getvalue()


WHOLE = {suffix: encoded(suffix) for suffix in ("bmp", "gif", "jpeg", "png", "tiff", "webp")}


@given(
    whole=st.sampled_from(sorted(WHOLE)),
    changes=st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=8)), max_size=6),
    cut=st.integers(0, 400),
)
def test_any_bytes_are_a_picture_or_refused(whole, changes, cut, tmp_path_factory):
    content = bytearray(WHOLE[whole])
    for place, new in changes:
        content[place : place + len(new)] = new
    file = tmp_path_factory.getbasetemp() / f"any.{whole}"
    file.write_bytes(content[: max(0, len(content) - cut)] if cut % 2 else content)
    try:
        found, error = opened(file, "white"), None
    except PictureError as refused:
        found, error = None, refused
    if error is None:
        assert found[1].convert("RGB").size == found[0]
    else:
        assert error.wrong.isprintable()
        assert isinstance(error, DamagedError) or "pixels" in error.wrong or "more than one" in error.wrong
