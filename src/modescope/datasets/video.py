"""Frames of a video file, one per period, decoded by PyAV (extra `video` of the package)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image
from pydantic import Field

from modescope.datasets.common.footage import Footage, Frames
from modescope.params.config import ConfigError

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

# A playlist may name other files and addresses; with no protocol allowed, only the bytes of this one are read.
OPTIONS = {"protocol_whitelist": "none"}
MISSING_SHARE, MISSING_SECONDS = 0.02, 0.5  # of the stated length, that may be missing at the end of a good file
INSTANT = 1e-6  # seconds; less than the gap between any two frames


class Video(Footage):
    """One frame every `period` seconds of the first video stream of a file."""

    kind: Literal["video"] = "video"
    period: float = Field(1.0, ge=0.001, le=86_400, description="seconds between frames, at least those of the video")

    def frames(self, source: Path) -> Iterator[Frames]:
        """See `Footage.frames`; memory does not grow with the length of the file."""
        av = _pyav()
        if not source.is_file():
            raise self.refused("not a file", "name a video file; `kind: images` reads a folder")
        if source.stat().st_size == 0:
            raise self.refused("the file is empty", "copy it again")
        with source.open("rb") as file:
            try:
                container = av.open(file, options=OPTIONS)
            except av.FFmpegError as error:
                raise self._unreadable(error) from None
            with container:
                if not container.streams.video:
                    raise self.refused("it has no video stream", "name a video file")
                yield from self._sampled(av, container, container.streams.video[0])

    def _sampled(self, av: ModuleType, container: InputContainer, stream: VideoStream) -> Iterator[Frames]:
        self.small_enough(stream.codec_context.width or 0, stream.codec_context.height or 0)
        interval = float(1 / stream.average_rate) if stream.average_rate else 0.04
        first, last, due, size = None, 0.0, 0.0, None
        for index, frame in enumerate(self._decoded(av, container, stream)):
            time = frame.time if frame.time is not None else index * interval
            first = time if first is None else first
            last = max(last, time)
            if time - first < due - INSTANT:
                continue
            due = (int((time - first + INSTANT) / self.period) + 1) * self.period
            size = size or (frame.width, frame.height)
            if size != (frame.width, frame.height):
                raise self.refused(
                    f"the size changes from {size[0]} x {size[1]} to {frame.width} x {frame.height} at {time:.1f} s",
                    "split the file there",
                )
            yield self.reduced(picture(frame))
        stated = _seconds(av, container, stream)
        if first is None:
            raise self.refused("no frame can be decoded", "use a file that plays")
        if not self.truncated and stated - (last + interval) > max(MISSING_SECONDS, MISSING_SHARE * stated):
            raise self._damaged(f"the file ends at {last + interval:.1f} s of {stated:.1f} s")

    def _decoded(self, av: ModuleType, container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
        """Every undamaged frame. Raises ConfigError for a damaged one, or skips it if `truncated`."""
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                if packet.is_corrupt and not self.truncated:
                    raise self._damaged("a part of the file is damaged")
                decoded = packet.decode()
            except av.FFmpegError as error:
                if not self.truncated:
                    raise self._damaged(f"a part of the file is damaged ({_reason(error)})") from None
                if packet is None:
                    return
                continue
            for frame in decoded:
                if not frame.is_corrupt:
                    yield frame
                elif not self.truncated:
                    raise self._damaged("a frame is damaged")

    def _damaged(self, wrong: str) -> ConfigError:
        return self.refused(wrong, "copy it again, or set truncated: true to use the frames that decode")

    def _unreadable(self, error: Exception) -> ConfigError:
        return self.refused(
            f"not a video, or its beginning or end is missing ({_reason(error)})", "use a file that plays"
        )


def picture(frame: VideoFrame) -> Image.Image:
    """The frame in colour, rotated upright."""
    upright = np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation / 90))
    return Image.fromarray(np.ascontiguousarray(upright))


def _seconds(av: ModuleType, container: InputContainer, stream: VideoStream) -> float:
    """Length of the picture as stated in the file, in seconds, or of the whole file; 0 if neither is stated."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if "DURATION" in stream.metadata:  # Matroska, as hours:minutes:seconds
        hours, minutes, seconds = stream.metadata["DURATION"].split(":")
        return 3600 * int(hours) + 60 * int(minutes) + float(seconds)
    return float((container.duration or 0) / av.time_base)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _pyav() -> ModuleType:
    """PyAV. Raises ConfigError if it is not installed."""
    try:
        import av
    except ImportError:
        raise ConfigError("kind: video needs PyAV, which is not installed: pip install 'modescope[video]'") from None
    return av
