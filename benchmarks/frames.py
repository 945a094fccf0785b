"""What a frame of an animation costs: the same picture by matplotlib, and by writing into an index image."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.row import Row, Scale
from modescope.figures.animation import Painter, animate
from modescope.figures.canvas import Panel, draw
from modescope.figures.gif import Indices
from modescope.figures.style import theme

FRAMES, POINTS, REAL = 120, 512, 2_000
EXTENT = (-1.0, 1.0, -1.0, 1.0)
REPEATS = 5


def rows(scale: Scale) -> Iterator[Row]:
    """For one panel and five: a frame drawn, and a frame of a whole GIF with its axes; processor time."""
    rng = np.random.default_rng(0)
    frames, repeats = scale.pick(FRAMES, 4), scale.pick(REPEATS, 1)
    points, real = rng.normal(size=(frames, POINTS, 2)) / 3, rng.normal(size=(REAL, 2)) / 3
    for n in (1, 5):
        panels = [Panel(EXTENT, real, "" if n == 1 else "title")] * n
        with theme():
            painter = Painter(draw(panels, "heading"), panels)
        drawn = _least(partial(_drawn, painter, points, n), repeats) / frames
        animated = _least(partial(animate, panels, [points] * n, list(range(frames)), "heading"), repeats) / frames
        usual, usual_gif = (_least(partial(way, panels, points[0]), repeats) for way in (_savefig, _savefig_and_gif))
        yield Row(f"a frame drawn, {n} panel(s), against scatter + savefig", drawn, usual, usual / drawn, "ms")
        name = f"a frame in a GIF, {n} panel(s), against savefig and Pillow"
        yield Row(name, animated, usual_gif, usual_gif / animated, "ms")


def _least(work: Callable[[], object], repeats: int) -> float:
    """The least processor time of some repeats, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1e3 * min(times)


def _drawn(painter: Painter, points: NDArray[np.float64], n: int) -> list[Indices]:
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
