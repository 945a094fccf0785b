"""When the frames of a video are shown: which are due, one per period, and how much of the stated length is missing."""

from __future__ import annotations

from math import inf
from types import ModuleType
from typing import TYPE_CHECKING, Any

from modescope.datasets.common import films

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

INSTANT = 1e-6  # seconds; less than the gap between any two frames
USUAL = 0.04  # seconds between frames where the file states no rate


class Due:
    """Whether a frame is the first at or after its time: the first frame, and then one per period."""

    def __init__(self, period: float) -> None:
        self._period, self._first, self._next = period, 0.0, -inf

    def __call__(self, time: float) -> bool:
        """Of the frame shown at this time, in seconds; to be asked once of every frame, in their order."""
        if self._next == -inf:
            self._first = time
        if time - self._first < self._next - INSTANT:
            return False
        self._next = (int((time - self._first + INSTANT) / self._period) + 1) * self._period
        return True


class Clock:
    """The times of the frames of a video stream, in seconds.

    Attributes:
        time: when the last frame so far is shown; None before the first
        stated: length as stated in the file; 0 if it is not
        alone: whether that is the length of this stream, and not of the longest of the file
    """

    def __init__(self, av: ModuleType, container: InputContainer, stream: VideoStream) -> None:
        self.stream = stream
        self.stated, self.alone = films.seconds(av, container, stream)
        self.time: float | None = None
        self._interval = float(1 / stream.average_rate) if stream.average_rate else USUAL
        self._number = 0
        self._begin, self._end, self._gap = inf, -inf, 0.0

    def shown(self, frame: VideoFrame) -> float:
        """When this frame, the next one, is shown."""
        time = frame.time if frame.time is not None else self._number * self._interval
        self._number += 1
        if self.time is not None:
            self._gap = max(self._gap, time - self.time)
        self.time = time
        lasts = float(frame.duration * frame.time_base) if frame.duration and frame.time_base else 0.0
        self._reach(time, time + max(lasts, self._interval))
        return time

    def heard(self, packet: Packet[Any]) -> None:
        """Take the time of a packet of another stream into account."""
        if packet.pts is not None:
            begin, lasts = packet.pts * packet.time_base, (packet.duration or 0) * packet.time_base
            self._reach(float(begin), float(begin + lasts))

    @property
    def missing(self) -> float:
        """Seconds of the stated length that hold nothing; the last frame may be shown as long as any other."""
        return self.stated - (self._end - self._begin) - self._gap

    def _reach(self, begin: float, end: float) -> None:
        self._begin, self._end = min(self._begin, begin), max(self._end, end)
