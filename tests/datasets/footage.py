"""A small synthetic street: its frames, clips in several containers, and damaged files."""

from pathlib import Path

import av
import numpy as np

from modescope import datasets

EVENTS = ((10, 16), (30, 36), (50, 56), (70, 76))  # first frame with a car, first without
FRAMES, WIDTH, HEIGHT, RATE = 90, 48, 40, 10


def street(n=FRAMES, events=EVENTS, noise=0.0):
    """(n, HEIGHT, WIDTH, 3) uint8: a grey slope; in an event a white car of 12 x 8 pixels at x 20, y 16."""
    slope = np.linspace(60, 120, WIDTH)[None, :, None] + np.zeros((HEIGHT, 1, 3))
    frames = np.repeat(slope[None], n, axis=0) + np.random.default_rng(0).normal(0, noise, (n, HEIGHT, WIDTH, 3))
    for begin, end in events:
        frames[begin:end, 16:24, 20:32] = 250
    return frames.clip(0, 255).astype(np.uint8)


def film(path, frames, codec="ffv1", rate=RATE, times=None, **options):
    """Write the frames as a video; ffv1 in .mkv and png in .mov are lossless. `times` are in frames."""
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = {"ffv1": "bgr0", "png": "rgb24", "mjpeg": "yuvj420p"}.get(codec, "yuv420p")
        if codec == "mpeg4":
            stream.bit_rate = 4_000_000
        for index, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = index if times is None else times[index]
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def source(path, kind="video", **fields):
    """A dataset of that file in footage/, by default with the size and period of the frames above."""
    given = {"kind": kind, "path": path, "size": 16, "period": 0.1 if kind == "video" else 1}
    return datasets.build(given | {"test_share": 0.4} | fields)


def folder(project: Path) -> Path:
    """The project's footage/."""
    path = project / "footage"
    path.mkdir(exist_ok=True)
    return path
