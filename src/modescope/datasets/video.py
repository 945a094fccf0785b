"""Frames of a video file, one per period, decoded by PyAV (extra `video` of the package)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from modescope.datasets.common import films
from modescope.datasets.common.clock import Clock, Due
from modescope.datasets.common.footage import FEWEST, Footage, Frames
from modescope.params.config import ConfigError

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

# A playlist may name other files and addresses; with no protocol allowed, only the bytes of this one are read.
OPTIONS = {"protocol_whitelist": "none"}
MOST_PIXELS = 8192 * 4352  # 8K; a decoder keeps up to 16 frames, so this bounds its memory
PROBED_PIXELS = 1 << 27  # 16K; opening a file decodes a frame of it, and not even that of larger ones
MISSING_SHARE, MISSING_SECONDS = 0.02, 0.5  # of the stated length, that may be missing at the end of a good file


class Video(Footage):
    """One frame every `period` seconds of the first video stream of a file."""

    kind: Literal["video"] = "video"
    period: float = Field(1.0, ge=0.001, le=86_400, description="seconds between frames, at least those of the video")

    def frames(self, source: Path) -> Iterator[Frames]:
        """See `Footage.frames`; memory does not grow with the length of the file."""
        with self._opened(source) as (av, container, stream):
            yield from self._sampled(av, container, stream)

    def at_most(self, source: Path) -> int:
        """See `Footage.at_most`: by the stated length; where that is short or not stated, by the times in the file."""
        with self._opened(source) as (av, container, stream):
            stated, _ = films.seconds(av, container, stream)
            most = int(stated / self.period) + 1
            if most >= 2 * FEWEST or not stated:
                return most if stated else self.max_frames
            shown = [packet for packet in container.demux(stream) if packet.size and not packet.is_discard]
            times = [float(packet.pts * packet.time_base) for packet in shown if packet.pts is not None]
            due = Due(self.period)
            return sum(map(due, sorted(times))) if len(times) == len(shown) else len(shown)

    @contextmanager
    def _opened(self, source: Path) -> Iterator[tuple[ModuleType, InputContainer, VideoStream]]:
        """PyAV, the open file and its picture. Raises ConfigError also if the file changes before it is closed."""
        av = _pyav()
        if not source.is_file():
            raise self.refused("not a file", "name a video file; `kind: images` reads a folder")
        try:
            before, announced = source.stat(), films.announced(source)
            if before.st_size == 0:
                raise self.refused("the file is empty", "copy it again")
            if before.st_size < announced and not self.truncated:
                raise self._damaged(f"the file has {before.st_size:,} of the {announced:,} bytes that it announces")
            with source.open("rb") as file:
                try:
                    limits = OPTIONS | {"max_pixels": str(PROBED_PIXELS)}
                    container = av.open(file, options=limits, metadata_errors="replace")
                except av.FFmpegError as error:
                    raise self._unreadable(error) from None
                with container:
                    yield av, container, self._stream(av, container)
                if (before.st_size, before.st_mtime_ns) != (source.stat().st_size, source.stat().st_mtime_ns):
                    raise self.refused("the file changed while it was read", "wait until it is complete")
        except OSError as error:
            raise self.refused(f"cannot be read: {error.strerror or error}", "copy it again") from None

    def _stream(self, av: ModuleType, container: InputContainer) -> VideoStream:
        """The first video stream that is no cover of a song, with a picture of a size that is read."""
        cover = av.stream.Disposition.attached_pic
        found = [stream for stream in container.streams.video if not stream.disposition & cover]
        if not found:
            has = (
                "but a cover picture"
                if container.streams.video
                else "but sound"
                if container.streams.audio
                else "in it"
            )
            raise self.refused(f"it has no video stream {has}", "name a video file")
        stream: VideoStream = found[0]
        codec: Any = stream.codec_context  # None for a format without a decoder
        if codec is None:
            raise self.refused("its pictures have a format that PyAV does not know", "convert it to MP4 with H.264")
        width, height = codec.width or 0, codec.height or 0
        if not width * height:
            raise self.refused(f"its pictures have no size, or more than {PROBED_PIXELS:,} pixels", "make them smaller")
        self.small_enough(width, height, MOST_PIXELS)
        codec.options = {"max_pixels": str(MOST_PIXELS)}  # should the size change within the file
        return stream

    def _sampled(self, av: ModuleType, container: InputContainer, stream: VideoStream) -> Iterator[Frames]:
        size: tuple[int, int] | None = None
        clock, due = Clock(av, container, stream), Due(self.period)
        for frame in self._decoded(av, container, clock):
            time = clock.shown(frame)
            if not due(time):
                continue
            size = size or (frame.width, frame.height)
            if size != (frame.width, frame.height):
                raise self.refused(
                    f"the size changes from {size[0]} x {size[1]} to {frame.width} x {frame.height} at {time:.1f} s",
                    "split the file there",
                )
            try:
                upright = films.picture(av, frame)
            except ValueError as error:
                raise self.refused(f"the picture {error}", "turn it upright") from None
            yield self.reduced(upright)
        if clock.time is None:
            raise self.refused("no frame can be decoded", "use a file that plays")
        if not self.truncated and clock.missing > max(MISSING_SECONDS, MISSING_SHARE * clock.stated):
            raise self._damaged(f"the file ends at {clock.stated - clock.missing:.1f} s of {clock.stated:.1f} s")

    def _decoded(self, av: ModuleType, container: InputContainer, clock: Clock) -> Iterator[VideoFrame]:
        """Every undamaged frame. Raises ConfigError for a damaged one, or skips it if `truncated`."""
        # Where only the whole file states its length, that may be the length of the sound.
        packets: Iterator[Any] = container.demux(clock.stream) if clock.alone else container.demux()
        started = False  # with a key frame, without which the frames after it cannot be decoded
        packet: Any = None
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                if packet.stream.index != clock.stream.index:
                    clock.heard(packet)
                    continue
                if packet.is_corrupt and not self.truncated:
                    raise self._damaged("a part of the file is damaged")
                if packet.size and not started:
                    started = packet.is_keyframe
                    if not started and not self.truncated:
                        raise self._damaged("it begins within a scene, without the key frame that its frames build on")
                decoded = packet.decode() if started or not packet.size else []
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


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _pyav() -> ModuleType:
    """PyAV. Raises ConfigError if it is not installed."""
    try:
        import av
    except ImportError:
        raise ConfigError("kind: video needs PyAV, which is not installed: pip install 'modescope[video]'") from None
    return av
