"""What a video file says of itself, and its frames as players show them: upright, and of one instant."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.filter import Graph
    from av.video.stream import VideoStream

Pixels = NDArray[np.uint8]  # (height, width, 3)
IDENTITY = (1, 0, 0, 1)
SQUARE = 0.01  # of the larger entry of a display matrix; a smaller one is taken for zero
UNKNOWN = (1 << 32) - 1  # size of an AVI file that was written without seeking
SEGMENT = b"\x18\x53\x80\x67"  # the Matroska element that holds all others
BOXES = {b"ftyp", b"moov", b"mdat", b"moof", b"free", b"skip", b"wide", b"uuid", b"sidx", b"styp", b"mfra", b"meta"}


def announced(path: Path) -> int:
    """Bytes that the file should have by its own account, 0 if it does not say; for MP4, MOV, Matroska and AVI."""
    with path.open("rb") as file:
        head = file.read(256)
        if head[:4] == b"RIFF":
            size = int.from_bytes(head[4:8], "little")
            return 0 if size == UNKNOWN else 8 + size
        if head[:4] == b"\x1aE\xdf\xa3":
            return _matroska(head)
        return max(_boxes(file, path.stat().st_size), default=0)


def seconds(av: ModuleType, container: InputContainer, stream: VideoStream) -> tuple[float, bool]:
    """Length as stated in the file, in seconds, 0 if it is not; and whether it is that of this stream alone."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base), True
    stated = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)\0*", stream.metadata.get("DURATION", ""))  # Matroska
    if stated:
        hours, minutes, rest = stated.groups()
        return 3600 * int(hours) + 60 * int(minutes) + float(rest), True
    return float((container.duration or 0) / av.time_base), len(container.streams) == 1


def picture(av: ModuleType, frame: VideoFrame) -> Image.Image:
    """The frame in colour, upright. Raises ValueError if it is to be shown at a slant."""
    pixels: Any = _one_field(av, frame) if frame.interlaced_frame else frame.to_ndarray(format="rgb24")
    return Image.fromarray(np.ascontiguousarray(turned(pixels, *_matrix(frame))))


def turned(pixels: Pixels, a: float, b: float, c: float, d: float) -> Pixels:
    """Pixels (height, width, 3) as a display matrix shows them: x' = a x + c y, y' = b x + d y, with y downwards.

    Raises ValueError unless the matrix turns by right angles or mirrors.
    """
    most = max(abs(a), abs(b), abs(c), abs(d))
    small = [abs(value) <= SQUARE * most for value in (a, b, c, d)]
    if small == [True, False, False, True]:
        pixels, across, down = pixels.swapaxes(0, 1), c, b
    elif small == [False, True, True, False]:
        across, down = a, d
    else:
        raise ValueError("is to be shown at a slant")
    return pixels[:: 1 if down > 0 else -1, :: 1 if across > 0 else -1]


def _matrix(frame: VideoFrame) -> tuple[int, int, int, int]:
    found: Any = frame.side_data.get("DISPLAYMATRIX")
    if found is None:
        return IDENTITY
    a, b, _, c, d = struct.unpack("=5i", bytes(found)[:20])
    return a, b, c, d


def _one_field(av: ModuleType, frame: VideoFrame) -> Pixels:
    """The upper field of an interlaced frame: the lines between are those of another instant, so they are averaged."""
    graph: Graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or av.time_base
        ),
        graph.add("field", "type=top"),
        graph.add("buffersink"),
    ).configure()
    graph.push(frame)
    field: Any = graph.pull()
    lines: Pixels = field.to_ndarray(format="rgb24")
    woven = np.empty((frame.height, *lines.shape[1:]), np.uint8)
    woven[::2] = lines
    below = np.concatenate([lines[1:], lines[-1:]])[: frame.height // 2]
    woven[1::2] = (lines[: frame.height // 2].astype(np.uint16) + below + 1) // 2
    return woven


def _matroska(head: bytes) -> int:
    """The end of the segment, whose size is a number of 1 to 8 bytes; all ones if it was written without seeking."""
    place = head.find(SEGMENT) + len(SEGMENT)
    if place < len(SEGMENT) or place >= len(head) or not head[place]:
        return 0
    length = 9 - head[place].bit_length()
    size = int.from_bytes(head[place : place + length], "big") & ((1 << 7 * length) - 1)
    return 0 if size == (1 << 7 * length) - 1 else place + length + size


def _boxes(file: BinaryIO, size: int) -> Iterator[int]:
    """The ends of the boxes of an MP4 or MOV file, as far as they are of known types."""
    place = 0
    while place < size:
        file.seek(place)
        head = file.read(16)
        if len(head) < 8 or head[4:8] not in BOXES:
            return
        length = int.from_bytes(head[:4], "big")
        if length == 1:  # the length follows in eight bytes
            length = int.from_bytes(head[8:], "big")
        if length < 8:  # 0: to the end of the file
            return
        place += length
        yield place
