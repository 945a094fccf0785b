"""What a frame of an animation costs: the same picture by matplotlib, and by writing into an index image."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.row import Row
from modescope.figures import animation
from modescope.figures.canvas import Panel, draw
from modescope.figures.style import theme

FRAMES, POINTS, REAL = 120, 512, 2_000


def best(work: Callable[[], object], repeats: int = 5) -> float:
    """The least processor time of some repeats, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1e3 * min(times)


def rows() -> Iterator[Row]:
    """For one panel and five: drawing alone, and drawing with the encoding as GIF; processor time."""
    rng = np.random.default_rng(0)
    points, real = rng.normal(size=(FRAMES, POINTS, 2)) / 3, rng.normal(size=(REAL, 2)) / 3
    for n in (1, 5):
        panels = [Panel((-1, 1, -1, 1), real, "" if n == 1 else "title")] * n
        with theme():
            painter = animation.Painter(draw(panels, "heading"), panels)
        frames = _drawn(painter, points, n)
        draw_ms = best(partial(_drawn, painter, points, n)) / FRAMES
        encode_ms = best(lambda frames=frames: animation.encode(iter(frames))) / FRAMES
        usual, usual_gif = (best(partial(way, panels, points[0])) for way in (_savefig, _savefig_and_gif))
        yield Row(f"a frame drawn, {n} panel(s), against scatter + savefig", draw_ms, usual, usual / draw_ms, "ms")
        ours = draw_ms + encode_ms
        yield Row(
            f"a frame in a GIF, {n} panel(s), against savefig and Pillow", ours, usual_gif, usual_gif / ours, "ms"
        )


def _drawn(painter: animation.Painter, points: NDArray[np.float64], n: int) -> list[animation.Indices]:
    return [painter.frame([xy] * n, step) for step, xy in enumerate(points)]


def _savefig(panels: list[Panel], points: NDArray[np.float64]) -> io.BytesIO:
    """One frame the usual way: a figure, two scatters a panel, savefig."""
    file = io.BytesIO()
    with theme():
        canvas = draw(panels, "heading")
        for ax, panel in zip(canvas.axes, panels, strict=True):
            ax.scatter(panel.real[:, 0], panel.real[:, 1], s=4, c="grey", alpha=0.45)
            ax.scatter(points[:, 0], points[:, 1], s=4, c="red", alpha=0.6)
        canvas.figure.savefig(file, format="png")
    return file


def _savefig_and_gif(panels: list[Panel], points: NDArray[np.float64]) -> None:
    """The same on its way into a GIF: read back, reduced to 64 colours, encoded."""
    Image.open(_savefig(panels, points)).convert("RGB").quantize(64).save(io.BytesIO(), format="GIF")
